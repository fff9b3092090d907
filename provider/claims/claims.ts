import type { Citizen } from '../registry/citizen.ts';
import { formatJalali } from '../registry/jalali.ts';
import { claimTable, type Disclose, type EmtaScope, emtaScopes, type Proved } from './scopes.ts';

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
export function resourceFor(citizen: Citizen, mobile: Proved, scope: EmtaScope): Resource {
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
