import { createHash } from 'node:crypto';
import { jalaliAge, parseIsoDate, parseJalaliDate } from '../jalali.ts';
import { parseMobile } from '../mobile.ts';
import { parseNationalCode } from '../national-code.ts';
import { foldLetters } from '../text.ts';
import type { Login } from './logins.ts';
import type { CitizenRecord } from './records.ts';
import type { Claims } from './redeem.ts';

/** A citizen as Emta has verified them. What Emta did not say is absent. */
export interface Identity {
  readonly issuer: string;
  readonly subject?: string;
  readonly nationalCode: string;
  /** ISO calendar date. */
  readonly birthDate: string;
  /** E.164, proven to be the citizen's own; without one the site goes no further. */
  readonly mobile?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly fatherName?: string;
  readonly shenasnamehNumber?: string;
  readonly placeOfIssue?: string;
  readonly gender?: 'male' | 'female';
}

/** The parts of an identity that the site can do nothing without; undefined when one is missing or malformed. */
export function readIdentity(record: CitizenRecord, issuer: string, mobile: string | undefined): Identity | undefined {
  const { claims, subject } = record;
  const nationalCode = parseNationalCode(claims.national_code);
  const birthDate = parseIsoDate(claims.birthdate) ?? parseJalaliDate(claims.birthdate_jalali);
  if (nationalCode === undefined || birthDate === undefined) return undefined;
  return {
    issuer,
    nationalCode,
    birthDate,
    ...present({
      subject,
      mobile,
      givenName: readName(claims.given_name),
      familyName: readName(claims.family_name),
      fatherName: readName(claims.father_name),
      shenasnamehNumber: readShenasnamehNumber(claims.shenasnameh_number),
      placeOfIssue: readName(claims.place_of_issue),
    }),
    ...(claims.gender === 'male' || claims.gender === 'female' ? { gender: claims.gender } : {}),
  };
}

/** The number counts as proven only with the boolean `true` beside it (OIDC Core 5.1). */
export function provenMobile(claims: Claims): string | undefined {
  return claims.phone_number_verified === true ? parseMobile(claims.phone_number) : undefined;
}

/** What was typed before Emta must be what Emta verified; an empty box says nothing. */
export function isAsTyped(identity: Identity, login: Login): { readonly code: boolean; readonly mobile: boolean } {
  return {
    code: login.typedNationalCode === undefined || login.typedNationalCode === identity.nationalCode,
    mobile: login.typedMobile === undefined || login.typedMobile === identity.mobile,
  };
}

export function isOfAge(birthDate: string, today: string): boolean {
  return jalaliAge(birthDate, today) >= 18;
}

/** What an account hangs on: issuer and subject (OIDC Core 5.7); where there is no subject, the national code. */
export function keyOf(identity: Identity): string {
  return `${identity.issuer} ${identity.subject ?? identity.nationalCode}`;
}

/** A name for the key that tells nothing about it. */
export function personId(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}

function readName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = foldLetters(value);
  return name === '' ? undefined : name;
}

/** Some registers write `0` where they have no number. */
function readShenasnamehNumber(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9]{1,10}$/.test(value) && Number(value) !== 0 ? value : undefined;
}

function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
