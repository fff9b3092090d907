import { counted } from '../counted.ts';
import { isJourneyPage, walkJourney } from '../driver/citizen-walker.ts';
import {
  type CommandDriver,
  type MessageName,
  type OptionalMessage,
  startCommandDriver,
} from '../driver/command-driver.ts';
import { createCommandSiteDriver, helloOf } from '../driver/command-site-driver.ts';
import { connectEmta, type EmtaControl } from '../driver/emta-control.ts';
import type { JsonObject } from '../driver/emta-wire.ts';
import { emptyJar, type Jar } from '../driver/jar.ts';
import { caFile, launch } from '../driver/launch.ts';
import { nationalForm, type Person } from '../driver/person.ts';
import { goodPassword, personalDataByName } from '../driver/registration.ts';
import { sitesApart } from '../driver/site.ts';
import { createHttpDriver, type SiteDriver, typedBy } from '../driver/site-driver.ts';
import { createUserAgent, type Trace, type UserAgent } from '../driver/user-agent.ts';
import { isConformanceError } from '../errors.ts';
import { endOf } from '../observe/reading.ts';
import { loadRelyingParty, type RelyingParty } from '../rp-file.ts';
import type { ExitCode, Io } from './io.ts';
import { openEmta } from './open-emta.ts';

/** What came of one message. */
export interface Trial {
  readonly message: MessageName;
  readonly outcome: 'right' | 'wrong' | 'not taken' | 'not tried';
  readonly what: string;
  readonly lines?: readonly string[];
}

/** What the harness does where a driver leaves a message out. */
const otherwise: Readonly<Record<OptionalMessage, string>> = {
  start_login: 'the harness opens start_url itself',
  state: 'the harness reads session_url and protected_url itself',
  logout: 'the harness uses logout_url itself',
  register: 'the harness fills in the forms itself',
  validation_code: "the code is read from Emta's outbox",
  captcha: 'the code is asked for by SMS, where the page offers that',
  sign_in: 'the harness fills in the form at registration_url itself',
};

/** A trial that a right driver passes: nothing wrong is undefined. */
type Try = () => Promise<string | undefined>;

interface Stage {
  readonly rp: RelyingParty;
  readonly driver: CommandDriver;
  readonly site: SiteDriver;
  readonly agent: UserAgent;
  readonly control: EmtaControl;
  readonly issuer: string;
}

const got = (expected: string, saw: string) => `expected ${expected}, got ${saw}`;

/** Where a start led: `undefined` when it is Emta's authorization endpoint. */
function notAtEmta(trace: Trace, issuer: string): string | undefined {
  const { ending } = trace;
  const url = ending.kind === 'held' ? ending.next.url : undefined;
  if (url?.startsWith(`${issuer}/oauth/authorize`) === true) return undefined;
  return got(`"authorization_url" to begin with ${issuer}/oauth/authorize`, url ?? endOf(trace).en);
}

