import type { Details } from '../accounts.ts';
import type { Identity } from '../login/identity.ts';
import { foldLetters, typedNumber } from '../text.ts';

/** A field of the personal-data form, in the order of the page. */
export interface Field {
  /** As the form posts it. */
  readonly name: string;
  readonly member: keyof Details;
  /** Key of its label. */
  readonly label: string;
  readonly kind: 'persian' | 'number' | 'date' | 'choice' | 'mobile';
  /** Starred: the citizen must fill it in. */
  readonly isRequired: boolean;
  /** What Emta says of it; where it said something the field is read-only. */
  readonly verified?: (identity: Identity) => string | undefined;
}

export const fields: readonly Field[] = [
  verified('given_name', 'givenName', 'site.info.given_name', 'persian', ({ givenName }) => givenName),
  verified('family_name', 'familyName', 'site.info.family_name', 'persian', ({ familyName }) => familyName),
  verified('father_name', 'fatherName', 'site.info.father', 'persian', ({ fatherName }) => fatherName),
  verified('national_code', 'nationalCode', 'site.info.national_code', 'number', ({ nationalCode }) => nationalCode),
  verified('shenasnameh_number', 'shenasnamehNumber', 'site.info.shenasnameh', 'number', (it) => it.shenasnamehNumber),
  verified('birth_date', 'birthDate', 'site.info.birth', 'date', ({ birthDate }) => birthDate),
  verified('place_of_issue', 'placeOfIssue', 'site.info.issue_place', 'persian', ({ placeOfIssue }) => placeOfIssue),
  own('issue_date', 'issueDate', 'site.info.issue_date', 'date', true),
  verified('gender', 'gender', 'site.info.gender', 'choice', ({ gender }) => gender),
  verified('mobile', 'mobile', 'site.info.mobile', 'mobile', ({ mobile }) => mobile),
  own('education', 'education', 'site.info.education', 'choice', true),
  own('city', 'city', 'site.info.city', 'persian', false),
  own('address', 'address', 'site.info.address', 'persian', true),
];

/** Emta's value where it gave one, whatever the browser posted for it. */
export function identityValue(_field: Field, verified: string | undefined, posted: string): string {
  return verified ?? posted;
}

/** What was posted for a field, in the form that is stored; a date stays as typed until it is checked. */
export function postedValue(field: Field, posted: URLSearchParams): string {
  const text = posted.get(field.name) ?? '';
  return field.kind === 'persian' || field.kind === 'choice' ? foldLetters(text) : typedNumber(text);
}

type Verified = (identity: Identity) => string | undefined;

function verified(name: string, member: keyof Details, label: string, kind: Field['kind'], says: Verified): Field {
  return { name, member, label, kind, isRequired: false, verified: says };
}

function own(name: string, member: keyof Details, label: string, kind: Field['kind'], isRequired: boolean): Field {
  return { name, member, label, kind, isRequired };
}
