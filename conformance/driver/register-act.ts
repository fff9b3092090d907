import type { RelyingParty } from '../rp-file.ts';
import type { Role, Step } from '../scenarios/scenario.ts';
import { told } from '../told.ts';
import type { EmtaControl } from './emta-control.ts';
import type { Jar } from './jar.ts';
import type { Page } from './page.ts';
import { nationalForm, type Person } from './person.ts';
import {
  captchaBySms,
  codeIn,
  goodPassword,
  personalData,
  personalDataByName,
  signInForm,
  typeCode,
} from './registration.ts';
import type { Hands } from './site-driver.ts';
import { Stopped } from './stopped.ts';
import type { Trace, UserAgent } from './user-agent.ts';

type RegistrationStep = Extract<Step, { do: 'register' }>;

/** What a case remembers of its steps, by label; acts of a registration read it and add to it. */
export interface RegistrationMemory {
  readonly traces: Record<string, Trace>;
  readonly posted: Record<string, Readonly<Record<string, string>>>;
  readonly codes: Map<string, string>;
  /** How the code of a page is sent, by the label of the step that led to the page. */
  readonly sent: Map<string, (jar: Jar) => Promise<Trace>>;
}

/** Whom an act of a registration concerns, and with what it is done. */
export interface RegistrationDesk {
  readonly agent: UserAgent;
  readonly control: EmtaControl;
  readonly emtaOrigin: string;
  readonly rp: RelyingParty;
  readonly hands: Hands;
  readonly memory: RegistrationMemory;
  readonly jar: Jar;
  readonly person: Person;
  /** Somebody else of the case, where another one's values are posted. */
  readonly personOf: (role: Role) => Person;
}

/** Does one act of a registration on the last page of another step. */
export async function actOnRegistration(step: RegistrationStep, desk: RegistrationDesk): Promise<void> {
  const { memory, jar } = desk;
  if (step.act === 'sign-in') {
    memory.traces[step.label] = await signIn(step.password ?? goodPassword, desk);
    return;
  }
  const first = memory.traces[step.of]?.page;
  if (first === undefined) throw new Stopped(told`the step "${step.of}" left no page`);
  if (step.act === 'personal-data') {
    memory.traces[step.label] = await givePersonalData(step, first, desk);
    return;
  }
  const code = await codeFor(step, first, desk);
  // asking for a code by SMS led to a page of its own
  const send = sending(memory.traces[step.of]?.page ?? first, step.act, code, desk);
  memory.sent.set(step.of, send);
  if (step.act === 'confirm' && step.twice === true) {
    const [one, two] = await Promise.all([send(jar), send(jar)]);
    memory.traces[step.label] = one;
    memory.traces[`${step.label}.twin`] = two;
    return;
  }
  memory.traces[step.label] = await send(jar);
}

async function signIn(
  password: string,
  { agent, rp, hands, emtaOrigin, jar, person }: RegistrationDesk,
): Promise<Trace> {
  if (hands.signIn !== undefined) return hands.signIn(jar, person.nationalCode, password);
  const entry = await agent.visit(
    jar,
    { method: 'GET', url: rp.registrationUrl ?? rp.start.url },
    { holdBefore: ({ url }) => new URL(url).origin === emtaOrigin },
  );
  const request = signInForm(entry.page, person, password);
  if (request === undefined) throw new Stopped(told`no box to sign in with user code and password at registration_url`);
  return agent.visit(jar, request, { from: entry.page?.url ?? rp.start.url, cause: 'form' });
}

async function givePersonalData(
  step: Extract<RegistrationStep, { act: 'personal-data' }>,
  page: Page,
  { agent, rp, hands, memory, jar, personOf }: RegistrationDesk,
): Promise<Trace> {
  const wish = {
    ...(step.password === undefined ? {} : { password: step.password }),
    ...(step.without === undefined ? {} : { without: step.without }),
    ...(step.identity === undefined ? {} : { identity: personOf(step.identity) }),
  };
  if (hands.register !== undefined) {
    const fields = personalDataByName(wish);
    memory.posted[step.label] = fields;
    return hands.register(jar, 'personal_data', fields);
  }
  const data = personalData(page, rp, wish);
  if ('missing' in data) throw new Stopped(told`no field "${data.missing}" on ${page.url}`);
  memory.posted[step.label] = data.values;
  return agent.visit(jar, data.request, { from: page.url, cause: 'form' });
}

