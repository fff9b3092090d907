import { expect, test } from '@jest/globals';
import { nationalCodeCheckDigit, parseNationalCode } from './national-code.ts';

const valid = [
  '9991001018',
  '9991001050',
  '9991001141',
  '9991001131',
  '9991001311',
  '0001000012',
  '0001000020',
  '9996543218',
  '9987654320',
  '9901368170',
  '9950102030',
  '9991234561',
  '1234567891',
];

test.each(valid)('accepts %s on a page and in a machine field', (code) => {
  expect(parseNationalCode(code)).toEqual({ ok: true, value: code });
  expect(parseNationalCode(code, { mode: 'machine' })).toEqual({ ok: true, value: code });
});

test('computes the check digit, also for remainders 0, 1 and 10', () => {
  expect(['999100101', '999100105', '999100114', '999100113'].map(nationalCodeCheckDigit)).toEqual([8, 0, 1, 1]);
});

test.each([
  ['1234567890', 'check_digit'],
  ['9991001019', 'check_digit'],
  ['9991001081', 'check_digit'],
  ['999100101', 'length'],
  ['99910010180', 'length'],
  ['', 'required'],
  ['99910O1018', 'characters'],
  ['900000000019', 'foreign'],
] as const)('refuses "%s" on a page and in a machine field: %s', (text, reason) => {
  expect(parseNationalCode(text)).toEqual({ ok: false, reason });
  expect(parseNationalCode(text, { mode: 'machine' })).toEqual({ ok: false, reason });
});

test.each(['۹۹۹۱۰۰۱۰۱۸', '٩٩٩١٠٠١٠١٨', '999-100101-8', '  9991001018\t', '\u200e9991001018\u202c'])(
  'accepts "%s" on a page alone',
  (text) => {
    expect(parseNationalCode(text)).toEqual({ ok: true, value: '9991001018' });
    expect(parseNationalCode(text, { mode: 'machine' })).toEqual({ ok: false, reason: 'characters' });
  },
);

test.each(Array.from({ length: 10 }, (_, digit) => String(digit).repeat(10)))(
  'refuses the repeated digits %s unless told otherwise',
  (code) => {
    expect(parseNationalCode(code)).toEqual({ ok: false, reason: 'repeated' });
    expect(parseNationalCode(code, { repeatedDigits: true, zeroMiddle: true })).toEqual({ ok: true, value: code });
  },
);

test('refuses a zero middle six unless told otherwise', () => {
  expect(parseNationalCode('9990000001')).toEqual({ ok: false, reason: 'zero_middle' });
  expect(parseNationalCode('9990000001', { zeroMiddle: true })).toEqual({ ok: true, value: '9990000001' });
});

test('accepts any prefix unless told which are known', () => {
  const isKnownPrefix = (prefix: string) => prefix === '123';
  expect(parseNationalCode('9991001018', { isKnownPrefix })).toEqual({ ok: false, reason: 'unknown_prefix' });
  expect(parseNationalCode('1234567891', { isKnownPrefix })).toEqual({ ok: true, value: '1234567891' });
});
