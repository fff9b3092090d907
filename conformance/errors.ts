/** Every way the harness can stop before or beside a verdict; callers switch on `code`, never on the text. */
export type ConformanceErrorCode =
  | 'usage'
  | 'rp_file_unreadable'
  | 'rp_file_invalid'
  | 'catalogue_invalid'
  | 'unknown_row'
  | 'baseline_invalid'
  | 'package_refused'
  | 'port_in_use'
  | 'emta_unreachable'
  | 'emta_refused'
  | 'client_replaced'
  | 'rp_unreachable'
  | 'browser_missing'
  | 'driver_failed'
  | 'nothing_to_tell_apart'
  | 'unknown_persona'
  | 'bad_walk'
  | 'no_message'
  | 'interrupted'
  | 'harness_defect';

/** Exit code 2 for what the caller can mend, 3 for what only the harness can, and for a run that found out nothing. */
export const exitCodeOf = (code: ConformanceErrorCode): 2 | 3 =>
  code === 'harness_defect' || code === 'interrupted' ? 3 : 2;

/** A reason to stop, with every line the reader needs to go on. */
export class ConformanceError extends Error {
  readonly code: ConformanceErrorCode;
  /** Further lines: the other faults of the same file, or a hint at the next act. */
  readonly lines: readonly string[];

  constructor(code: ConformanceErrorCode, message: string, more: { lines?: readonly string[]; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'ConformanceError';
    this.code = code;
    this.lines = more.lines ?? [];
  }
}

/** Tells our own errors from all others without `instanceof`, which fails across realms. */
export function isConformanceError(value: unknown): value is ConformanceError {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === 'ConformanceError';
}