/** Tries every message that the driver takes, in the order in which a citizen would need them. */
async function tryMessages({ rp, driver, site, agent, control, issuer }: Stage): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  let isBroken = false;
  const attempt = async (message: OptionalMessage, what: string, act: Try): Promise<boolean> => {
    if (!driver.messages.has(message)) {
      if (!trials.some((one) => one.message === message))
        trials.push({ message, outcome: 'not taken', what: otherwise[message] });
      return false;
    }
    if (isBroken) {
      trials.push({ message, outcome: 'not tried', what: `${what}: a message before it failed` });
      return false;
    }
    try {
      const wrong = await act();
      trials.push({ message, outcome: wrong === undefined ? 'right' : 'wrong', what: wrong ?? what });
      return wrong === undefined;
    } catch (error) {
      if (!isConformanceError(error) || error.code !== 'driver_failed') throw error;
      isBroken = true;
      trials.push({ message, outcome: 'wrong', what: error.message, lines: error.lines });
      return false;
    }
  };
  const emtaOrigin = new URL(issuer).origin;
  const stopAtEmta = { holdBefore: ({ url }: { readonly url: string }) => new URL(url).origin === emtaOrigin };
  const [person, newcomer] = await control.draw(2, { min_age: 20 });
  if (person === undefined || newcomer === undefined) return trials;
  const walk = async (jar: Jar, arrived: Trace, as: Person) =>
    isJourneyPage(arrived.page, issuer) ? walkJourney(jar, arrived, as, {}, { agent, control, issuer }) : arrived;

  const jar = emptyJar();
  const nobody: Try = async () => {
    const probe = await site.probe(jar);
    return probe.kind === 'anonymous' ? undefined : got('"signed_in" false, since nobody is', 'true');
  };
  await attempt('state', 'nobody is signed in, in an empty jar', nobody);
  await attempt('start_login', 'sends the browser to Emta', async () =>
    notAtEmta(await site.start(emptyJar(), typedBy(person), stopAtEmta), issuer),
  );
  if (!isBroken) {
    const ended = await walk(jar, await site.start(jar, typedBy(person)), person);
    await attempt('state', 'tells who is signed in after a login', async () => {
      const probe = await site.probe(jar);
      if (probe.kind !== 'in')
        return got('"signed_in" true after a login', `false; the login ended at ${endOf(ended)}`);
      return probe.value === undefined ? got('"account", a value of this account', 'none') : undefined;
    });
  }
  await attempt('logout', 'answers', async () => void (await site.logout(jar)));
  if (driver.messages.has('logout')) await attempt('state', 'nobody is signed in after a logout', nobody);
  await tryRegistration(newcomer, { rp, driver, site, attempt, walk, stopAtEmta, issuer });
  return trials;
}

interface RegistrationStage extends Pick<Stage, 'rp' | 'driver' | 'site' | 'issuer'> {
  readonly attempt: (message: OptionalMessage, what: string, act: Try) => Promise<boolean>;
  readonly walk: (jar: Jar, arrived: Trace, as: Person) => Promise<Trace>;
  readonly stopAtEmta: { readonly holdBefore: (next: { readonly url: string }) => boolean };
}

async function tryRegistration(person: Person, stage: RegistrationStage): Promise<void> {
  const { rp, driver, site, attempt, walk, stopAtEmta, issuer } = stage;
  const { hands = {} } = site;
  const isTaken = driver.messages.has('register') || driver.messages.has('sign_in');
  if (rp.registrationUrl === undefined && !isTaken) return;
  const jar = emptyJar();
  const known: { code?: string; captcha?: string } = {};
  const stays = async (answered: Promise<Trace> | undefined): Promise<string | undefined> => {
    const page = (await answered)?.page;
    return page === undefined || page.status >= 500 ? got('a page below status 500', String(page?.status)) : undefined;
  };
  const entered = await attempt('register', 'entry sends the browser to Emta', async () =>
    notAtEmta(await site.enterRegistration(emptyJar(), typedBy(person), stopAtEmta), issuer),
  );
  if (entered) {
    await walk(jar, await site.enterRegistration(jar, typedBy(person)), person);
    await attempt('register', 'personal_data is answered with a page', () =>
      stays(hands.register?.(jar, 'personal_data', personalDataByName())),
    );
  }
  await attempt('validation_code', 'tells the code, or null', async () => {
    const code = await hands.validationCode?.(jar, nationalForm(person.mobile));
    if (code !== undefined) known.code = code;
    return undefined;
  });
  if (entered && known.code !== undefined) {
    const { code } = known;
    await attempt('register', 'validation_code is answered with a page', () =>
      stays(hands.register?.(jar, 'validation_code', { code })),
    );
  }
  await attempt('captcha', 'tells the security code, or null', async () => {
    const captcha = await hands.captcha?.(jar);
    if (captcha !== undefined) known.captcha = captcha;
    return entered && known.code !== undefined && captcha === undefined
      ? got('the code of the page that stands there', 'null')
      : undefined;
  });
  if (entered && known.captcha !== undefined) {
    const { captcha } = known;
    await attempt('register', 'confirm is answered with a page', () =>
      stays(hands.register?.(jar, 'confirm', { captcha })),
    );
  }
  const isRegistered = entered && known.captcha !== undefined;
  const other = emptyJar();
  await attempt('sign_in', 'is answered with a page', () =>
    stays(hands.signIn?.(other, person.nationalCode, goodPassword)),
  );
  if (isRegistered && driver.messages.has('sign_in')) {
    await attempt('state', 'tells who is signed in by password after a registration', async () =>
      (await site.probe(other)).kind === 'in' ? undefined : got('"signed_in" true', 'false'),
    );
  }
}

