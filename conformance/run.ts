import { setTimeout as sleep } from 'node:timers/promises';
import { calibrate, pageForProbe } from './calibration.ts';
import type { Row } from './catalogue.ts';
import { chosenRows } from './choose-rows.ts';
import { systemClock } from './clock.ts';
import { controlLogin, createControlKeeper } from './control.ts';
import { seededChance } from './driver/chance.ts';
import { connectEmta } from './driver/emta-control.ts';
import { createExchangeLog } from './driver/exchange-log.ts';
import { type Accounts, runCase, type Tools } from './driver/interpreter.ts';
import { emptyJar } from './driver/jar.ts';
import { caFile, environment } from './driver/launch.ts';
import { servesBesideOpen } from './driver/open-connections.ts';
import { type OpenDriver, openDriver } from './driver/open-driver.ts';
import { mayRun } from './driver/opt-in.ts';
import { createPeoplePool, type PeoplePool } from './driver/people-pool.ts';
import type { Person } from './driver/person.ts';
import { sitesApart } from './driver/site.ts';
import { openTrap } from './driver/trap.ts';
import { createUserAgent, type UserAgentOptions } from './driver/user-agent.ts';
import type { OpenRun, Run, RunOptions } from './engine.ts';
import { ConformanceError, isConformanceError } from './errors.ts';
import type { JournalEnd, RunFacts, Spent } from './facts.ts';
import { notRun } from './judge/judge.ts';
import { nameless } from './observe/nameless.ts';
import { isAlike } from './observe/reading.ts';
import type { Setting } from './observe/seen.ts';
import type { RelyingParty } from './rp-file.ts';
import { type Apart, openApart, takesIssuer } from './run/apart.ts';
import { attend } from './run/attend.ts';
import { runOfNothing } from './run/nothing.ts';
import { type Consent, consentSought, type Job, neededFaults, notAgreed, originsOf, planRows } from './run/plan.ts';
import { createRegistration } from './run/registration.ts';
import { isSound, reachedEmta, settingBy } from './run/setting.ts';
import { type Standing, standUp } from './run/standing.ts';
import { told } from './told.ts';
import type { Face, RowVerdict } from './verdict.ts';

const CONCURRENCY = 8;
/** Windows of a browser weigh more than requests. */
const CONCURRENCY_OF_BROWSERS = 3;
/** Those of the cases that run now, in whose pictures names are blanked: a name may be a word too. */
const PEOPLE_ABOUT = 40;

