import { setTimeout as sleep } from 'node:timers/promises';
import { type Calibration, calibrate } from './calibration.ts';
import { applicability, settleCapabilities } from './capabilities.ts';
import type { Row } from './catalogue.ts';
import { chosenRows } from './choose-rows.ts';
import { systemClock } from './clock.ts';
import { type ControlResult, controlLogin, createControlKeeper } from './control.ts';
import { seededChance } from './driver/chance.ts';
import { connectEmta } from './driver/emta-control.ts';
import type { JsonObject } from './driver/emta-wire.ts';
import { createExchangeLog } from './driver/exchange-log.ts';
import { openImpostor } from './driver/impostor.ts';
import { type Accounts, runCase, type Tools } from './driver/interpreter.ts';
import { emptyJar } from './driver/jar.ts';
import { caFile, environment, type Launched, launch } from './driver/launch.ts';
import { type OpenDriver, openDriver } from './driver/open-driver.ts';
import { consentToken, mayRun } from './driver/opt-in.ts';
import { createPeoplePool, type PeoplePool } from './driver/people-pool.ts';
import type { Person } from './driver/person.ts';
import { isLoopback, sitesApart } from './driver/site.ts';
import { openTrap } from './driver/trap.ts';
import { createUserAgent, type Trace, type UserAgentOptions } from './driver/user-agent.ts';
import type { OpenRun, Run, RunOptions } from './engine.ts';
import { ConformanceError, isConformanceError } from './errors.ts';
import type { RunFacts, Spent } from './facts.ts';
import { isSoft, type JudgedCase, judgeCase, judgeRow, notRun } from './judge/judge.ts';
import { methodsOf } from './judge/matchers/request.ts';
import { evidenceOf } from './observe/evidence.ts';
import { isAlike } from './observe/reading.ts';
import type { Seen, Setting } from './observe/seen.ts';
import { fillPlaceholders, type RelyingParty } from './rp-file.ts';
import { scenarios } from './scenarios/index.ts';
import type { Case, Scenario } from './scenarios/scenario.ts';
import { listed, type Told, told, verbatim } from './told.ts';
import type { CaseEvidence, Control, Face, RowVerdict } from './verdict.ts';

const CONCURRENCY = 8;
/** Windows of a browser weigh more than requests. */
const CONCURRENCY_OF_BROWSERS = 3;
/** Characters of an answer that are worth telling in a sentence. */
const LONGEST_ANSWER = 120;
/** Three names each of the last forty citizens. */
const NAMES_ABOUT = 120;
/** Rows whose cases feed L02, where none of groups C to M was chosen. */
const feeders = ['C01', 'C15', 'C17', 'G01', 'G02', 'G03', 'G09', 'H04', 'H20', 'M01'];

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

const originsOf = (rp: RelyingParty): readonly string[] => [
  ...new Set(
    [
      rp.start.url,
      rp.protectedUrl,
      rp.session?.url,
      rp.logout?.url,
      rp.registrationUrl,
      rp.mobileStatus?.url,
      ...rp.client.redirect_uris,
    ].flatMap((url) => (url === undefined || !URL.canParse(url) ? [] : [new URL(url).origin])),
  ),
];

/** The faults that chosen scenarios arm, each with a row that needs it. */
function neededFaults(chosen: readonly Scenario[]): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  const collect = (id: string, steps: Case['drive']): void => {
    for (const step of steps) {
      if (step.do === 'arm') needed.set(step.fault, id);
      if (step.do === 'together') for (const branch of step.branches) collect(id, branch);
    }
  };
  for (const { id, cases } of chosen) for (const { drive } of cases) collect(id, drive);
  return needed;
}

const isFitting = (kase: Case, setting: Setting): boolean => {
  if (!applicability(kase.when ?? null, setting.capabilities, setting.rp.present).applies) return false;
  switch (kase.onlyIf) {
    case 'has-second-redirect-uri':
      return setting.rp.client.redirect_uris.length > 1;
    case 'has-secret':
      return setting.rp.client.client_secret !== undefined;
    case 'has-probe':
      return setting.rp.session !== undefined;
    case 'issuer-is-https':
      return setting.issuer.startsWith('https:');
    case 'issuer-is-http':
      return setting.issuer.startsWith('http:');
    case 'can-be-copied':
      return setting.canBeCopied;
    case 'cannot-be-copied':
      return !setting.canBeCopied;
    default:
      return true;
  }
};

