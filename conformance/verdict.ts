import type { Told } from './told.ts';

/** How much a row weighs in the decision; `scheme` is a rule of this scheme, printed as that. */
export type Severity = 'critical' | 'high' | 'medium' | 'scheme' | 'info';

/** Which rows count. Each contains the one before it. */
export type Profile = 'core-must' | 'emta-strict' | 'audit';

/** L: Emta's journal, L2: hosts nobody may talk to, U: the user agent's trace, P: the session probe, N: needles. */
export type OracleKind = 'L' | 'L2' | 'U' | 'P' | 'N';

/** OpenID Connect, or plain OAuth 2.0 with Emta's resources. */
export type Face = 'oidc' | 'resources';

/** Every verdict, in the order in which reports count them. */
export const verdictNames = ['pass', 'fail', 'warn', 'accepted-by-tls', 'inconclusive', 'not-applicable'] as const;

export type VerdictName = (typeof verdictNames)[number];

/** What one pair of eyes saw. `positive` means an observation was made, not that something stayed away. */
export interface Oracle {
  readonly kind: OracleKind;
  readonly expected: Told;
  readonly observed: Told;
  /** When it was looked at, where that is not the moment the row is about. */
  readonly during?: Told;
  readonly positive: boolean;
  /** Where it was seen, in one line: `hop 4: GET http://127.0.0.1:8080/cb -> 500`. */
  readonly evidence: Told;
}

export interface PositiveOracle extends Oracle {
  readonly positive: true;
}

/** `not-needed` for rows that are controls themselves (A01 to A05) or need no login (A06). */
export type Control = 'good' | 'failed' | 'not-run' | 'not-needed';

export interface Controls {
  readonly before: Control;
  readonly after: Control;
}

/** A fault that Emta's journal shows as delivered in this row's cases; none where the row arms none. */
export interface Delivery {
  readonly fault: string;
  readonly times: number;
}

/** One hop of a browser, names and flags only of its cookies. */
export interface HopEvidence {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly location?: string;
  readonly cookies: readonly string[];
}

/** One call that reached Emta, secrets masked. */
export interface ExchangeEvidence {
  /** Its number in `/_emta/v1/exchanges`, which a finding names too; the journal counts its own entries. */
  readonly exchange: number;
  /** The login it belongs to: `emta journal --journey ID` prints it. */
  readonly journey?: string;
  readonly at: string;
  readonly endpoint: string;
  readonly request: string;
  readonly response: string;
  readonly delivered: readonly string[];
}

/** What is kept of one case, so that an auditor can look again. */
export interface CaseEvidence {
  /** The variant, for rows that run `once for each`. */
  readonly label: string;
  /** The issuer under `/t/` that was used by copies alone; left out where it was the one of the run. */
  readonly issuer?: string;
  readonly hops: readonly HopEvidence[];
  readonly exchanges: readonly ExchangeEvidence[];
  readonly page?: {
    readonly url: string;
    readonly status: number;
    readonly title: string;
    readonly text: string;
    /** As a browser showed it, values of citizens blanked: a JPEG in base64; only the browser driver has it. */
    readonly picture?: string;
  };
}

interface RowVerdictBase {
  readonly id: string;
  /** Why, in one sentence a stranger understands. */
  readonly because: Told;
  readonly severity: Severity;
  readonly profile: Profile;
  readonly clauses: readonly string[];
  readonly face: Face;
  /** How Emta told a refusal or mismatch, where that differs by row: `d2`, `silent`. */
  readonly carrier?: string;
  readonly delivered: readonly Delivery[];
  readonly controls: Controls;
  /** Wall time of the row's cases. */
  readonly milliseconds?: number;
  readonly cases?: readonly CaseEvidence[];
}

/** Both controls good and at least one thing seen; the type allows no pass on silence. */
export interface Passed extends RowVerdictBase {
  readonly verdict: 'pass';
  readonly controls: { readonly before: 'good' | 'not-needed'; readonly after: 'good' | 'not-needed' };
  readonly oracles: readonly [PositiveOracle, ...Oracle[]];
}

/** One observation contradicts the row. */
export interface Failed extends RowVerdictBase {
  readonly verdict: 'fail';
  readonly oracles: readonly [Oracle, ...Oracle[]];
}

/** The row names it, a SHOULD or information row is not met, or a declaration was contradicted. */
export interface Warned extends RowVerdictBase {
  readonly verdict: 'warn';
  readonly oracles: readonly [Oracle, ...Oracle[]];
}

/** Accepted over https under the exception of OIDC Core 3.1.3.7 (6). */
export interface AcceptedByTls extends RowVerdictBase {
  readonly verdict: 'accepted-by-tls';
  readonly oracles: readonly [Oracle, ...Oracle[]];
}

/** The harness could not tell. */
export interface Inconclusive extends RowVerdictBase {
  readonly verdict: 'inconclusive';
  readonly oracles: readonly Oracle[];
}

/** The row's condition is false, or the relying party never uses the channel. */
export interface NotApplicable extends RowVerdictBase {
  readonly verdict: 'not-applicable';
  readonly oracles: readonly Oracle[];
}

export type RowVerdict = Passed | Failed | Warned | AcceptedByTls | Inconclusive | NotApplicable;

/** The oracles as the type of a pass wants them: a positive one first. Undefined when nothing was seen. */
export function asPassing(oracles: readonly Oracle[]): readonly [PositiveOracle, ...Oracle[]] | undefined {
  const isPositive = (oracle: Oracle): oracle is PositiveOracle => oracle.positive;
  const first = oracles.find(isPositive);
  return first === undefined ? undefined : [first, ...oracles.filter((oracle) => oracle !== first)];
}
