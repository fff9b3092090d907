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

export type Claim = string | boolean | undefined;

/** The line that the citizen has proved to own in this login; undefined where none was proved. */
type Proved = Mobile | undefined;

type Disclose = (citizen: Citizen, mobile: Proved) => Claim;

/** Which claims a scope opens, in the order in which they are sent. An undefined claim is left out. */
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

/** The OpenID Connect claims of a citizen that these scopes open, and nothing else. */
export function claimsFor(
  citizen: Citizen,
  mobile: Proved,
  scopes: Iterable<string>,
): Readonly<Record<string, string | boolean>> {
  const wanted = new Set(scopes);
  const claims: Record<string, string | boolean> = {};
  for (const scope of emtaScopes) {
    if (wanted.has(scope)) {
      Object.assign(claims, disclosed(claimTable[scope], citizen, mobile));
    }
  }
  return claims;
}

/** What is known (K) or chosen (G) of Emta's own answer to `user:identity:general`; the birth date is Jalali. */
const identityMembers: Readonly<Record<string, Disclose>> = {
  name: ({ givenName }) => givenName,
  family: ({ familyName }) => familyName,
  fatherName: ({ fatherName }) => fatherName,
  birthDate: ({ birthDate }) => formatJalali(birthDate),
  nationalCode: ({ nationalCode }) => nationalCode,
  shenasnamehNumber: ({ shenasnamehNumber }) => shenasnamehNumber,
  shenasnamehSerial: ({ shenasnamehSerial }) => shenasnamehSerial,
  placeOfIssue: ({ placeOfIssue }) => placeOfIssue,
  gender: ({ gender }) => gender,
};

export type Resource = Readonly<Record<string, string | boolean | Readonly<Record<string, string | boolean>>>>;

/** The JSON that Emta's own resource of a scope answers with. */
export function resourceFor(scope: EmtaScope, citizen: Citizen, mobile: Proved): Resource {
  switch (scope) {
    case 'user:identity:general':
      return disclosed(identityMembers, citizen, mobile);
    case 'user:primaryMobileNumber':
      return { primaryMobileNumber: disclosed({ mobileNumber: () => mobile }, citizen, mobile) };
    case 'user:primaryEmail':
      return { primaryEmail: disclosed({ email: () => citizen.email }, citizen, mobile) };
    case 'user:status':
      return { status: 'verified' };
  }
}

function disclosed(
  members: Readonly<Record<string, Disclose>>,
  citizen: Citizen,
  mobile: Proved,
): Readonly<Record<string, string | boolean>> {
  const found: Record<string, string | boolean> = {};
  for (const [name, disclose] of Object.entries(members)) {
    const value = disclose(citizen, mobile);
    if (value !== undefined) {
      found[name] = value;
    }
  }
  return found;
}
