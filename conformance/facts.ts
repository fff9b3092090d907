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

/** What a run was, beside its verdicts: enough to repeat it. The engine answers it when it closes. */
export interface RunFacts {
  readonly emta: {
    readonly issuer: string;
    readonly version: string;
    /** Checks of Emta that were switched off by name. */
    readonly relaxed: readonly string[];
    readonly carrier: string;
  };
  readonly seed: string;
  readonly face: Face;
  readonly driver: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The order in which rows were run. */
  readonly order: readonly string[];
  readonly capabilities: readonly CapabilityReading[];
  /** Probe against needle, declaration against observation, in words. */
  readonly contradictions: readonly Told[];
  /** Faults of the harness itself; any outranks every verdict. */
  readonly defects: readonly string[];
  readonly fingerprints: Readonly<Record<'anonymous' | 'refused' | 'signedIn' | 'otherSignedIn', Fingerprint | null>>;
}
