/** How a relying party learns of a refusal or mismatch; the real Emta's way is not public. */
export type Carrier = 'error' | 'silent' | 'page' | 'claims';

/** Limits and times of the journey. Times are in seconds. */
export interface JourneyRules {
  /** Digits of the SMS code. */
  readonly codeLength: number;
  readonly codeTtl: number;
  /** Wait before another code may be sent. */
  readonly resendWait: number;
  /** Wrong codes allowed for one SMS code. */
  readonly codeTries: number;
  /** Codes sent to one number within an hour. */
  readonly codesPerHour: number;
  /** Codes used up by wrong tries before the number has to wait. */
  readonly usedUpCodes: number;
  /** Wrong pairs of national code and birth date before the number has to wait. */
  readonly identityTries: number;
  /** How long a number has to wait after too many tries. */
  readonly block: number;
  readonly captchaTtl: number;
  /** `solve`: drawn each time; `off`: the step is passed over; anything else: the answer, each time. */
  readonly captcha: string;
  /** From the authorization request to the end. */
  readonly journeyTtl: number;
  /** People who have an Emta account give the SMS code alone. */
  readonly enrolledShortcut: boolean;
  /** The page takes national codes such as 1111111111, which pass the sum. */
  readonly repeatedDigits: boolean;
  /** The page takes national codes whose middle six digits are zero. */
  readonly zeroMiddle: boolean;
  /** The page takes national codes whose first three digits belong to no office of the table. */
  readonly unknownPrefixes: boolean;
  readonly carrier: Carrier;
}

export const defaultRules: JourneyRules = {
  codeLength: 5,
  codeTtl: 120,
  resendWait: 120,
  codeTries: 5,
  codesPerHour: 5,
  usedUpCodes: 3,
  identityTries: 5,
  block: 600,
  captchaTtl: 120,
  captcha: 'solve',
  journeyTtl: 600,
  enrolledShortcut: true,
  repeatedDigits: false,
  zeroMiddle: false,
  unknownPrefixes: true,
  carrier: 'error',
};