const unfit = {
  'has-second-redirect-uri': told`the client registered one redirect URI`,
  'has-secret': told`the client has no secret`,
  'has-probe': told`the file has no "${'session_url'}"`,
  'issuer-is-https': told`the issuer is not https`,
  'issuer-is-http': told`the issuer is https`,
  'can-be-copied': told`no copy can run beside the relying party`,
  'cannot-be-copied': told`a copy can run beside the relying party`,
} as const;
const whyUnfit = ({ cases }: Scenario): Told => {
  const reasons = cases.flatMap(({ onlyIf, when }) =>
    onlyIf !== undefined ? [unfit[onlyIf]] : when !== undefined ? [told`its cases apply when ${when}`] : [],
  );
  return listed([...new Map(reasons.map((reason) => [reason.en, reason])).values()], 'semicolon');
};

/** What its profile says a relying party sends is tested although it was not seen to send it: E10 and E11 ask for that. */
function withoutDenied(
  observed: Calibration['observed'],
  declared: RelyingParty['capabilities'],
): Calibration['observed'] {
  const denied = (['max_age', 'acr_values'] as const).filter(
    (name) => declared[name] === true && observed[name] === false,
  );
  return Object.fromEntries(Object.entries(observed).filter(([name]) => !denied.some((one) => one === name)));
}

/** A pool that writes down the names of everybody it gives out. */
const noting = (pool: PeoplePool, names: string[]): PeoplePool => ({
  ...pool,
  async take(wishes) {
    const people = await pool.take(wishes);
    for (const { givenName, familyName, fatherName } of Object.values(people))
      for (const name of [givenName, familyName, fatherName]) if (name !== undefined) names.push(name);
    return people;
  },
});

/** A fault of what stands beside the relying party, the driver or Emta: it ends the run and is nobody's verdict. */
const isOfSetUp = (error: unknown): boolean =>
  isConformanceError(error) && (error.code === 'driver_failed' || error.code === 'emta_unreachable');

/** What ends the run, with all that the caller needs to know to mend it. */
const endedBy = (error: unknown, issuer: string): unknown =>
  isConformanceError(error) && error.code === 'emta_unreachable'
    ? new ConformanceError(error.code, `expected Emta at ${issuer} to answer until the run ends, got none any more`, {
        lines: [error.message, 'leave it running, or stop it before the start: then the run starts one of its own'],
        cause: error,
      })
    : error;

/** Whether something of the relying party went unanswered in a case. */
const hadSilence = (seen: Seen): boolean => {
  const traces = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)];
  const isMute = ({ kind }: Trace['ending']) => kind === 'silence' || kind === 'broken';
  return (
    traces.some(({ ending }) => isMute(ending)) ||
    Object.values(seen.looks).some(({ probe }) => probe.kind === 'unclear')
  );
};

/** A case on its way through the run. */
interface Job {
  readonly row: Row;
  readonly scenario: Scenario;
  readonly kase: Case;
}

