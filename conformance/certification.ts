import { type BaselineEntry, excusable } from './baseline.ts';
import { listed, type Told, told } from './told.ts';
import type { Profile, RowVerdict, Severity, VerdictName } from './verdict.ts';

/** Severities whose failures and doubts deny a certificate. */
export const denying: readonly Severity[] = ['critical', 'high', 'scheme'];

/** `certified`, or why not; `partial` is a run of chosen rows, which never certifies. */
export type Outcome = 'certified' | 'not-certified' | 'inconclusive' | 'partial' | 'defect';

export type Counts = Readonly<Record<VerdictName, number>>;

export interface Decision {
  readonly outcome: Outcome;
  readonly exitCode: 0 | 1 | 2 | 3;
  /** Each reason against a certificate, the weightiest first; empty when certified. */
  readonly reasons: readonly Told[];
  readonly counts: Counts;
  /** Rows whose failure the baseline excuses. */
  readonly excused: readonly string[];
}

export interface Judged {
  readonly profile: Profile;
  readonly verdicts: readonly RowVerdict[];
  /** Every row that the profile demands a verdict of. */
  readonly demanded: readonly string[];
  /** Whether only chosen rows were run. */
  readonly partial: boolean;
  readonly baseline: readonly BaselineEntry[];
  /** Faults of the harness itself. */
  readonly defects: readonly string[];
}

export function countVerdicts(verdicts: readonly Pick<RowVerdict, 'verdict'>[]): Counts {
  const counts = { pass: 0, fail: 0, warn: 0, inconclusive: 0, 'not-applicable': 0, 'accepted-by-tls': 0 };
  for (const { verdict } of verdicts) counts[verdict] += 1;
  return counts;
}

const defectOf = (defect: string | Told): Told => told`defect of the harness: ${defect}`;

/** The faults of the harness among the reasons of a decision. */
export function defectsIn(reasons: readonly Pick<Told, 'en'>[]): readonly string[] {
  const { en: head } = defectOf('');
  return reasons.flatMap(({ en }) => (en.startsWith(head) ? [en.slice(head.length)] : []));
}

const alike = 3;

/** One line to a row in doubt, or to one cause that leaves many rows open. */
function doubtReasons(doubts: readonly RowVerdict[]): readonly Told[] {
  return [...new Set(doubts.map((row) => row.because.en))].flatMap((because) => {
    const rows = doubts.filter((row) => row.because.en === because);
    const ids = rows.map((row) => row.id).join(' ');
    return rows.length > alike
      ? rows.slice(0, 1).map((row) => told`${rows.length} rows are inconclusive: ${row.because} (${ids})`)
      : rows.map((row) => told`${row.id} (${severityIn(row)}) is inconclusive: ${row.because}`);
  });
}

const severities: Readonly<Record<Severity, Told>> = {
  critical: told`critical`,
  high: told`high`,
  medium: told`medium`,
  scheme: told`scheme`,
  info: told`info`,
};
const severityIn = ({ severity }: Pick<RowVerdict, 'severity'>): Told => severities[severity];

/** Settles whether the relying party is certified: a defect outranks a failure, a failure outranks a doubt. */
export function decide(judged: Judged): Decision {
  const { verdicts, profile } = judged;
  const isFailure = (row: RowVerdict) =>
    row.verdict === 'fail' || (row.verdict === 'accepted-by-tls' && profile !== 'core-must');
  const isDenying = (row: RowVerdict) => denying.includes(row.severity);
  const entryOf = (row: RowVerdict) =>
    excusable.includes(row.severity) ? judged.baseline.find((entry) => entry.id === row.id) : undefined;
  const weight = (row: RowVerdict) => denying.indexOf(row.severity);

  const failures = verdicts.filter((row) => isFailure(row) && isDenying(row)).sort((a, b) => weight(a) - weight(b));
  const excused = failures.filter((row) => entryOf(row) !== undefined);
  const failed = failures.filter((row) => !excused.includes(row));
  const doubts = verdicts
    .filter((row) => row.verdict === 'inconclusive' && isDenying(row))
    .sort((a, b) => weight(a) - weight(b));
  const idle = verdicts.filter(
    (row) => judged.baseline.some((entry) => entry.id === row.id) && (row.verdict === 'pass' || row.verdict === 'warn'),
  );
  const missing = judged.demanded.filter((id) => !verdicts.some((row) => row.id === id));
  const defects = [
    ...judged.defects.map(defectOf),
    ...(missing.length > 0 ? [defectOf(told`no verdict for ${listed(missing, 'comma')}`)] : []),
  ];
  const reasons = [
    ...defects,
    ...failed.map((row) => told`${row.id} (${severityIn(row)}) failed: ${row.because}`),
    ...idle.map((row) => told`the baseline excuses ${row.id}, which does not fail; take the entry out`),
    ...doubtReasons(doubts),
    ...(judged.partial ? [told`only chosen rows were run, which certifies nothing`] : []),
  ];
  const [outcome, exitCode]: readonly [Outcome, Decision['exitCode']] =
    defects.length > 0
      ? ['defect', 3]
      : failed.length > 0
        ? ['not-certified', 1]
        : idle.length > 0
          ? ['not-certified', 2]
          : doubts.length > 0
            ? ['inconclusive', 3]
            : judged.partial
              ? ['partial', 3]
              : ['certified', 0];
  return { outcome, exitCode, reasons, counts: countVerdicts(verdicts), excused: excused.map((row) => row.id) };
}