/** The code to type: the right one, one like it that is wrong, or that of another step. */
async function codeFor(
  step: Extract<RegistrationStep, { act: 'validation-code' | 'confirm' }>,
  page: Page,
  desk: RegistrationDesk,
): Promise<string> {
  const { codes } = desk.memory;
  if (step.code === 'none') return '';
  if (typeof step.code === 'object') {
    const known = codes.get(step.code.of);
    if (known === undefined) throw new Stopped(told`no code is known of the step "${step.code.of}"`);
    return known;
  }
  const right = step.act === 'validation-code' ? await validationCode(desk) : await captcha(step.of, page, desk);
  codes.set(step.label, right);
  return step.code === 'wrong' ? wrongLike(right) : right;
}

async function validationCode(desk: RegistrationDesk): Promise<string> {
  const { hands, jar, person } = desk;
  const code =
    (await hands.validationCode?.(jar, nationalForm(person.mobile))) ?? (await siteCode(desk, new Set<string>()));
  if (code === undefined)
    throw new Stopped(
      told`«کد اعتبارسنجی» cannot be read: the site does not use Emta's outbox as its SMS gateway, and no driver tells it`,
    );
  return code;
}

async function captcha(of: string, page: Page, desk: RegistrationDesk): Promise<string> {
  const { agent, control, hands, memory, jar, person } = desk;
  if (hands.captcha !== undefined) {
    const answer = await hands.captcha(jar);
    if (answer === undefined) throw new Stopped(told`«کد امنیتی» cannot be read: the driver does not know it`);
    return answer;
  }
  const bySms = captchaBySms(page);
  if (bySms === undefined)
    throw new Stopped(
      told`«کد امنیتی» cannot be read: the page offers no other way than the picture, and no driver tells it`,
    );
  const before = new Set((await control.messages(person.mobile)).map(({ id }) => id));
  const answered = await agent.visit(jar, bySms, { from: page.url, cause: 'form' });
  if (answered.page !== undefined) memory.traces[of] = answered;
  const code = await siteCode(desk, before);
  if (code === undefined) throw new Stopped(told`«کد امنیتی» cannot be read: no SMS came`);
  return code;
}

/** The newest code that the site itself sent since a moment; Emta is its SMS gateway, or nobody knows. */
async function siteCode(
  { control, person }: RegistrationDesk,
  known: ReadonlySet<string>,
): Promise<string | undefined> {
  const messages = await control.messages(person.mobile);
  const last = messages.findLast(({ from, id }) => from !== 'emta' && !known.has(id));
  // the code that the sender named may be a guess of Emta's at digits; the text is what the citizen reads
  return last === undefined ? undefined : (codeIn(last.text) ?? last.code);
}

const wrongLike = (code: string): string =>
  code.replace(/[0-9a-z]/gi, (one) =>
    /\d/.test(one) ? String((Number(one) + 3) % 10) : one.toLowerCase() === 'k' ? 'm' : 'k',
  );

/** How the code of a page is sent, once or again. */
function sending(
  page: Page,
  act: 'validation-code' | 'confirm',
  code: string,
  { agent, hands: { register: byHand } }: RegistrationDesk,
): (jar: Jar) => Promise<Trace> {
  if (byHand !== undefined)
    return (jar) =>
      act === 'confirm' ? byHand(jar, 'confirm', { captcha: code }) : byHand(jar, 'validation_code', { code });
  const typed = typeCode(page, act, code);
  if ('missing' in typed) throw new Stopped(told`no field "${typed.missing}" on ${page.url}`);
  return (jar) => agent.visit(jar, typed.request, { from: page.url, cause: 'form' });
}
