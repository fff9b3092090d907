import type { ConformanceErrorCode } from '../errors.ts';
import type { RunFacts } from '../facts.ts';
import type { Asked } from '../report/command.ts';
import type { Profile, RowVerdict } from '../verdict.ts';

/** What `emta certify` hands to the suite that runs under Jest, through Jest's `globals`. */
export interface Job {
  readonly file: string;
  /** The file as the caller named it. */
  readonly fileName: string;
  readonly emta: string;
  readonly emtaIsOurs: boolean;
  readonly controlToken: string | null;
  readonly profile: Profile;
  readonly seed: string;
  readonly only: readonly string[] | null;
  readonly concurrency: number | null;
  readonly skipWaits: boolean;
  readonly asked: Asked;
  /** Where the suite writes its `JobResult`. */
  readonly resultFile: string;
}

/** What comes back, as JSON. */
export type JobResult =
  | { readonly kind: 'finished'; readonly verdicts: readonly RowVerdict[]; readonly facts: RunFacts }
  | {
      readonly kind: 'stopped';
      readonly code: ConformanceErrorCode;
      readonly message: string;
      readonly lines: readonly string[];
      /** For a defect of the harness, where it happened. */
      readonly stack: string | null;
    };

/** The name under which the job stands among Jest's globals. */
export const jobName = '__EMTA_CERTIFY_JOB__';
