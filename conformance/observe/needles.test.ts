import { expect, test } from '@jest/globals';
import type { Person } from '../driver/person.ts';
import { blanked, foundIn, haystackOf, needlesOf, placeholderOf, readIn } from './needles.ts';

const person: Person = {
  nationalCode: '0012345678',
  givenName: 'يكتا',
  familyName: 'کاویانی\u200cنژاد',
  fatherName: 'علی',
  birthDate: '1990-11-08',
  birthJalali: '1369/08/17',
  gender: 'female',
  shenasnamehNumber: '412',
  mobile: '+989121234567',
};
const needles = needlesOf(person);
const found = (body: string) => [...new Set(foundIn(haystackOf(body), needles).map(({ what }) => what))];

test.each([
  ['<p>یکتا</p>', ['given name']],
  ['{"name":"\\u06cc\\u06a9\\u062a\\u0627"}', ['given name']],
  ['<input value="&#1740;&#1705;&#1578;&#1575;">', ['given name']],
  ['کاویانی نژاد', []],
  ['كاوياني\u200cنژاد', ['family name']],
  ['یکتا کاویانی‌نژاد', ['full name', 'given name', 'family name']],
  ['یکتایی', []],
  ['علیرضا', []],
  ['۰۰۱۲۳۴۵۶۷۸', ['national code']],
  ['001-234567-8', ['national code']],
  ['10012345678', []],
])('in %s stands %j', (body, expected) => {
  expect(found(body)).toEqual(expected);
});

test.each([
  '09121234567',
  '+989121234567',
  '00989121234567',
  '+98 912 123 4567',
  '0912-123-4567',
  '۰۹۱۲۱۲۳۴۵۶۷',
  '9121234567',
])('the number is found as %s', (text) => {
  expect(found(`<b>${text}</b>`)).toContain('mobile number');
});

test.each(['0912***4567', '4567***0912', '0912•••••67', '+98912***4567'])(
  'the masked number is found as %s',
  (text) => {
    expect(found(text)).toEqual(['masked mobile number']);
  },
);

test.each(['1369/08/17', '1369/8/17', '۱۳۶۹/۰۸/۱۷', '17 آبان 1369', '1990-11-08', '08.11.1990'])(
  'the birth date is found as %s',
  (text) => {
    expect(found(text)).toEqual(['birth date']);
  },
);

test('a number one digit longer, and a short shenasnameh number, give nobody away', () => {
  expect(found('091212345678 and 412')).toEqual([]);
});

test('two pages that differ in the citizen alone are the same once blanked', () => {
  const other = { ...person, givenName: 'رضا', familyName: 'فرهمند', mobile: '+989301112233' };
  const page = ({ givenName, familyName, mobile }: Person) => `سلام ${givenName} ${familyName}، ${mobile}`;
  expect(blanked(page(person), needles)).toBe(blanked(page(other), needlesOf(other)));
});

test('puts the placeholders of the evidence, and nothing of the site, into the words of the reader', () => {
  const text = `سلام ${placeholderOf("father's name", 'A')} [name of B] ${placeholderOf('given name', 'P5')}`;
  expect(readIn('fa', text)).toBe('سلام [نام پدر شهروند A] [name of B] [نام شهروند P5]');
  expect(readIn('en', text)).toBe(text);
});
