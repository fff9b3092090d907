import type { Details } from '../accounts.ts';
import { parseJalaliDate, todayInTehran } from '../jalali.ts';
import type { Identity } from '../login/identity.ts';
import type { Policy } from '../policy.ts';
import { isPersian } from '../text.ts';
import { type Field, fields, postedValue } from './fields.ts';

/** What is wrong with a field: the key of the text, which may take the field's label. */
export interface Fault {
  readonly field: string;
  readonly key: string;
  /** Key of the label that the text names as `{field}`. */
  readonly label: string;
}

export interface Form {
  /** As stored where a field is right, else as typed. */
  readonly details: Details;
  readonly faults: readonly Fault[];
}

export const emptyDetails: Details = {
  nationalCode: '',
  givenName: '',
  familyName: '',
  fatherName: '',
  birthDate: '',
  shenasnamehNumber: '',
  placeOfIssue: '',
  gender: '',
  mobile: '',
  issueDate: '',
  address: '',
  education: '',
  city: '',
};

type FormPolicy = Pick<Policy, 'identityValue' | 'missingFields'>;

/** Reads the personal-data form beside what Emta has verified. */
export function readForm(posted: URLSearchParams, identity: Identity, policy: FormPolicy, now: number): Form {
  const faults: Fault[] = policy
    .missingFields(fields, posted, identity)
    .map(({ name, label }) => ({ field: name, key: 'emta.required', label }));
  const values: Record<string, string> = { ...emptyDetails };
  for (const field of fields) {
    const typed = postedValue(field, posted);
    const value = field.verified === undefined ? typed : policy.identityValue(field, field.verified(identity), typed);
    const { stored, fault } = value === '' ? { stored: '' } : check(field, value, identity, now);
    values[field.member] = stored;
    if (fault !== undefined) faults.push({ field: field.name, key: fault, label: field.label });
  }
  const place = ({ field }: Fault): number => fields.findIndex(({ name }) => name === field);
  return { details: asDetails(values), faults: faults.toSorted((one, other) => place(one) - place(other)) };
}

/** Starred fields that were left empty. */
export function missingFields(all: readonly Field[], posted: URLSearchParams): readonly Field[] {
  return all.filter((field) => field.isRequired && postedValue(field, posted) === '');
}

/** The passwords, by the rules of the policy. */
export function readPassword(posted: URLSearchParams, policy: Pick<Policy, 'passwordFaults'>): readonly Fault[] {
  const password = posted.get('password') ?? '';
  const faults = policy
    .passwordFaults(password)
    .map((key) => ({ field: 'password', key, label: 'site.password.label' }));
  if (faults.length > 0) return faults;
  if (password === posted.get('password_repeat')) return [];
  return [{ field: 'password_repeat', key: 'site.password.differs', label: 'site.password.repeat' }];
}

function check(
  field: Field,
  value: string,
  identity: Identity,
  now: number,
): { readonly stored: string; readonly fault?: string } {
  if (field.verified?.(identity) === value) return { stored: value };
  const isTooLong = value.length > 500;
  if (field.name === 'issue_date') {
    const date = parseJalaliDate(value);
    if (date === undefined) return { stored: value, fault: 'site.info.date_invalid' };
    if (date < identity.birthDate) return { stored: value, fault: 'site.info.date_before_birth' };
    if (date > todayInTehran(now)) return { stored: value, fault: 'site.info.date_to_come' };
    return { stored: date };
  }
  if (field.name === 'gender') return value === 'male' || value === 'female' ? { stored: value } : { stored: '' };
  if (field.kind === 'number' && !/^[0-9]{1,10}$/.test(value)) return { stored: value, fault: 'site.info.not_number' };
  if ((field.kind === 'persian' || field.kind === 'choice') && (isTooLong || !isPersian(value))) {
    return { stored: value.slice(0, 500), fault: 'site.info.not_persian' };
  }
  return { stored: value };
}

function asDetails(values: Readonly<Record<string, string>>): Details {
  const text = (member: keyof Details): string => values[member] ?? '';
  const gender = values.gender === 'male' || values.gender === 'female' ? values.gender : '';
  return {
    nationalCode: text('nationalCode'),
    givenName: text('givenName'),
    familyName: text('familyName'),
    fatherName: text('fatherName'),
    birthDate: text('birthDate'),
    shenasnamehNumber: text('shenasnamehNumber'),
    placeOfIssue: text('placeOfIssue'),
    gender,
    mobile: text('mobile'),
    issueDate: text('issueDate'),
    address: text('address'),
    education: text('education'),
    city: text('city'),
  };
}
