import type { ArmingScope } from '../../faults/arming.ts';
import { EmtaError } from '../../kernel/errors.ts';
import type { Mobile } from '../../registry/citizen.ts';
import { parseMobile } from '../../registry/mobile.ts';

/** Whom a fault is armed for, by exactly one of three members. */
export function scopeOf(given: {
  readonly mobile?: string;
  readonly client_id?: string;
  readonly issuer?: boolean;
}): ArmingScope {
  const named = [given.mobile, given.client_id, given.issuer || undefined].filter((value) => value !== undefined);
  if (named.length !== 1) {
    throw new EmtaError(
      'bad_control_request',
      `expected one of "mobile", "client_id" and "issuer", got ${named.length}`,
    );
  }
  if (given.mobile !== undefined) return { mobile: mobileOf('mobile', given.mobile) };
  return given.client_id === undefined ? { issuer: true } : { clientId: given.client_id };
}

export function mobileOf(member: string, typed: string): Mobile {
  const mobile = parseMobile(typed);
  if (mobile.ok) return mobile.value;
  throw new EmtaError('bad_control_request', `expected "${member}" to be an Iranian mobile number, got "${typed}"`);
}

export function wholeNumber(member: string, given: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(given);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new EmtaError(
    'bad_control_request',
    `expected "${member}" to be a whole number from ${least} to ${most}, got "${given}"`,
  );
}

export function missing(what: string, id: string | undefined): EmtaError {
  return new EmtaError('unknown_item', `expected the id of a known ${what}, got "${id ?? ''}"`);
}
