import type { Citizen, Mobile } from '../registry/citizen.ts';
import { formatJalali } from '../registry/jalali.ts';

/** The scopes that Emta knows besides `openid`. */
export const emtaScopes = [
  'user:identity:general',
  'user:primaryMobileNumber',
  'user:primaryEmail',
  'user:status',
] as const;

export type EmtaScope = (typeof emtaScopes)[number];

type Claim = string | boolean | undefined;

/** The line that the citizen has proved to own in this login; undefined where none was proved. */
export type Proved = Mobile | undefined;

/** Reads one value; an undefined one is left out of the answer. */
export type Disclose = (citizen: Citizen, mobile: Proved) => Claim;

/** Which claims a scope opens, in the order in which they are sent. */
export const claimTable: Readonly<Record<EmtaScope, Readonly<Record<string, Disclose>>>> = {
  'user:identity:general': {
    given_name: ({ givenName }) => givenName,
    family_name: ({ familyName }) => familyName,
    name: ({ givenName, familyName }) => `${givenName} ${familyName}`,
    father_name: ({ fatherName }) => fatherName,
    birthdate: ({ birthDate }) => birthDate,
    birthdate_jalali: ({ birthDate }) => formatJalali(birthDate),
    national_code: ({ nationalCode }) => nationalCode,
    shenasnameh_number: ({ shenasnamehNumber }) => shenasnamehNumber,
    shenasnameh_serial: ({ shenasnamehSerial }) => shenasnamehSerial,
    place_of_issue: ({ placeOfIssue }) => placeOfIssue,
    gender: ({ gender }) => gender,
  },
  'user:primaryMobileNumber': {
    phone_number: (_citizen, mobile) => mobile,
    phone_number_verified: (_citizen, mobile) => (mobile === undefined ? undefined : true),
  },
  'user:primaryEmail': {
    email: ({ email }) => email,
    email_verified: ({ email }) => (email === undefined ? undefined : true),
  },
  'user:status': {
    emta_status: () => 'verified',
  },
};

/** The scopes that open any of these claims. */
export function scopesOpening(claims: Iterable<string>): readonly EmtaScope[] {
  const wanted = new Set(claims);
  return emtaScopes.filter((scope) => scopeClaims[scope].some((name) => wanted.has(name)));
}

/** The names of the claims that each scope opens. */
export const scopeClaims: Readonly<Record<EmtaScope, readonly string[]>> = {
  'user:identity:general': Object.keys(claimTable['user:identity:general']),
  'user:primaryMobileNumber': Object.keys(claimTable['user:primaryMobileNumber']),
  'user:primaryEmail': Object.keys(claimTable['user:primaryEmail']),
  'user:status': Object.keys(claimTable['user:status']),
};
