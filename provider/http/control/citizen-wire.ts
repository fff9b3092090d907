import { EmtaError } from '../../kernel/errors.ts';
import { parseIsoBirthDate } from '../../registry/birth-date.ts';
import type { Citizen, Line } from '../../registry/citizen.ts';
import { formatJalali } from '../../registry/jalali.ts';
import { parseMobile } from '../../registry/mobile.ts';
import { parseNationalCode } from '../../registry/national-code.ts';
import { flag, object, type Schema, text } from './operation.ts';

export const citizenSchema: Schema = object(
  {
    national_code: text,
    given_name: text,
    family_name: text,
    father_name: text,
    birth_date: { anyOf: [text, object({ iso: text, jalali: text }, ['iso'])] },
    gender: { enum: ['male', 'female'] },
    shenasnameh_number: text,
    shenasnameh_serial: text,
    place_of_issue: text,
    email: text,
    deceased: flag,
    enrolled: flag,
    civil_register: { enum: ['unreachable'] },
    persona: text,
    mobile: text,
    sub: text,
  },
  ['national_code', 'given_name', 'family_name', 'birth_date', 'gender'],
);

export const lineSchema: Schema = object(
  {
    mobile: text,
    owner: text,
    state: { enum: ['active', 'inactive'] },
    ownership_register: { enum: ['unknown', 'unreachable'] },
    first_sms_lost: flag,
    fixed_code: { type: 'string', pattern: '^[0-9]{4,8}$' },
  },
  ['mobile', 'owner'],
);

const NAMES = [
  ['fatherName', 'father_name'],
  ['shenasnamehNumber', 'shenasnameh_number'],
  ['shenasnamehSerial', 'shenasnameh_serial'],
  ['placeOfIssue', 'place_of_issue'],
  ['email', 'email'],
  ['deceased', 'deceased'],
  ['enrolled', 'enrolled'],
  ['civilRegister', 'civil_register'],
  ['persona', 'persona'],
] as const satisfies readonly (readonly [keyof Citizen, string])[];

/** A person as the control interface writes them. */
export function citizenToWire(citizen: Citizen, lines: readonly Line[], sub: string): object {
  const optional = NAMES.flatMap(([member, name]) => (citizen[member] === undefined ? [] : [[name, citizen[member]]]));
  return {
    national_code: citizen.nationalCode,
    given_name: citizen.givenName,
    family_name: citizen.familyName,
    birth_date: { iso: citizen.birthDate, jalali: formatJalali(citizen.birthDate) },
    gender: citizen.gender,
    ...Object.fromEntries(optional),
    ...(lines[0] && { mobile: lines[0].mobile }),
    sub,
  };
}

/** Reads a person whose shape the schema has checked. */
export function citizenFromWire(wire: Readonly<Record<string, unknown>>): Citizen {
  const nationalCode = parseNationalCode(String(wire.national_code), { mode: 'machine' });
  if (!nationalCode.ok) throw wrong('national_code', nationalCode.reason, wire.national_code);
  const given = wire.birth_date;
  const iso = typeof given === 'object' && given !== null && 'iso' in given ? String(given.iso) : String(given);
  const birthDate = parseIsoBirthDate(iso);
  if (!birthDate.ok) throw wrong('birth_date', birthDate.reason, iso);
  const optional = NAMES.flatMap(([member, name]) => (wire[name] === undefined ? [] : [[member, wire[name]]]));
  return {
    nationalCode: nationalCode.value,
    givenName: String(wire.given_name),
    familyName: String(wire.family_name),
    birthDate: birthDate.value,
    gender: wire.gender === 'female' ? 'female' : 'male',
    ...Object.fromEntries(optional),
  };
}

/** Reads a line whose shape the schema has checked. */
export function lineFromWire(wire: Readonly<Record<string, unknown>>): Line {
  const mobile = parseMobile(String(wire.mobile));
  if (!mobile.ok) throw wrong('mobile', mobile.reason, wire.mobile);
  const owner = parseNationalCode(String(wire.owner), { mode: 'machine' });
  if (!owner.ok) throw wrong('owner', owner.reason, wire.owner);
  const register = wire.ownership_register;
  return {
    mobile: mobile.value,
    owner: owner.value,
    state: wire.state === 'inactive' ? 'inactive' : 'active',
    ...(register === 'unknown' || register === 'unreachable' ? { ownershipRegister: register } : {}),
    ...(wire.first_sms_lost === true && { firstSmsLost: true }),
    ...(typeof wire.fixed_code === 'string' && { fixedCode: wire.fixed_code }),
  };
}

function wrong(member: string, reason: string, got: unknown): EmtaError {
  return new EmtaError('bad_citizen', `"${member}" cannot be used (${reason}), got ${JSON.stringify(got)}`);
}
