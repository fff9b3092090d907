import { type Calibration, refusalOf } from '../calibration.ts';
import { applicability, conditionInWords } from '../capabilities.ts';
import type { Row } from '../catalogue.ts';
import { chosenRows } from '../choose-rows.ts';
import { consentToken, mayRun } from '../driver/opt-in.ts';
import { isLoopback, isPrivate } from '../driver/site.ts';
import { judgeCase, judgeRow, notRun } from '../judge/judge.ts';
import { methodsOf } from '../judge/matchers/token-request.ts';
import { evidenceOf } from '../observe/evidence.ts';
import type { Seen, Setting } from '../observe/seen.ts';
import type { RelyingParty } from '../rp-file.ts';
import { scenarios } from '../scenarios/index.ts';
import type { Case, Scenario, Step } from '../scenarios/scenario.ts';
import { listed, type Told, told, verbatim } from '../told.ts';
import type { Face, Profile, RowVerdict } from '../verdict.ts';

/** Characters of an answer that are worth telling in a sentence. */
const LONGEST_ANSWER = 120;
/** Rows whose cases feed L02, where none of groups C to M was chosen. */
const feeders = ['C01', 'C15', 'C17', 'G01', 'G02', 'G03', 'G09', 'H04', 'H20', 'M01'];

/** A case on its way through the run. */
export interface Job {
  readonly row: Row;
  readonly scenario: Scenario;
  readonly kase: Case;
}

/** What the owner of the target says to being tested; row A06. */
export interface Consent {
  readonly host: string;
  /** Where the token is looked for, what it must be, and whether it is there. */
  readonly url: string;
  readonly token: string;
  readonly hasToken: boolean;
  readonly status: number;
}

/** What is judged already, and what is to be run. */
export interface Plan {
  readonly settled: readonly (readonly [Row, RowVerdict])[];
  readonly jobs: readonly Job[];
}

/** Why a row is not run, and what its owner can do about it. */
export const notAgreed = ({ host, url, token }: Pick<Consent, 'host' | 'url' | 'token'>): Told =>
  told`the owner of ${host} has not agreed; to agree, answer GET ${url} with the line "${token}"`;

export const scenarioById = new Map(scenarios.map((scenario) => [scenario.id, scenario]));

