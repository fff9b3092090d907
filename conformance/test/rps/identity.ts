import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { End } from './pages.ts';

/** JSON of unknown shape. */
export type Members = Readonly<Record<string, unknown>>;

/** Somebody Emta vouched for. */
export interface Person {
  /** What the account hangs on: issuer and subject, or the national code; never a number or an address. */
  readonly key: string;
  readonly name: string;
  readonly mobile?: string | undefined;
}

/** A login that ends without a session, as an exception that carries the page to show. */
export class LoginEnded extends Error {
  readonly end: End;

  constructor(end: End, options?: ErrorOptions) {
    super(`login ended: ${end}`, options);
    this.end = end;
  }
}

/** The page for an error that Emta sent back. The description decides only between two pages and is never shown. */
export function endOf(error: string, description = ''): End {
  if (error === 'mobile_ownership_mismatch') return 'mismatch';
  if (error === 'access_denied') return description.startsWith('mobile_ownership_mismatch') ? 'mismatch' : 'refused';
  return error === 'temporarily_unavailable' || error === 'server_error' ? 'unavailable' : 'bad-answer';
}

/** The person of an ID token that was validated, and of userinfo about the same subject. */
export function personOfClaims(idToken: Members, userinfo: Members): Person {
  const { iss, sub } = idToken;
  // OIDC Core 2: at most 255 ASCII characters.
  if (typeof iss !== 'string' || typeof sub !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(sub)) {
    throw new LoginEnded('bad-answer');
  }
  if (userinfo.sub !== sub) throw new LoginEnded('bad-answer');
  const name = nameOf(userinfo.given_name ?? idToken.given_name, userinfo.family_name ?? idToken.family_name);
  return { key: `${iss} ${sub}`, name, mobile: provenMobile([idToken, userinfo]) };
}

/** The person of Emta's two resources. */
export function personOfResources(identity: Members, mobile: Members): Person {
  const code = identity.nationalCode;
  if (typeof code !== 'string' || !/^\d{10}$/.test(code) || 'error' in identity) throw new LoginEnded('bad-answer');
  const holder = mobile.primaryMobileNumber;
  const number = typeof holder === 'object' && holder !== null && 'mobileNumber' in holder ? holder.mobileNumber : '';
  return { key: code, name: nameOf(identity.name, identity.family), mobile: parseMobile(number) };
}

/** The one number that is marked verified with the boolean true; none when two sources name different ones. */
function provenMobile(sources: readonly Members[]): string | undefined {
  const proven = sources.filter((claims) => claims.phone_number_verified === true);
  const numbers = new Set(proven.map((claims) => parseMobile(claims.phone_number)));
  const [number] = numbers;
  return numbers.size === 1 ? number : undefined;
}

function parseMobile(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const number = parsePhoneNumberFromString(value, 'IR');
  if (number?.countryCallingCode !== '98' || !/^9\d{9}$/.test(number.nationalNumber)) return undefined;
  return number.number;
}

function nameOf(given: unknown, family: unknown): string {
  const parts = [given, family].filter((part) => typeof part === 'string' && part.trim() !== '');
  return parts.length > 0 ? parts.join(' ') : 'مشتری گرامی';
}
