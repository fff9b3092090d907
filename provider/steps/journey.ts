import type { Mobile, NationalCode } from '../registry/citizen.ts';

export type StepName = 'mobile' | 'captcha' | 'verification' | 'consent';

/** Why a citizen leaves without being verified; the first word of `error_description`, for logs alone. */
export type Reason =
  | 'consent_refused'
  | 'cancelled'
  | 'mobile_ownership_mismatch'
  | 'mobile_inactive'
  | 'identity_mismatch'
  | 'identity_not_verifiable'
  | 'too_many_attempts'
  | 'register_unreachable'
  | 'ownership_unknown';

/** A page from which the citizen cannot go forward. */
export interface DeadEnd {
  readonly reason: Reason;
  /** Message key of what the page says. */
  readonly message: string;
  readonly params?: Readonly<Record<string, string | number>>;
  /** What may be tried again: the same form, or another number. */
  readonly retry?: 'verification' | 'mobile';
}

/** What the form shows again after a miss. */
export interface Misses {
  /** What was typed, by field name. */
  readonly values: Readonly<Record<string, string>>;
  /** Message key and parameters, by field name; `''` is the whole form. */
  readonly errors: readonly {
    readonly field: string;
    readonly key: string;
    readonly params?: Readonly<Record<string, string | number>>;
  }[];
}

/** The one record that survives a step. Instants are milliseconds of Emta's clock. */
export interface Journey {
  readonly uid: string;
  /** Counts the changes; of two posts at once only one makes the next version. */
  readonly version: number;
  readonly clientId: string;
  readonly clientName: string;
  /** Where the citizen goes after granting, and back to. */
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** The scopes, and those whose data single claims ask for. */
  readonly asksFor: readonly string[];
  readonly lang: 'fa' | 'en';
  readonly startedAt: number;
  /** Ties the forms to this journey. */
  readonly csrf: string;
  readonly step: StepName;
  readonly mobile?: Mobile;
  readonly captcha?: { readonly text: string; readonly at: number };
  readonly code?: { readonly text: string; readonly at: number; readonly misses: number; readonly passed: boolean };
  /** Codes sent in this journey, for the first SMS that never arrives. */
  readonly codesSent: number;
  /** Set by the verification step: whose journey this is. */
  readonly nationalCode?: NationalCode;
  /** False where the number is not theirs and the carrier is `claims`. */
  readonly mobileProven?: boolean;
  readonly deadEnd?: DeadEnd;
  readonly misses?: Misses;
  /** How it ended. */
  readonly outcome?: 'granted' | Reason;
  /** Where the browser goes then. */
  readonly returnTo?: string;
  /** A note for the page, e.g. `emta.verify.resent`. */
  readonly notice?: string;
}

/** What a step decides. `journey` is the record as it should be from now on. */
export type Outcome =
  | { readonly kind: 'render'; readonly journey: Journey }
  | { readonly kind: 'advance'; readonly journey: Journey }
  | { readonly kind: 'finish'; readonly journey: Journey }
  | { readonly kind: 'deny'; readonly journey: Journey; readonly reason: Reason };

export type Input = Readonly<Record<string, string>>;

/** The same step again, with what was wrong. */
export function again(journey: Journey, values: Input, ...errors: Misses['errors']): Outcome {
  const { deadEnd: _deadEnd, notice: _notice, ...kept } = journey;
  return { kind: 'render', journey: { ...kept, misses: { values, errors } } };
}

/** The next step, with a clean form. */
export function advance(journey: Journey, step: StepName): Outcome {
  const { misses: _misses, deadEnd: _deadEnd, notice: _notice, ...kept } = journey;
  return { kind: 'advance', journey: { ...kept, step } };
}

/** A page that says why the citizen cannot go on. */
export function stop(journey: Journey, deadEnd: DeadEnd, values: Input = {}): Outcome {
  return { kind: 'render', journey: { ...journey, deadEnd, misses: { values, errors: [] } } };
}