/** Every origin that the relying party's file names. */
export const originsOf = (rp: RelyingParty): readonly string[] => [
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

/** The faults that a drive arms, wherever in it. */
export const armsOf = (drive: Case['drive']): readonly Extract<Step, { do: 'arm' }>[] =>
  drive.flatMap((step) => {
    switch (step.do) {
      case 'arm':
        return [step];
      case 'together':
        return step.branches.flatMap(armsOf);
      case 'if-at':
      case 'if-out':
        return armsOf(step.then);
      default:
        return [];
    }
  });

/** The faults that chosen rows arm, each with a row that needs it. */
export const neededFaults = (rows: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(
    rows.flatMap(({ id }) =>
      (scenarioById.get(id)?.cases ?? []).flatMap(({ drive }) =>
        armsOf(drive).map(({ fault }) => [fault, id] as const),
      ),
    ),
  );

const demandOf = (origin: string): number => {
  const { hostname } = new URL(origin);
  return isLoopback(hostname) ? 0 : isPrivate(hostname) ? 1 : 2;
};

/** Where the owner's consent is looked for: at start_url, or at another address of the file that is less surely his own. */
export function consentSought(rp: RelyingParty): Pick<Consent, 'host' | 'url' | 'token'> {
  const [origin = rp.start.url] = originsOf(rp).toSorted((a, b) => demandOf(b) - demandOf(a));
  return {
    host: new URL(origin).hostname,
    url: new URL('/.well-known/emta-conformance', origin).href,
    token: consentToken(rp.client.client_id, new URL(origin).origin),
  };
}

const unfit = {
  'has-second-redirect-uri': told`the client registered one redirect URI`,
  'issuer-is-https': told`the issuer is not https`,
  'issuer-is-http': told`the issuer is https`,
  'can-be-copied': told`no copy can run beside the relying party`,
  'cannot-be-copied': told`a copy can run beside the relying party`,
} as const satisfies Record<NonNullable<Case['onlyIf']>, Told>;

const isFitting = (kase: Case, setting: Setting): boolean => {
  if (!applicability(kase.when ?? null, setting.capabilities, setting.rp.present).applies) return false;
  switch (kase.onlyIf) {
    case 'has-second-redirect-uri':
      return setting.rp.client.redirect_uris.length > 1;
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

const whyUnfit = ({ cases }: Scenario): Told => {
  const reasons = cases.flatMap(({ onlyIf, when }) =>
    onlyIf !== undefined
      ? [unfit[onlyIf]]
      : when !== undefined
        ? [told`its cases are about a site that ${conditionInWords(when)}`]
        : [],
  );
  return listed([...new Map(reasons.map((reason) => [reason.en, reason])).values()], 'semicolon');
};

/** The verdict of a row that calibration alone decides. */
export function judgeCalibrated(
  row: Row,
  scenario: Scenario,
  calibration: Calibration,
  setting: Setting,
  context: { readonly face: Face; readonly profile: Profile },
): RowVerdict {
  const seen: Seen = { ...calibration.seen, setting };
  const judged = scenario.cases.map((kase) =>
    judgeCase(row, { kase, seen, controls: { before: 'not-needed', after: 'not-needed' } }),
  );
  return judgeRow(row, scenario, judged, {
    ...context,
    evidence: [evidenceOf('calibration', seen, scenario.cases[0]?.shown)],
  });
}

/** Judges what calibration tells, says why a row cannot be run, and lists the cases of all others in the order given. */
export function planRows(
  order: readonly Row[],
  about: {
    readonly setting: Setting;
    readonly calibration: Calibration;
    readonly consent: Consent;
    readonly context: { readonly face: Face; readonly profile: Profile };
    readonly skipWaits: boolean;
  },
): Plan {
  const { setting, calibration, consent, context } = about;
  const byCalibration = (row: Row, scenario: Scenario) => judgeCalibrated(row, scenario, calibration, setting, context);
  const isPlugged = chosenRows('audit', ['A01']).every((row) => {
    const scenario = scenarioById.get(row.id);
    return scenario === undefined || byCalibration(row, scenario).verdict !== 'fail';
  });
  const isAllowed = (row: Row) => mayRun(row, consent.host, consent.hasToken);
  const casesOf = (row: Row, scenario: Scenario): readonly Job[] =>
    scenario.cases.filter((kase) => isFitting(kase, setting)).map((kase) => ({ row, scenario, kase }));

  /** The verdict of a row that needs no run, or the cases to run. */
  const decide = (row: Row): RowVerdict | readonly Job[] => {
    const open = (because: Told) => notRun(row, 'inconclusive', because, context);
    const scenario = scenarioById.get(row.id);
    if (scenario === undefined) return open(told`this version of the harness does not run the row yet`);
    if (row.id === 'A01') return byCalibration(row, scenario);
    if (!isPlugged) return open(told`A01 failed: the browser was never sent to Emta`);
    if (row.id === 'A06') return consentVerdict(row, consent, context);
    if (!isAllowed(row)) return open(notAgreed(consent));
    const { applies, because } = applicability(row.applies_when, setting.capabilities, setting.rp.present);
    if (!applies) return notRun(row, 'not-applicable', because, context);
    if (scenario.runs === 'calibration') return byCalibration(row, scenario);
    if (!calibration.leftMark) return open(whyNoLogin({ ...calibration.seen, setting }));
    if (scenario.runs === 'slow' && about.skipWaits) return open(told`waits of more than a minute were left out`);
    const jobs = casesOf(row, scenario);
    return jobs.length === 0 ? notRun(row, 'not-applicable', whyUnfit(scenario), context) : jobs;
  };

  const settled: [Row, RowVerdict][] = [];
  const jobs: Job[] = [];
  for (const row of order) {
    const decided = decide(row);
    if ('verdict' in decided) settled.push([row, decided]);
    else jobs.push(...decided);
  }
  // L02 reads the pages of other rows; where none was chosen, some are run for it alone
  const isGathering = jobs.some(({ scenario }) => scenario.runs === 'gathered');
  if (isGathering && !jobs.some(feedsGathered)) {
    for (const row of chosenRows('audit', feeders)) {
      const scenario = scenarioById.get(row.id);
      const { applies } = applicability(row.applies_when, setting.capabilities, setting.rp.present);
      if (scenario !== undefined && applies && isAllowed(row)) jobs.push(...casesOf(row, scenario));
    }
  }
  return { settled, jobs };
}

/** Whether the pages of a case are among those that L02 reads. */
export const feedsGathered = ({ row }: Pick<Job, 'row'>): boolean => /^[C-KM]/.test(row.id);

/** Why no control can be good: what Emta refused, at the authorization or the token endpoint, where it did. */
function whyNoLogin({ exchanges, strays, setting, traces }: Seen): Told {
  const refusal = traces.login === undefined ? undefined : refusalOf(traces.login, setting);
  if (refusal !== undefined) return told`A02 failed: Emta answered the authorization request with ${refusal}`;
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
  { host, url, token, hasToken, status }: Consent,
  context: { readonly face: Face; readonly profile: Profile },
): RowVerdict {
  const isLoop = isLoopback(host);
  const expected = told`a loopback target, or the token of this client and origin`;
  const observed = hasToken
    ? told`the token is there`
    : isLoop
      ? told`a loopback target`
      : told`status ${`${status}`} without "${token}"`;
  const oracle = { kind: 'U', expected, observed, positive: true, evidence: verbatim(url) } as const;
  return {
    id: row.id,
    verdict: hasToken || isLoop ? 'pass' : 'fail',
    because: told`expected ${expected}, saw ${observed}`,
    severity: row.severity,
    profile: context.profile,
    clauses: row.clauses,
    face: context.face,
    delivered: [],
    controls: { before: 'not-needed', after: 'not-needed' },
    oracles: [oracle],
  };
}