const signs = { right: 'right    ', wrong: 'wrong    ', 'not taken': 'not taken', 'not tried': 'not tried' } as const;

function tell(trials: readonly Trial[], io: Io): ExitCode {
  for (const { message, outcome, what, lines = [] } of trials) {
    io.out(`  ${signs[outcome]}  ${message.padEnd(15)}  ${what}\n`);
    for (const line of lines) io.out(`${' '.repeat(30)}${line}\n`);
  }
  const wrong = trials.filter(({ outcome }) => outcome === 'wrong').length;
  const right = trials.filter(({ outcome }) => outcome === 'right').length;
  io.out(wrong === 0 ? `all ${right} answers are right\n` : counted`${right} answer(s) right, ${wrong} wrong\n`);
  return wrong === 0 ? 0 : 2;
}

/** Tries every message of the driver that a file names, and says what is right and what is wrong. */
export async function checkCommandDriver(
  file: string,
  options: { readonly emta: string | undefined },
  io: Io,
): Promise<ExitCode> {
  const declared = loadRelyingParty(file);
  const emta = await openEmta(options.emta, declared, io);
  const control = connectEmta(emta.issuer, io.controlToken === undefined ? {} : { token: io.controlToken });
  const closing: (() => Promise<unknown>)[] = [async () => control.close(), () => emta.close()];
  try {
    const { issuer } = await control.describe();
    const hosts = [declared.start.url, declared.protectedUrl, ...declared.client.redirect_uris, issuer];
    const agent = createUserAgent({
      sites: sitesApart([new URL(issuer).origin]),
      locale: declared.locale,
      now: io.now,
      hosts: new Set(hosts.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname)),
    });
    const values = {
      issuer,
      client_id: declared.client.client_id,
      client_secret: declared.client.client_secret ?? '',
      ca_file: caFile(),
    };
    let rp = declared;
    const register = ({ client }: RelyingParty) => control.putClient(JSON.parse(JSON.stringify(client)) as JsonObject);
    const isThere = async (url: string) =>
      (await agent.visit(emptyJar(), { method: 'GET', url }, { milliseconds: 1000 })).ending.kind === 'page';
    if (declared.launch !== undefined && (declared.usesPort || !(await isThere(declared.launch.readyUrl)))) {
      // some sites want to be known when they start; the port of others is not known before
      if (!declared.usesPort) await register(declared);
      const launched = await launch(declared, values, { agent, wait: io.pause });
      closing.unshift(launched.stop);
      ({ rp } = launched);
    }
    await register(rp);
    const command = rp.driver.kind === 'command' ? rp.driver.command : [];
    const driver = await startCommandDriver({ command, cwd: rp.folder, env: io.env, hello: helloOf(rp, issuer) });
    closing.unshift(driver.stop);
    const http = createHttpDriver(rp, agent, new URL(issuer).origin);
    const site = createCommandSiteDriver(rp, driver, http, agent);
    io.out(`${driver.name}: ${command.join(' ')}\n`);
    const hello: Trial = { message: 'hello', outcome: 'right', what: `takes ${[...driver.messages].join(', ')}` };
    const trials = await tryMessages({ rp, driver, site, agent, control, issuer });
    const farewell = await driver.stop();
    const stop: Trial =
      farewell === undefined
        ? { message: 'stop', outcome: 'right', what: 'answers, and the process ends' }
        : { message: 'stop', outcome: 'wrong', what: farewell.message, lines: farewell.lines };
    return tell([hello, ...trials, stop], io);
  } finally {
    for (const close of closing) await close();
  }
}
