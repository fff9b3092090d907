import type { CapabilityReading } from './capabilities.ts';
import type { Told } from './told.ts';
import type { Face } from './verdict.ts';

/** What one of the calibration pages looked like, with every needle blanked. */
export interface Fingerprint {
  readonly host: string;
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

/** How long one part of a run took; together they are the whole of it. */
export interface Spent {
  /** `waits` is what was left of the key cool-downs of K02-K04 when everything else was done. */
  readonly on: 'start' | 'calibration' | 'beside' | 'alone' | 'waits';
  readonly milliseconds: number;
}

/** The newest entry of a chain: an exported journal that holds this hash has not been changed before it. */
export interface JournalEnd {
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
}

/** What a run was, beside its verdicts: enough to repeat it. The engine answers it when it closes. */
export interface RunFacts {
  readonly emta: {
    readonly issuer: string;
    readonly version: string;
    /** Checks of Emta that were switched off by name. */
    readonly relaxed: readonly string[];
    readonly carrier: string;
    /** Started by this run and stopped after it; else it was running already, and others may have used it. */
    readonly started_for_run: boolean;
    /** How far each chain of its journal went when the run ended. */
    readonly journal: readonly JournalEnd[];
  };
  readonly seed: string;
  readonly face: Face;
  readonly driver: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly spent: readonly Spent[];
  /** The key cool-downs of more than a minute were left out by an option. */
  readonly waitsLeftOut: boolean;
  /** The order in which rows were run. */
  readonly order: readonly string[];
  readonly capabilities: readonly CapabilityReading[];
  /** Probe against needle, declaration against observation, in words. */
  readonly contradictions: readonly Told[];
  /** Faults of the harness itself; any outranks every verdict. */
  readonly defects: readonly string[];
  readonly fingerprints: Readonly<Record<'anonymous' | 'refused' | 'signedIn' | 'otherSignedIn', Fingerprint | null>>;
}
