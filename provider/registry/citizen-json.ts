import { nearest } from '../kernel/nearest.ts';
import { parseBirthDate, parseIsoBirthDate } from './birth-date.ts';
import type { BirthDate, Citizen, Line, Mobile } from './citizen.ts';
import { formatJalali } from './jalali.ts';
import { parseMobile } from './mobile.ts';
import { anyCode, parseNationalCode } from './national-code.ts';

/** What cannot be used in a JSON value, and where: `['lines', 3, 'owner']`. */
export interface JsonProblem {
  readonly path: JsonPath;
  readonly message: string;
}

export type JsonPath = readonly (string | number)[];
export type JsonObject = Readonly<Record<string, unknown>>;

/** What was read: a value, or every problem at once. */
export type JsonRead<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly JsonProblem[] };

/** What a member must be, in words that follow `to be`; undefined when it is that. */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' && value.trim() !== '' ? undefined : 'a text');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const digits =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === 'string' && /^[0-9]+$/.test(value) && value.length >= least && value.length <= most
      ? undefined
      : `a text of ${least} to ${most} digits`;
const oneOf =
  (...known: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && known.includes(value) ? undefined : known.map((word) => `"${word}"`).join(' or ');
const nationalCode: Check = (value) =>
  typeof value === 'string' && parseNationalCode(value, { ...anyCode, mode: 'machine' }).ok
    ? undefined
    : 'a text of 10 digits whose check digit is right';
const mobile: Check = (value) =>
  typeof value === 'string' && parseMobile(value).ok ? undefined : 'an Iranian mobile number, such as "+989070000101"';
const birthDate: Check = (value) =>
  readBirthDate(value).ok ? undefined : 'a date such as "1990-11-08", "1369/08/17" or both as {"iso", "jalali"}';

const citizenMembers: Readonly<Record<string, Check>> = {
  national_code: nationalCode,
  given_name: text,
  family_name: text,
  father_name: text,
  birth_date: birthDate,
  gender: oneOf('male', 'female'),
  shenasnameh_number: digits(1, 10),
  shenasnameh_serial: text,
  place_of_issue: text,
  email: text,
  deceased: flag,
  enrolled: flag,
  civil_register: oneOf('unreachable'),
  persona: text,
  mobile,
};
const requiredOfCitizens = ['national_code', 'given_name', 'family_name', 'birth_date', 'gender'];

const lineMembers: Readonly<Record<string, Check>> = {
  mobile,
  owner: nationalCode,
  state: oneOf('active', 'inactive'),
  ownership_register: oneOf('unknown', 'unreachable'),
  first_sms_lost: flag,
  fixed_code: digits(4, 8),
};
const requiredOfLines = ['mobile', 'owner'];

/** Reads a person; `mobile` is a short way to give them an active line. */
export function readCitizen(input: unknown): JsonRead<{ readonly citizen: Citizen; readonly mobile?: Mobile }> {
  const problems = problemsOf(input, citizenMembers, requiredOfCitizens);
  if (problems.length > 0 || !isObject(input)) {
    return { ok: false, problems };
  }
  const code = parseNationalCode(String(input.national_code), { ...anyCode, mode: 'machine' });
  const born = readBirthDate(input.birth_date);
  const number = input.mobile === undefined ? undefined : parseMobile(String(input.mobile));
  if (!code.ok || !born.ok || number?.ok === false) {
    throw new TypeError('expected the checks of a person to have found what the parsers refuse');
  }
  const citizen: Citizen = {
    nationalCode: code.value,
    givenName: String(input.given_name),
    familyName: String(input.family_name),
    ...optionalText('fatherName', input.father_name),
    birthDate: born.value,
    gender: input.gender === 'female' ? 'female' : 'male',
    ...optionalText('shenasnamehNumber', input.shenasnameh_number),
    ...optionalText('shenasnamehSerial', input.shenasnameh_serial),
    ...optionalText('placeOfIssue', input.place_of_issue),
    ...optionalText('email', input.email),
    ...(input.deceased === true ? { deceased: true } : {}),
    ...(input.enrolled === true ? { enrolled: true } : {}),
    ...(input.civil_register === 'unreachable' ? { civilRegister: 'unreachable' } : {}),
    ...optionalText('persona', input.persona),
  };
  return { ok: true, value: { citizen, ...(number === undefined ? {} : { mobile: number.value }) } };
}

/** Reads a line; it is active unless told otherwise. */
export function readLine(input: unknown): JsonRead<Line> {
  const problems = problemsOf(input, lineMembers, requiredOfLines);
  if (problems.length > 0 || !isObject(input)) {
    return { ok: false, problems };
  }
  const number = parseMobile(String(input.mobile));
  const owner = parseNationalCode(String(input.owner), { ...anyCode, mode: 'machine' });
  if (!number.ok || !owner.ok) {
    throw new TypeError('expected the checks of a line to have found what the parsers refuse');
  }
  const register = input.ownership_register;
  return {
    ok: true,
    value: {
      mobile: number.value,
      owner: owner.value,
      state: input.state === 'inactive' ? 'inactive' : 'active',
      ...(register === 'unknown' || register === 'unreachable' ? { ownershipRegister: register } : {}),
      ...(input.first_sms_lost === true ? { firstSmsLost: true } : {}),
      ...optionalText('fixedCode', input.fixed_code),
    },
  };
}

/** A person in the names of the wire; absent members stay absent. */
export function citizenToJson(citizen: Citizen): JsonObject {
  return {
    national_code: citizen.nationalCode,
    given_name: citizen.givenName,
    family_name: citizen.familyName,
    father_name: citizen.fatherName,
    birth_date: { iso: citizen.birthDate, jalali: formatJalali(citizen.birthDate) },
    gender: citizen.gender,
    shenasnameh_number: citizen.shenasnamehNumber,
    shenasnameh_serial: citizen.shenasnamehSerial,
    place_of_issue: citizen.placeOfIssue,
    email: citizen.email,
    deceased: citizen.deceased,
    enrolled: citizen.enrolled,
    civil_register: citizen.civilRegister,
    persona: citizen.persona,
  };
}

/** A line in the names of the wire. */
export function lineToJson(line: Line): JsonObject {
  return {
    mobile: line.mobile,
    owner: line.owner,
    state: line.state,
    ownership_register: line.ownershipRegister,
    first_sms_lost: line.firstSmsLost,
    fixed_code: line.fixedCode,
  };
}

export function isObject(input: unknown): input is JsonObject {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** Members that are unknown, missing or not what they must be. */
export function problemsOf(
  input: unknown,
  members: Readonly<Record<string, Check>>,
  required: readonly string[],
): readonly JsonProblem[] {
  if (!isObject(input)) {
    return [{ path: [], message: `expected an object, got ${JSON.stringify(input)}` }];
  }
  const unusable = Object.entries(input).flatMap(([name, value]): readonly JsonProblem[] => {
    const check = Object.hasOwn(members, name) ? members[name] : undefined;
    if (check === undefined) {
      const meant = nearest(name, Object.keys(members));
      return [{ path: [name], message: `unknown member "${name}"${meant ? `, did you mean "${meant}"?` : ''}` }];
    }
    const wanted = check(value);
    return wanted === undefined
      ? []
      : [{ path: [name], message: `expected "${name}" to be ${wanted}, got ${JSON.stringify(value)}` }];
  });
  const missing = required
    .filter((name) => !Object.hasOwn(input, name))
    .map((name): JsonProblem => ({ path: [], message: `expected a member "${name}", got none` }));
  return [...unusable, ...missing];
}

type BirthDateRead = { readonly ok: true; readonly value: BirthDate } | { readonly ok: false };

function readBirthDate(input: unknown): BirthDateRead {
  if (isObject(input)) {
    const { iso, jalali, ...others } = input;
    const fromIso = iso === undefined ? undefined : readBirthDate(iso);
    const fromJalali = jalali === undefined ? undefined : readBirthDate(jalali);
    const agree = fromIso?.ok !== true || fromJalali?.ok !== true || fromIso.value === fromJalali.value;
    const isSound = Object.keys(others).length === 0 && fromIso?.ok !== false && fromJalali?.ok !== false && agree;
    return (isSound ? (fromIso ?? fromJalali) : undefined) ?? { ok: false };
  }
  if (typeof input !== 'string') {
    return { ok: false };
  }
  return input.includes('-') ? parseIsoBirthDate(input) : parseBirthDate(input, lastDay);
}

/** The clock may be put forward, so that no day is too late for a file. */
const lastDay = '9999-12-31';

function optionalText<Name extends string>(name: Name, value: unknown): { readonly [member in Name]?: string } {
  const members: { [member in Name]?: string } = {};
  if (typeof value === 'string') {
    members[name] = value;
  }
  return members;
}
