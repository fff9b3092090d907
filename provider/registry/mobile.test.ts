import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import { maskMobile, nationalForm, parseMobile } from './mobile.ts';

const spellings = [
  '09070000101',
  '9070000101',
  '+989070000101',
  '00989070000101',
  '989070000101',
  '0907 000 0101',
  '0907-000-0101',
  '+98 (0)907 000 0101',
  '۰۹۰۷۰۰۰۰۱۰۱',
  '٠٩٠٧٠٠٠٠١٠١',
];

test.each(spellings)('reads "%s", with stray marks of direction too', (text) => {
  const number = { ok: true, value: '+989070000101' };
  expect(parseMobile(text)).toEqual(number);
  expect(parseMobile(`\u202a\u200e${text}\u202c\u200f`)).toEqual(number);
  expect(parseMobile(`${text.slice(0, 2)}\u2066${text.slice(2)} `)).toEqual(number);
});

test.each([
  ['0907000010', 'not_mobile'],
  ['090700001011', 'not_mobile'],
  ['02112345678', 'not_mobile'],
  ['0907000010a', 'characters'],
  ['+1 202 555 0100', 'not_iranian'],
  ['', 'required'],
  ['\u200e ', 'required'],
  ['09', 'not_mobile'],
  ['+', 'characters'],
  ['+0907000010', 'not_iranian'],
  ['09070000101;ext=5', 'characters'],
] as const)('refuses "%s": %s', (text, reason) => {
  expect(parseMobile(text)).toEqual({ ok: false, reason });
});

test('takes any prefix after the 9, because numbers are portable', () => {
  for (const prefix of ['900', '912', '935', '990', '999', '982', '988']) {
    expect(parseMobile(`0${prefix}0000101`)).toEqual({ ok: true, value: `+98${prefix}0000101` });
    expect(parseMobile(`${prefix}0000101`)).toEqual({ ok: true, value: `+98${prefix}0000101` });
  }
});

test('takes E.164 alone in a machine field', () => {
  expect(parseMobile('+989070000101', 'machine')).toEqual({ ok: true, value: '+989070000101' });
  for (const text of spellings.filter((spelling) => spelling !== '+989070000101')) {
    expect(parseMobile(text, 'machine')).toEqual({ ok: false, reason: 'characters' });
  }
});

test('writes the national and the masked form', () => {
  const mobile = parseMobile('9070000101');
  expect(mobile.ok && [nationalForm(mobile.value), maskMobile(mobile.value)]).toEqual(['09070000101', '0907***0101']);
});

test('agrees with libphonenumber on every number in every spelling', () => {
  const prefix = fc.constantFrom('0', '', '+98', '0098', '98', '+98 (0)', '+98-');
  fc.assert(
    fc.property(prefix, fc.integer({ min: 900_000_000, max: 999_999_999 }), fc.nat(9), (start, first, last) => {
      const text = `${start}${first}${last}`;
      const oracle = parsePhoneNumberFromString(text, 'IR')?.number;
      expect(parseMobile(text)).toEqual({ ok: true, value: oracle });
    }),
  );
});
