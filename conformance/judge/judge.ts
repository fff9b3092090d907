import type { Row } from '../catalogue.ts';
import type { Trace } from '../driver/user-agent.ts';
import { endOf } from '../observe/reading.ts';
import type { Seen } from '../observe/seen.ts';
import type { Case, Scenario } from '../scenarios/scenario.ts';
import { caseNamed, type Told, told } from '../told.ts';
import {
  asPassing,
  type CaseEvidence,
  type Control,
  type Controls,
  type Delivery,
  type Face,
  type Oracle,
  type Profile,
  type RowVerdict,
} from '../verdict.ts';
import type { Finding } from './finding.ts';

/** One case as the judge gets it: what was seen, and how the relying party was before and after. */
export interface Watched {
  readonly kase: Case;
  readonly seen: Seen;
  readonly controls: Controls;
  /** The same case brought the relying party down a second time. */
  readonly broughtDownTwice?: boolean;
}

export interface JudgedCase {
  readonly kase: Case;
  readonly points: Finding['points'];
  readonly because: Told;
  readonly findings: readonly Finding[];
  readonly controls: Controls;
  readonly delivered: readonly Delivery[];
  /** Worth another run with nobody else about. */
  readonly wantsAlone: boolean;
}

/** Rows that say SHOULD, or only inform, are never worse than a warning. */
export const isSoft = (row: Pick<Row, 'title' | 'severity'>): boolean =>
  row.severity === 'info' || /\bSHOULD\b/.test(row.title);

/** The channel of Emta's that a fault acts on, where the relying party may not use it at all. */
function channelOf(fault: string): string | undefined {
  const [place] = fault.split('.');
  switch (place) {
    case 'userinfo':
      return 'userinfo';
    case 'resource_identity':
      return 'identity';
    case 'resource_mobile':
      return 'mobile';
    case 'keys':
    case 'jwks':
      return 'jwks';
    case 'discovery':
      return 'discovery';
    case 'token':
    case 'id_token':
      return 'token';
    default:
      return undefined;
  }
}

/** The fault with which Emta leaves the browser itself without an answer; the others act on what it says. */
const cutsTheBrowser = 'authorization.dropped';

/** Where Emta left the browser without an answer and no fault told it to: nothing that a relying party did. */
const leftByEmta = ({ traces, delivered, setting }: Seen): Trace | undefined =>
  delivered[cutsTheBrowser] !== undefined
    ? undefined
    : Object.values(traces).find(
        ({ ending }) =>
          (ending.kind === 'silence' || ending.kind === 'broken') && new URL(ending.url).origin === setting.emtaOrigin,
      );

const sentence = ({ expected, observed, where, during }: Finding): Told => {
  const said = told`expected ${expected}, saw ${observed} (${where})`;
  return during === undefined ? said : told`${during}: ${said}`;
};

/** What the row is about comes before its controls and what follows. */
const ownFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((a, b) => Number(a.during !== undefined) - Number(b.during !== undefined));

/** Judges one case by its findings alone. */
export function judgeCase(row: Row, { kase, seen, controls, broughtDownTwice }: Watched): JudgedCase {
  const delivered = Object.entries(seen.delivered).map(([fault, times]) => ({ fault, times }));
  const findings = ownFirst(kase.expect.flatMap((expectation) => expectation.match(seen)));
  const missed = delivered.filter(({ fault, times }) => times === 0 && kase.mayMiss?.includes(fault) !== true);
  const [unused] = missed.filter(({ fault }) => {
    const channel = channelOf(fault);
    return channel !== undefined && !seen.setting.channels.has(channel);
  });
  const base = {
    kase,
    controls,
    delivered,
    // a site with more to do than it can may give up a login before the fault's turn comes
    wantsAlone:
      findings.some(({ onlyAloneCounts }) => onlyAloneCounts === true) || (missed.length > 0 && unused === undefined),
  };
  const judged = (points: Finding['points'], because: Told, more: readonly Finding[] = []): JudgedCase => ({
    ...base,
    points,
    because,
    findings: [...findings, ...more],
  });

  if (broughtDownTwice === true) {
    const expected = told`a relying party that goes on answering`;
    const observed = told`it stopped answering correct logins after this case, twice`;
    return judged('against', told`expected ${expected}, saw ${observed}`, [
      {
        kind: 'U',
        expected,
        observed,
        where: told`the control login after the case`,
        positive: true,
        points: 'against',
      },
    ]);
  }
  if (unused !== undefined)
    return judged(
      'no-channel',
      told`the relying party was never seen to use ${channelOf(unused.fault) ?? ''}, on which "${unused.fault}" acts`,
    );
  if (controls.before === 'failed' || controls.after === 'failed') {
    return judged(
      'unclear',
      controls.before === 'failed'
        ? told`the control login before the case failed`
        : told`the control login after the case failed`,
    );
  }
  const [first] = missed;
  if (first !== undefined)
    return judged(
      'unclear',
      seen.stopped === undefined
        ? told`the fault "${first.fault}" was not delivered`
        : told`the fault "${first.fault}" was not delivered: ${seen.stopped}`,
    );
  const left = leftByEmta(seen);
  if (left !== undefined)
    return judged('unclear', told`Emta itself left the browser without an answer (${endOf(left)})`);
  const pick = (points: Finding['points']) => findings.find((finding) => finding.points === points);
  const against = pick('against');
  if (against !== undefined) return judged(isSoft(row) ? 'warn' : 'against', sentence(against));
  if (seen.stopped !== undefined) return judged('unclear', seen.stopped);
  const unclear = pick('unclear');
  if (unclear !== undefined) return judged('unclear', sentence(unclear));
  for (const points of ['by-tls', 'warn'] as const) {
    const finding = pick(points);
    if (finding !== undefined) return judged(points, sentence(finding));
  }
  const noChannel = pick('no-channel');
  if (noChannel !== undefined) return judged('no-channel', noChannel.observed);
  const positive = findings.find((finding) => finding.points === 'for' && finding.positive);
  if (positive === undefined) return judged('unclear', told`nothing was positively observed`);
  return judged('for', told`${positive.expected}: ${positive.observed}`);
}

