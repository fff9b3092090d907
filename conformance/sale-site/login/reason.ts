/** Why a login did not end In. Each is a page of its own. */
export const reasons = [
  'refused',
  'mismatch',
  'underage',
  'mobile_unverified',
  'unavailable',
  'no_identity',
  'bad_answer',
] as const;

export type Reason = (typeof reasons)[number];

/** Ends a login from within a step that asks Emta something. */
export class LoginEnded extends Error {
  readonly code = 'LOGIN_ENDED';
  readonly reason: Reason;

  constructor(reason: Reason, cause?: unknown) {
    super(`the login ended: ${reason}`, { cause });
    this.reason = reason;
  }
}

export function reasonOf(error: unknown): Reason | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 'LOGIN_ENDED')
    return undefined;
  return 'reason' in error ? reasons.find((reason) => reason === error.reason) : undefined;
}
