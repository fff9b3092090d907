import { expect, test } from '@jest/globals';
import { formatJalali, jalaliAge, parseIsoDate, parseJalaliDate, todayInTehran } from './jalali.ts';

test.each([
  ['1369/08/17', '1990-11-08'],
  ['1369-8-17', '1990-11-08'],
  ['13690817', '1990-11-08'],
  ['۱۳۷۵/۱۲/۳۰', '1997-03-20'],
  ['1404/12/30', undefined],
  ['1369/07/31', undefined],
  ['17/08/1369', undefined],
  ['1990/11/08', undefined],
])('reads the Jalali date %s', (text, iso) => {
  expect(parseJalaliDate(text)).toBe(iso);
});

test('writes a calendar date without shifting the day', () => {
  expect(formatJalali('1983-03-21')).toBe('1362/01/01');
  expect(formatJalali('1997-03-20')).toBe('1375/12/30');
});

test('refuses an ISO date that no calendar holds', () => {
  expect(parseIsoDate('1990-02-30')).toBeUndefined();
  expect(parseIsoDate('1990-02-28')).toBe('1990-02-28');
});

test('counts age in Jalali years, with 1 Farvardin for a missing 30 Esfand', () => {
  expect(jalaliAge('2017-03-20', '2035-03-20')).toBe(17);
  expect(jalaliAge('2017-03-20', '2035-03-21')).toBe(18);
  expect(jalaliAge('1990-11-08', '2008-11-06')).toBe(17);
  expect(jalaliAge('1990-11-08', '2008-11-07')).toBe(18);
});

test('turns the day at midnight in Tehran', () => {
  expect(todayInTehran(Date.UTC(2025, 0, 1, 20, 29))).toBe('2025-01-01');
  expect(todayInTehran(Date.UTC(2025, 0, 1, 20, 30))).toBe('2025-01-02');
});