const oracleOf = ({ kind, expected, observed, where, positive, during }: Finding): Oracle => ({
  kind,
  expected,
  observed,
  ...(during === undefined ? {} : { during }),
  positive,
  evidence: where,
});

const rank: readonly Finding['points'][] = ['against', 'unclear', 'by-tls', 'warn', 'for', 'no-channel'];

const worst = (controls: readonly Control[]): Control =>
  (['failed', 'not-run', 'good', 'not-needed'] as const).find((one) => controls.includes(one)) ?? 'not-run';

/** The verdict of a row from all its cases: the worst of them decides. */
export function judgeRow(
  row: Row,
  scenario: Pick<Scenario, 'cases'>,
  judgedCases: readonly JudgedCase[],
  context: {
    readonly face: Face;
    readonly profile: Profile;
    readonly milliseconds?: number;
    readonly evidence?: readonly CaseEvidence[];
  },
): RowVerdict {
  // cases end in any order; among equally bad ones the plainest decides, which the scenario names first
  const place = ({ kase }: JudgedCase) => scenario.cases.indexOf(kase);
  const cases = judgedCases.toSorted((a, b) => place(a) - place(b));
  const decisive = cases.toSorted((a, b) => rank.indexOf(a.points) - rank.indexOf(b.points))[0];
  const delivered = new Map<string, number>();
  for (const { delivered: some } of cases)
    for (const { fault, times } of some) delivered.set(fault, (delivered.get(fault) ?? 0) + times);
  const carriers = [...new Set(scenario.cases.flatMap(({ carrier }) => carrier ?? []))];
  const controls = {
    before: worst(cases.map((one) => one.controls.before)),
    after: worst(cases.map((one) => one.controls.after)),
  };
  const base = {
    id: row.id,
    severity: row.severity,
    profile: context.profile,
    clauses: row.clauses,
    face: context.face,
    ...(carriers.length === 0 ? {} : { carrier: carriers.join(', ') }),
    delivered: [...delivered].map(([fault, times]) => ({ fault, times })),
    controls,
    ...(context.milliseconds === undefined ? {} : { milliseconds: context.milliseconds }),
    ...(context.evidence === undefined ? {} : { cases: context.evidence }),
  };
  if (decisive === undefined) return { ...base, verdict: 'inconclusive', because: told`no case was run`, oracles: [] };
  const because =
    cases.length > 1 && decisive.kase.label !== ''
      ? told`${caseNamed(decisive.kase.label)}: ${decisive.because}`
      : decisive.because;
  const ordered = [decisive, ...cases.filter((one) => one !== decisive)].flatMap(({ findings }) =>
    findings.toSorted((a, b) => rank.indexOf(a.points) - rank.indexOf(b.points)),
  );
  const oracles = ordered.map(oracleOf);
  const [firstOracle, ...rest] = oracles;
  switch (decisive.points) {
    case 'against':
      return firstOracle === undefined
        ? { ...base, verdict: 'inconclusive', because, oracles }
        : { ...base, verdict: 'fail', because, oracles: [firstOracle, ...rest] };
    case 'warn':
      return firstOracle === undefined
        ? { ...base, verdict: 'inconclusive', because, oracles }
        : { ...base, verdict: 'warn', because, oracles: [firstOracle, ...rest] };
    case 'by-tls':
      return firstOracle === undefined
        ? { ...base, verdict: 'inconclusive', because, oracles }
        : { ...base, verdict: 'accepted-by-tls', because, oracles: [firstOracle, ...rest] };
    case 'no-channel':
      return { ...base, verdict: 'not-applicable', because, oracles };
    case 'unclear':
      return { ...base, verdict: 'inconclusive', because, oracles };
    case 'for': {
      const passing = asPassing(oracles);
      const { before, after } = controls;
      const isGood = (control: Control): control is 'good' | 'not-needed' =>
        control === 'good' || control === 'not-needed';
      if (passing === undefined || !isGood(before) || !isGood(after))
        return {
          ...base,
          verdict: 'inconclusive',
          because: passing === undefined ? told`nothing was positively observed` : told`a control login was not run`,
          oracles,
        };
      return { ...base, controls: { before, after }, verdict: 'pass', because, oracles: passing };
    }
  }
}

/** A row that was not run, with the reason. */
export function notRun(
  row: Row,
  verdict: 'inconclusive' | 'not-applicable',
  because: Told,
  context: { readonly face: Face; readonly profile: Profile },
): RowVerdict {
  return {
    id: row.id,
    verdict,
    because,
    severity: row.severity,
    profile: context.profile,
    clauses: row.clauses,
    face: context.face,
    delivered: [],
    controls: { before: 'not-run', after: 'not-run' },
    oracles: [],
  };
}