interface Deferred<T> {
  readonly promise: Promise<T>;
  settle(value: T): void;
  fail(cause: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let settle: (value: T) => void = () => undefined;
  let fail: (cause: unknown) => void = () => undefined;
  const promise = new Promise<T>((good, bad) => {
    settle = good;
    fail = bad;
  });
  // a row that nobody asks for must not end the process
  promise.catch(() => undefined);
  return { promise, settle, fail };
}

/** A pool that writes down everybody it gives out. */
const noting = (pool: PeoplePool, met: Person[]): PeoplePool => ({
  ...pool,
  async take(wishes) {
    const people = await pool.take(wishes);
    met.push(...Object.values(people));
    return people;
  },
});

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** A fault of what stands beside the relying party, the driver or Emta: it ends the run and is nobody's verdict. */
const isOfSetUp = (error: unknown): boolean =>
  isConformanceError(error) && (error.code === 'driver_failed' || error.code === 'emta_unreachable');

/** Whoever has gone needs nothing put back. */
const unlessOfSetUp = (error: unknown): void => {
  if (!isOfSetUp(error)) throw error;
};

/** What ends the run, with all that the caller needs to know to mend it. */
const endedBy = (error: unknown, issuer: string): unknown =>
  isConformanceError(error) && error.code === 'emta_unreachable'
    ? new ConformanceError(error.code, `expected Emta at ${issuer} to answer until the run ends, got none any more`, {
        lines: [error.message, 'leave it running, or stop it before the start: then the run starts one of its own'],
        cause: error,
      })
    : error;

/** Certifies a relying party: every row gets its verdict once. */
export const openRun: OpenRun = async (options: RunOptions): Promise<Run> => {
  const startedAt = new Date(systemClock.now()).toISOString();
  const spent = new Map<Spent['on'], number>();
  let since = performance.now();
  /** Ends a part of the run, or one more stretch of it. */
  const spentOn = (on: Spent['on']) => {
    const now = performance.now();
    spent.set(on, (spent.get(on) ?? 0) + now - since);
    since = now;
  };
  const say = (line: string) => options.progress?.(line);
  const wait = (milliseconds: number) => sleep(milliseconds).then(() => undefined);
  const chance = seededChance(options.seed);
  const rows = chosenRows(options.profile, options.only ?? null);
  const order = chance.shuffled(rows);

  const control = connectEmta(options.emta, options.controlToken === undefined ? {} : { token: options.controlToken });
  const emta = await control.describe();
  const needed = neededFaults(rows);
  const unknown = [...needed].filter(([fault]) => !emta.faults.includes(fault));
  if (unknown.length > 0) {
    throw new ConformanceError(
      'emta_refused',
      `expected Emta to know every fault that the rows need, got none called ${unknown.map(([fault]) => `"${fault}"`).join(', ')}`,
      {
        lines: unknown.map(([fault, id]) => `"${fault}" is needed by ${id}`),
      },
    );
  }

  const emtaOrigin = new URL(emta.issuer).origin;
  const trap = await openTrap();
  const agentOptions = (rp: RelyingParty): UserAgentOptions => ({
    sites: sitesApart([emtaOrigin, trap.origin]),
    locale: rp.locale,
    now: systemClock.now,
    hosts: new Set([...originsOf(rp), emtaOrigin].map((origin) => new URL(origin).hostname)),
  });
  const values = {
    issuer: emta.issuer,
    client_id: options.rp.client.client_id,
    client_secret: options.rp.client.client_secret ?? '',
    ca_file: caFile(),
  };

  let standing: Standing | undefined;
  let driver: OpenDriver | undefined;
  let apart: Apart | undefined;
  const registration = createRegistration(control, options.rp);
  const closeAll = async () => {
    await driver?.close();
    await standing?.stop();
    await registration.leave().catch(unlessOfSetUp);
    await trap.close();
    apart?.close();
    control.close();
  };

  try {
    const stood = await standUp({
      declared: options.rp,
      values,
      ...(options.controlToken === undefined ? {} : { controlToken: options.controlToken }),
      agentOf: (of) => createUserAgent(agentOptions(of)),
      wait,
      now: systemClock.now,
      register: registration.make,
    });
    standing = stood;
    const { rp } = stood;
    /** The relying party's origin, while connections to it may stay open. */
    let openOrigin: string | undefined;
    const met: Person[] = [];
    const opened = await openDriver(rp, {
      agentOptions: { ...agentOptions(rp), keepsOpen: (origin) => origin === emtaOrigin || origin === openOrigin },
      issuer: emta.issuer,
      emtaOrigin,
      env: environment(),
      names: () =>
        met
          .slice(-PEOPLE_ABOUT)
          .flatMap(({ givenName, familyName, fatherName }) => [givenName, familyName, fatherName ?? givenName]),
    });
    driver = opened;
    const { agent } = opened;
    const log = createExchangeLog(control, new Set([rp.client.client_id]));
    await log.sync();
    const avoided: string[] = [];
    const pool = noting(createPeoplePool(control, options.seed, systemClock.now, avoided), met);
    const site = await opened.siteOf(rp);
    const owners = new Map<string, Person>();
    const accounts: Accounts = {
      owner: (value) => owners.get(value),
      learn: (value, person) => void owners.set(value, person),
    };
    const origins = originsOf(rp);

    const blank: Setting = {
      rp,
      profile: options.profile,
      issuer: emta.issuer,
      emtaOrigin,
      origins,
      trapOrigin: trap.origin,
      canBeCopied: rp.launch !== undefined && options.rp.usesPort,
      capabilities: [],
      anonymous: null,
      signedIn: null,
      refused: null,
      channels: new Set(),
      returnParameters: [],
      calibrationNeedles: [],
    };
    const toolsWith = (setting: Setting): Tools => ({
      setting,
      agent,
      site,
      control,
      log,
      trap,
      accounts,
      wait,
      now: systemClock.now,
    });

    const sought = consentSought(rp);
    const answered = await agent.visit(emptyJar(), { method: 'GET', url: sought.url }, { milliseconds: 5000 });
    const status = answered.page?.status ?? 0;
    const hasToken = status === 200 && answered.page?.body.trim() === sought.token;
    const consent: Consent = { ...sought, status, hasToken };
    const factsOf = (face: Face, journal: readonly JournalEnd[]) => ({
      emta: {
        issuer: emta.issuer,
        version: emta.version,
        relaxed: emta.relaxed,
        carrier: emta.carrier,
        started_for_run: options.emtaIsOurs === true,
        journal,
      },
      seed: options.seed,
      face,
      driver: rp.driver.kind,
      startedAt,
      finishedAt: new Date(systemClock.now()).toISOString(),
      spent: [...spent].map(([on, milliseconds]) => ({ on, milliseconds: Math.round(milliseconds) })),
      waitsLeftOut: options.skipWaits === true,
    });
    spentOn('start');
    if (!rows.some((row) => mayRun(row, consent.host, hasToken))) {
      const journal = await control.journalEnds();
      await closeAll();
      const face: Face = rp.client.scope.split(' ').includes('openid') ? 'oidc' : 'resources';
      return runOfNothing(rows, notAgreed(consent), { face, profile: options.profile }, factsOf(face, journal));
    }
    const isRoomy = await servesBesideOpen(sought.url, agentOptions(rp));
    say('calibrating');
    const once = () => calibrate(toolsWith(blank), pool, chance.mark(10));
    let calibration = await once();
    // one login that went wrong on a busy machine must not decide over a whole run
    if (reachedEmta(calibration) && !isSound(calibration, blank)) calibration = await once();
    const [knock] = calibration.seen.traces.first?.hops ?? [];
    const ending = calibration.seen.traces.first?.ending;
    if (knock?.status === 0 && ending?.kind === 'broken' && ending.code === 'ECONNREFUSED') {
      throw new ConformanceError(
        'rp_unreachable',
        `expected the relying party to answer at ${rp.start.url}, got a closed port`,
        {
          lines: [
            `start it with issuer ${emta.issuer}, client_id ${values.client_id} and its secret; discovery: ${emta.issuer}/.well-known/openid-configuration`,
          ],
        },
      );
    }
    const { face, setting } = settingBy(calibration, blank);
    const tools = toolsWith(setting);
    const { anonymous, signedIn } = calibration.fingerprints;
    if (
      rp.session === undefined &&
      calibration.leftMark &&
      anonymous !== null &&
      signedIn !== null &&
      isAlike(anonymous, signedIn)
    ) {
      throw new ConformanceError(
        'nothing_to_tell_apart',
        `expected ${rp.protectedUrl} to look different to somebody signed in, got the same page as for an anonymous visitor`,
        {
          lines: [
            `name a "session_url" in the file, an address that answers who is signed in, for example { "url": "${new URL('/api/me', rp.protectedUrl).href}", "signed_in": "json:$.id" }, or a "protected_url" that shows something personal`,
            ...(calibration.seen.looks.anonymous?.page.page?.isShell === true
              ? ['the page draws itself by script: with "driver": "browser" the harness sees what a citizen sees']
              : []),
          ],
        },
      );
    }

    const probedPage = pageForProbe(calibration);
    if (rp.session !== undefined && probedPage) {
      throw new ConformanceError(
        'nothing_to_tell_apart',
        `expected ${rp.session.url} to answer with JSON to somebody signed in, got a page`,
        {
          lines: [
            `name another "session_url" in the file, say where the page tells accounts apart, for example { "url": "${rp.session.url}", "signed_in": "css:#account-number" }, or leave "session_url" out`,
          ],
        },
      );
    }

    const context = { face, profile: options.profile };
    const verdicts = new Map<string, Deferred<RowVerdict>>(rows.map(({ id }) => [id, deferred<RowVerdict>()]));
    const defects: string[] = [];
    const contradictions = new Map(
      setting.capabilities.flatMap(({ contradiction }) =>
        contradiction === null ? [] : [[contradiction.en, contradiction] as const],
      ),
    );
    const settled = (row: Row, verdict: RowVerdict) => {
      const waiting = verdicts.get(row.id);
      // a row that runs only for what another reads of it
      if (waiting === undefined) return;
      waiting.settle(nameless(verdict, met));
      say(`${row.id} ${verdict.verdict}`);
    };

    const plan = planRows(order, { setting, calibration, consent, context, skipWaits: options.skipWaits === true });
    for (const [row, verdict] of plan.settled) settled(row, verdict);

    const relaunch = stood.copies(opened.siteOf);
    const markOf = ({ row }: Job) => `${row.id.toLowerCase()}${chance.mark(10)}`;
    if (takesIssuer(options.rp) && setting.canBeCopied)
      apart = openApart({
        name: `copies-${chance.mark(10)}`,
        ...(options.controlToken === undefined ? {} : { controlToken: options.controlToken }),
        tools,
        standing: stood,
        siteOf: opened.siteOf,
        markOf,
        poolOf: (theirs) => noting(createPeoplePool(theirs, `${options.seed}.apart`, systemClock.now, avoided), met),
      });
    const watch = async (job: Job, isAlone: boolean) => {
      const { kase } = job;
      const people = await pool.take(kase.people);
      const mark = markOf(job);
      // what comes of a case alone comes of no connection that others left open
      openOrigin = isRoomy && !isAlone ? new URL(sought.url).origin : undefined;
      return runCase(kase, people, mark, isAlone, relaunch === undefined ? tools : { ...tools, relaunch });
    };
    /** What ended the run before its end, because of what stands beside the relying party. */
    let fault: unknown;
    const end = (error: unknown) => {
      for (const one of verdicts.values()) one.fail(error);
    };
    const stopFor = (error: unknown): 'end' => {
      fault ??= endedBy(error, emta.issuer);
      end(fault);
      return 'end';
    };
    const broken = ({ row, kase }: Job, error: unknown): 'go-on' | 'end' => {
      if (isOfSetUp(error)) return stopFor(error);
      const message = messageOf(error);
      defects.push(`${row.id} ${kase.label}: ${message}`);
      say(
        `defect in ${row.id}: ${typeof error === 'object' && error !== null && 'stack' in error ? error.stack : message}`,
      );
      settled(row, notRun(row, 'inconclusive', told`defect of the harness: ${message}`, context));
      return 'go-on';
    };
    spentOn('calibration');
    const running = attend({
      jobs: plan.jobs,
      context,
      concurrency: options.concurrency ?? (rp.driver.kind === 'browser' ? CONCURRENCY_OF_BROWSERS : CONCURRENCY),
      copiesBeside: setting.canBeCopied,
      keeper: createControlKeeper({ login: () => controlLogin(tools, pool), wait, batch: 16, patience: 1200 }),
      watch,
      ...(apart === undefined ? {} : { watchApart: apart.watch }),
      revive: stood.revive,
      wait,
      settled,
      contradicted: (about) => contradictions.set(about.en, about),
      spentOn,
      broken,
    }).catch((error: unknown) => {
      if (isOfSetUp(error)) return void stopFor(error);
      defects.push(messageOf(error));
      end(error);
    });

    return {
      rows,
      verdictOf(id) {
        const verdict = verdicts.get(id);
        if (verdict === undefined) throw new ConformanceError('unknown_row', `expected a row of this run, got "${id}"`);
        return verdict.promise;
      },
      async close(): Promise<RunFacts> {
        await running;
        let journal: readonly JournalEnd[] = [];
        try {
          await registration.check(emta.issuer);
          journal = [...(await control.journalEnds()), ...((await apart?.journalEnds()) ?? [])];
        } catch (error) {
          fault ??= endedBy(error, emta.issuer);
        }
        await closeAll();
        if (fault !== undefined) throw fault;
        return {
          ...factsOf(face, journal),
          order: order.map(({ id }) => id),
          capabilities: setting.capabilities,
          contradictions: [...contradictions.values()],
          defects,
          fingerprints: calibration.fingerprints,
        };
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
};