/** Certifies a relying party: every row gets its verdict once. */
export const openRun: OpenRun = async (options: RunOptions): Promise<Run> => {
  const startedAt = new Date(systemClock.now()).toISOString();
  const spent: Spent[] = [];
  let since = performance.now();
  /** Ends a part of the run. */
  const spentOn = (on: Spent['on']) => {
    const now = performance.now();
    spent.push({ on, milliseconds: Math.round(now - since) });
    since = now;
  };
  const say = (line: string) => options.progress?.(line);
  const wait = (milliseconds: number) => sleep(milliseconds).then(() => undefined);
  const chance = seededChance(options.seed);
  const rows = chosenRows(options.profile, options.only ?? null);
  const known = new Map(scenarios.map((scenario) => [scenario.id, scenario]));
  const order = chance.shuffled(rows);

  const control = connectEmta(options.emta, options.controlToken === undefined ? {} : { token: options.controlToken });
  const emta = await control.describe();
  const needed = neededFaults(rows.flatMap(({ id }) => known.get(id) ?? []));
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

  let launched: Launched | undefined;
  let driver: OpenDriver | undefined;
  const closeAll = async () => {
    await driver?.close();
    await launched?.stop();
    await trap.close();
    control.close();
  };

  try {
    let { rp } = options;
    const register = async (metadata: RelyingParty['client']) => {
      await control.putClient(JSON.parse(JSON.stringify(metadata)) as JsonObject);
    };
    if (rp.launch !== undefined) {
      const isThere =
        !rp.usesPort &&
        (
          await createUserAgent(agentOptions(rp)).visit(
            emptyJar(),
            { method: 'GET', url: rp.launch.readyUrl },
            { milliseconds: 1000 },
          )
        ).ending.kind === 'page';
      if (!isThere) {
        if (!rp.usesPort) await register(rp.client);
        launched = await launch(rp, values, { agent: createUserAgent(agentOptions(rp)), wait });
        rp = launched.rp;
      }
    }
    await register(rp.client);
    const names: string[] = [];
    const opened = await openDriver(rp, {
      agentOptions: agentOptions(rp),
      issuer: emta.issuer,
      emtaOrigin,
      env: environment(),
      // those of the cases that run now: a name may be a word too
      names: () => names.slice(-NAMES_ABOUT),
    });
    driver = opened;
    const { agent } = opened;
    const plain = createUserAgent(agentOptions(rp));
    const log = createExchangeLog(control, new Set([rp.client.client_id]));
    await log.sync();
    const pool = noting(createPeoplePool(control, options.seed, systemClock.now), names);
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

    const host = new URL(rp.start.url).hostname;
    const token = consentToken(rp.client.client_id, new URL(rp.start.url).origin);
    const tokenUrl = new URL('/.well-known/emta-conformance', rp.start.url).href;
    const answered = await agent.visit(emptyJar(), { method: 'GET', url: tokenUrl }, { milliseconds: 5000 });
    const hasToken = answered.page?.status === 200 && answered.page.body.trim() === token;
    if (!rows.some((row) => mayRun(row, host, hasToken))) {
      throw new ConformanceError(
        'no_opt_in',
        `expected the owner of ${host} to have agreed to this, got no token at ${tokenUrl}`,
        {
          lines: [`to agree, answer GET ${tokenUrl} with this line: ${token}`],
        },
      );
    }
    spentOn('start');
    say('calibrating');
    const calibration: Calibration = await calibrate(toolsWith(blank), pool, chance.mark(10));
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
    const face: Face =
      calibration.observed.oidc === false ||
      (calibration.observed.oidc === undefined && !rp.client.scope.split(' ').includes('openid'))
        ? 'resources'
        : 'oidc';
    const declared = { ...rp.capabilities, ...(rp.registrationUrl === undefined ? {} : { registration: true }) };
    const typedForms = JSON.stringify(rp.start.form);
    const capabilities = settleCapabilities(
      declared,
      {
        ...withoutDenied(calibration.observed, rp.capabilities),
        ...(typedForms.includes('${mobile}') ? { asks_mobile: true } : {}),
        ...(typedForms.includes('${national_code}') ? { asks_national_code: true } : {}),
      },
      face,
    );
    const setting: Setting = {
      ...blank,
      capabilities,
      anonymous: calibration.fingerprints.anonymous,
      signedIn: calibration.fingerprints.signedIn,
      refused: calibration.fingerprints.refused,
      channels: calibration.channels,
      returnParameters: calibration.returnParameters,
      calibrationNeedles: Object.values(calibration.seen.needles).flat(),
    };
    const tools = toolsWith(setting);
    const calibrated: Seen = { ...calibration.seen, setting };
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
          lines: ['name a "session_url" in the file, or a "protected_url" that shows something personal'],
        },
      );
    }

    const context = { face, profile: options.profile };
    const verdicts = new Map<string, Deferred<RowVerdict>>(rows.map(({ id }) => [id, deferred<RowVerdict>()]));
    const defects: string[] = [];
    const contradictions = new Map(
      capabilities.flatMap(({ contradiction }) =>
        contradiction === null ? [] : [[contradiction.en, contradiction] as const],
      ),
    );
    const settled = (row: Row, verdict: RowVerdict) => {
      verdicts.get(row.id)?.settle(verdict);
      say(`${row.id} ${verdict.verdict}`);
    };

    const judgeCalibrated = (scenario: Scenario, row: Row): RowVerdict => {
      const judged = scenario.cases.map((kase) =>
        judgeCase(row, { kase, seen: calibrated, controls: { before: 'not-needed', after: 'not-needed' } }),
      );
      return judgeRow(row, scenario, judged, { ...context, evidence: [evidenceOf('calibration', calibrated)] });
    };
    const rowOf = (id: string) => rows.find((row) => row.id === id);
    const calibrationVerdict = (id: string): RowVerdict['verdict'] | undefined => {
      const scenario = known.get(id);
      const row = rowOf(id) ?? chosenRows('audit', [id])[0];
      return scenario === undefined || row === undefined ? undefined : judgeCalibrated(scenario, row).verdict;
    };
    const isPlugged = calibrationVerdict('A01') !== 'fail';
    const canSignIn = isPlugged && calibration.leftMark;

    const jobs: Job[] = [];
    const gathered: Seen[] = [];
    for (const row of order) {
      const scenario = known.get(row.id);
      const { applies, because } = applicability(row.applies_when, capabilities, rp.present);
      if (scenario === undefined)
        settled(row, notRun(row, 'inconclusive', told`this version of the harness does not run the row yet`, context));
      else if (row.id === 'A01') settled(row, judgeCalibrated(scenario, row));
      else if (!isPlugged)
        settled(row, notRun(row, 'inconclusive', told`A01 failed: the browser was never sent to Emta`, context));
      else if (row.id === 'A06')
        settled(
          row,
          consentVerdict(
            row,
            {
              isLoop: isLoopback(host),
              hasToken,
              token,
              url: answered.hops[0]?.url ?? '',
              status: answered.page?.status ?? 0,
            },
            context,
          ),
        );
      else if (!mayRun(row, host, hasToken))
        settled(
          row,
          notRun(
            row,
            'inconclusive',
            told`the owner of ${host} has not agreed: expected "${token}" at /.well-known/emta-conformance`,
            context,
          ),
        );
      else if (!applies) settled(row, notRun(row, 'not-applicable', because, context));
      else if (scenario.runs === 'calibration') settled(row, judgeCalibrated(scenario, row));
      else if (!canSignIn) settled(row, notRun(row, 'inconclusive', whyNoLogin(calibrated), context));
      else if (scenario.runs === 'slow' && options.skipWaits === true)
        settled(row, notRun(row, 'inconclusive', told`waits of more than a minute were left out`, context));
      else {
        const fitting = scenario.cases.filter((kase) => isFitting(kase, setting));
        if (fitting.length === 0) settled(row, notRun(row, 'not-applicable', whyUnfit(scenario), context));
        else for (const kase of fitting) jobs.push({ row, scenario, kase });
      }
    }
    // L02 reads the pages of other rows; where none was chosen, some are run for it alone
    const isGathering = jobs.some(({ scenario }) => scenario.runs === 'gathered');
    const fed = jobs.some(({ row }) => /^[C-KM]/.test(row.id));
    if (isGathering && !fed) {
      for (const row of chosenRows('audit', feeders)) {
        const scenario = known.get(row.id);
        const { applies } = applicability(row.applies_when, capabilities, rp.present);
        if (scenario !== undefined && applies && mayRun(row, host, hasToken))
          for (const kase of scenario.cases) if (isFitting(kase, setting)) jobs.push({ row, scenario, kase });
      }
    }

    const keeper = createControlKeeper({ login: () => controlLogin(tools, pool), wait, batch: 16, patience: 400 });
    const judgedCases = new Map<string, { judged: JudgedCase; evidence: CaseEvidence; milliseconds: number }[]>();
    const expected = new Map<string, number>();
    for (const { row } of jobs) expected.set(row.id, (expected.get(row.id) ?? 0) + 1);
    const startCopy = async (more: {
      readonly values?: typeof values;
      readonly env?: Readonly<Record<string, string>>;
    }): Promise<Launched> => {
      // without a port of its own a copy takes the place of the relying party for as long as it runs
      if (!options.rp.usesPort) await launched?.stop();
      return launch(options.rp, more.values ?? values, {
        agent: plain,
        wait,
        ...(more.env === undefined ? {} : { env: more.env }),
      });
    };
    /** A namespace of Emta that plays the hostile issuer: it passes every login on to the honest one. */
    const openHostile = (mark: string) => {
      const issuer = `${emta.issuer}/t/hostile-${mark}`;
      const theirs = connectEmta(issuer, options.controlToken === undefined ? {} : { token: options.controlToken });
      const { client_id, client_secret = '' } = options.rp.secondIssuer?.client ?? { client_id: '' };
      return {
        env: fillPlaceholders(options.rp.secondIssuer?.env ?? {}, { ...values, issuer, client_id, client_secret }),
        async welcome(copy: RelyingParty) {
          if (copy.secondIssuer === undefined) return;
          await theirs.putClient(JSON.parse(JSON.stringify(copy.secondIssuer.client)) as JsonObject);
          const target = { authorization_endpoint: `${emta.issuer}/oauth/authorize`, client_id: rp.client.client_id };
          await theirs.arm(
            'authorization.passed_on',
            { client_id: copy.secondIssuer.client.client_id },
            { parameters: target },
          );
        },
        calls: () => theirs.exchanges({ after: 0 }),
        close: () => theirs.close(),
      };
    };
    /** Copies run side by side, and each comes back to an address of its own. */
    const knownUris = new Set(rp.client.redirect_uris);
    const relaunched: NonNullable<Tools['relaunch']> = async (how, mark) => {
      const isImpostor = how === 'untrusted' || how === 'other-name';
      const impostor = isImpostor ? await openImpostor(emta.issuer, how, systemClock.now()) : undefined;
      const hostile = how === 'second-issuer' ? openHostile(mark) : undefined;
      const copy = await startCopy({
        ...(impostor === undefined ? {} : { values: { ...values, issuer: impostor.issuer, ca_file: impostor.caFile } }),
        ...(hostile === undefined ? {} : { env: hostile.env }),
      }).catch(async (error: unknown) => {
        await impostor?.close();
        hostile?.close();
        throw error;
      });
      for (const uri of copy.rp.client.redirect_uris) knownUris.add(uri);
      await register({ ...rp.client, redirect_uris: [...knownUris] });
      await hostile?.welcome(copy.rp);
      return {
        rp: copy.rp,
        site: await opened.siteOf(copy.rp),
        origins: originsOf(copy.rp),
        ...(impostor === undefined ? {} : { issuer: impostor.issuer }),
        ...(hostile === undefined ? {} : { hostileCalls: hostile.calls }),
        async stop() {
          await copy.stop();
          await impostor?.close();
          hostile?.close();
          if (!options.rp.usesPort) launched = await launch(rp, values, { agent: plain, wait });
        },
      };
    };
    // a relying party that somebody else runs on a port of its own cannot be started a second time
    const canRelaunch = rp.launch !== undefined && (options.rp.usesPort || launched !== undefined);

    const watch = async ({ kase, row }: Job, isAlone: boolean): Promise<Seen> => {
      const people = await pool.take(kase.people);
      return runCase(
        kase,
        people,
        `${row.id.toLowerCase()}${chance.mark(10)}`,
        isAlone,
        canRelaunch ? { ...tools, relaunch: relaunched } : tools,
      );
    };
    const controlName = (result: ControlResult | undefined): Control =>
      result === undefined ? 'not-run' : result.isGood ? 'good' : 'failed';
    const finish = (job: Job, judged: JudgedCase, seen: Seen, milliseconds: number) => {
      const list = judgedCases.get(job.row.id) ?? [];
      list.push({ judged, evidence: evidenceOf(job.kase.label, seen), milliseconds });
      judgedCases.set(job.row.id, list);
      for (const { contradiction } of judged.findings) {
        if (contradiction === undefined) continue;
        const about = told`${job.row.id}: ${contradiction}`;
        contradictions.set(about.en, about);
      }
      if (/^[C-KM]/.test(job.row.id)) gathered.push(seen);
      if (list.length < (expected.get(job.row.id) ?? 0) || !rows.includes(job.row)) return;
      settled(
        job.row,
        judgeRow(
          job.row,
          job.scenario,
          list.map((one) => one.judged),
          {
            ...context,
            milliseconds: list.reduce((sum, one) => sum + one.milliseconds, 0),
            evidence: list.map((one) => one.evidence),
          },
        ),
      );
    };

    /** What ended the run before its end, because of what stands beside the relying party. */
    let fault: unknown;
    const stopFor = (error: unknown) => {
      fault ??= endedBy(error, emta.issuer);
      for (const one of verdicts.values()) one.fail(fault);
    };
    const broken = (job: Job, error: unknown) => {
      if (isOfSetUp(error)) return stopFor(error);
      const message =
        typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
      const stack = typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : '';
      defects.push(`${job.row.id} ${job.kase.label}: ${message}`);
      say(`defect in ${job.row.id}: ${stack}`);
      expected.delete(job.row.id);
      settled(job.row, notRun(job.row, 'inconclusive', told`defect of the harness: ${message}`, context));
    };

    /** Waits until the relying party signs in again, with a relaunch where the harness started it. */
    const recover = async (): Promise<ControlResult> => {
      let result = await keeper.now();
      for (const pause of [200, 1000, 3000]) {
        if (result.isGood) return result;
        if (launched !== undefined && !launched.isRunning()) {
          launched = await launch(rp, values, { agent: plain, wait });
        }
        await wait(pause);
        result = await keeper.now();
      }
      return result;
    };

    let isGivenUp = false;
    const runAlone = async (job: Job, isRepeat: boolean): Promise<void> => {
      const started = performance.now();
      // the control after the case before is the one before this case
      const latest = keeper.latest();
      const before = isGivenUp || (latest?.isGood === true && !isRepeat) ? latest : await recover();
      if (before?.isGood !== true) isGivenUp = true;
      const seen = await watch(job, true);
      const after = isGivenUp ? before : await keeper.now();
      if (after?.isGood === false && before?.isGood === true && !isRepeat) return runAlone(job, true);
      const controls = { before: controlName(before), after: controlName(after) };
      const broughtDownTwice = isRepeat && before?.isGood === true && after?.isGood === false;
      finish(
        job,
        judgeCase(job.row, { kase: job.kase, seen, controls, ...(broughtDownTwice ? { broughtDownTwice } : {}) }),
        seen,
        performance.now() - started,
      );
    };

    const again: { readonly job: Job; readonly isRepeat: boolean }[] = [];
    const runBeside = async (job: Job): Promise<{ readonly judging: Promise<void> }> => {
      const started = performance.now();
      const before = keeper.latest();
      const seen = await watch(job, false);
      const milliseconds = performance.now() - started;
      const judge = async () => {
        const after = await keeper.next();
        const controls = { before: controlName(before), after: controlName(after) };
        const judged = judgeCase(job.row, { kase: job.kase, seen, controls });
        const isDoubtful = controls.before === 'failed' || controls.after === 'failed';
        // a site that serves one request at a time may have kept this case waiting for another one's sake
        const isDisturbed = (judged.points === 'against' || judged.points === 'unclear') && hadSilence(seen);
        if (isDoubtful || isDisturbed || judged.wantsAlone)
          again.push({ job, isRepeat: before?.isGood === true && after.isGood === false });
        else finish(job, judged, seen, milliseconds);
      };
      return { judging: judge() };
    };

    const runAll = async () => {
      const inOrder = (runs: Scenario['runs']) => jobs.filter(({ scenario }) => scenario.runs === runs);
      const guarded = async (job: Job, act: () => Promise<unknown>): Promise<void> => {
        if (fault === undefined) await act().catch((error: unknown) => broken(job, error));
      };
      if (jobs.length > 0) await recover();
      for (const job of inOrder('first')) await guarded(job, () => runAlone(job, false));
      const queue = [...inOrder('beside')];
      const endings: Promise<void>[] = [];
      const worker = async () => {
        for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
          const current = job;
          await guarded(current, async () => {
            const { judging } = await runBeside(current);
            endings.push(judging.catch((error: unknown) => broken(current, error)));
          });
        }
      };
      const slow = Promise.all(
        inOrder('slow').map((job) =>
          guarded(job, async () => {
            const { judging } = await runBeside(job);
            await judging;
          }),
        ),
      );
      await Promise.all(
        Array.from(
          { length: options.concurrency ?? (rp.driver.kind === 'browser' ? CONCURRENCY_OF_BROWSERS : CONCURRENCY) },
          worker,
        ),
      );
      await Promise.all(endings);
      spentOn('beside');
      for (const { job, isRepeat } of again.splice(0)) await guarded(job, () => runAlone(job, isRepeat));
      for (const runs of ['alone', 'last'] as const)
        for (const job of inOrder(runs)) await guarded(job, () => runAlone(job, false));
      spentOn('alone');
      await slow;
      spentOn('waits');
      for (const { job, isRepeat } of again.splice(0)) await guarded(job, () => runAlone(job, isRepeat));
      // those that wait sign in meanwhile, and their fetches of the key set look like anybody's
      for (const job of inOrder('quiet')) await guarded(job, () => runAlone(job, false));
      for (const job of inOrder('gathered')) {
        const latest = controlName(keeper.latest());
        const judged = gathered.map((seen) =>
          judgeCase(job.row, {
            kase: job.kase,
            seen: { ...seen, delivered: {} },
            controls: { before: latest, after: latest },
          }),
        );
        const worst =
          judged.find(({ points }) => points === (isSoft(job.row) ? 'warn' : 'against')) ??
          judged.find(({ points }) => points === 'for') ??
          judged[0];
        if (worst === undefined)
          settled(job.row, notRun(job.row, 'inconclusive', told`no page of a failure was seen`, context));
        else settled(job.row, judgeRow(job.row, job.scenario, [worst], context));
      }
    };
    spentOn('calibration');
    const running = runAll().catch((error: unknown) => {
      if (isOfSetUp(error)) return stopFor(error);
      defects.push(
        typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error),
      );
      for (const one of verdicts.values()) one.fail(error);
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
        await closeAll();
        if (fault !== undefined) throw fault;
        return {
          emta: { issuer: emta.issuer, version: emta.version, relaxed: emta.relaxed, carrier: emta.carrier },
          seed: options.seed,
          face,
          driver: rp.driver.kind,
          startedAt,
          finishedAt: new Date(systemClock.now()).toISOString(),
          spent,
          waitsLeftOut: options.skipWaits === true,
          order: order.map(({ id }) => id),
          capabilities,
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

/** Why no control can be good: what Emta's token endpoint refused, where it did. */
function whyNoLogin({ exchanges, strays, setting }: Seen): Told {
  const refused = [...exchanges, ...strays].findLast(
    ({ endpoint, response }) => endpoint === 'token' && response.status >= 400,
  );
  if (refused === undefined) return told`A02 failed: no login ran its course, so no control can be good`;
  const answer = `${refused.response.status} ${refused.response.body.slice(0, LONGEST_ANSWER)}`;
  const registered = setting.rp.client.token_endpoint_auth_method;
  const used = methodsOf(refused);
  return used.length === 1 && used[0] === registered
    ? told`A02 failed: the token endpoint answered ${answer}`
    : told`A02 failed: the token endpoint answered ${answer}, since the client came with ${listed(used.length === 0 ? ['none'] : used, 'and')} and is registered with ${registered}`;
}

/** A06 needs no login: the token is there, or the target is the owner's own machine. */
function consentVerdict(
  row: Row,
  seen: {
    readonly isLoop: boolean;
    readonly hasToken: boolean;
    readonly token: string;
    readonly url: string;
    readonly status: number;
  },
  context: { readonly face: Face; readonly profile: RunOptions['profile'] },
): RowVerdict {
  const expected = told`a loopback target, or the token of this client and origin`;
  const observed = seen.hasToken
    ? told`the token is there`
    : seen.isLoop
      ? told`a loopback target`
      : told`status ${`${seen.status}`} without "${seen.token}"`;
  const oracle = { kind: 'U', expected, observed, positive: true, evidence: verbatim(seen.url) } as const;
  const base = {
    id: row.id,
    because: told`expected ${expected}, saw ${observed}`,
    severity: row.severity,
    profile: context.profile,
    clauses: row.clauses,
    face: context.face,
    delivered: [],
    controls: { before: 'not-needed', after: 'not-needed' },
  } as const;
  return seen.hasToken || seen.isLoop
    ? { ...base, verdict: 'pass', oracles: [oracle] }
    : { ...base, verdict: 'fail', oracles: [oracle] };
}
