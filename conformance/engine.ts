import type { Row } from './catalogue.ts';
import type { RunFacts } from './facts.ts';
import type { RelyingParty } from './rp-file.ts';
import type { Profile, RowVerdict } from './verdict.ts';

/** What a run is asked to do; `conformance/run.ts` does it. */
export interface RunOptions {
  readonly rp: RelyingParty;
  /** Issuer of the Emta that plays the provider. */
  readonly emta: string;
  /** It was started for this run alone. */
  readonly emtaIsOurs?: boolean;
  /** For an Emta whose control interface asks for one. */
  readonly controlToken?: string;
  readonly seed: string;
  readonly profile: Profile;
  /** Ids of the rows to judge; all of the profile when left out. */
  readonly only?: readonly string[];
  /** Cases that run at the same time. */
  readonly concurrency?: number;
  /** Leaves out the waits of more than a minute, whose rows end inconclusive. */
  readonly skipWaits?: boolean;
  readonly progress?: (line: string) => void;
}

/** A run under way. Every row gets its verdict once, asked for in any order. */
export interface Run {
  readonly rows: readonly Row[];
  verdictOf(id: string): Promise<RowVerdict>;
  close(): Promise<RunFacts>;
}

export type OpenRun = (options: RunOptions) => Promise<Run>;
