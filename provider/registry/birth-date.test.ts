import { expect, test } from '@jest/globals';
import { parseBirthDate, parseIsoBirthDate } from './birth-date.ts';

const today = '2026-10-01'; // 1405/07/09

test.each([
  '1369/08/17',
  '1369/8/17',
  '1369-08-17',
  '1369.8.17',
  '13690817',
  ' 1369 / 08 / 17 ',
  '۱۳۶۹/۰۸/۱۷',
  '١٣٦٩٠٨١٧',
])('reads "%s" in a single field', (field) => {
  expect(parseBirthDate(field, today)).toEqual({ ok: true, value: '1990-11-08' });
});

test.each([
  ['1369', '8', '17'],
  ['1369', '08', '17'],
  ['۱۳۶۹', '۸', ' ۱۷'],
  ['\u200e١٣٦٩', '٠٨', '١٧'],
])('reads the boxes %s, %s, %s', (year, month, day) => {
  expect(parseBirthDate({ year, month, day }, today)).toEqual({ ok: true, value: '1990-11-08' });
});

test.each([
  ['1369/13/01', 'month'],
  ['1369/00/10', 'month'],
  ['1369/08/00', 'day'],
  ['1369/07/31', 'day'],
  ['1404/12/30', 'day'],
  ['1374/12/30', 'day'],
  ['1371/12/30', 'day'],
  ['1990/11/08', 'year'],
  ['1249/12/29', 'year'],
  ['69/08/17', 'year'],
  ['17/08/1369', 'year'],
  ['1405/07/10', 'future'],
  ['1369/08', 'required'],
  ['1369/08/17/1', 'characters'],
  ['1369/08/017', 'day'],
  ['', 'required'],
  ['1369/آبان/17', 'characters'],
] as const)('refuses %s: %s', (field, reason) => {
  expect(parseBirthDate(field, today)).toEqual({ ok: false, reason });
});

test('accepts today itself', () => {
  expect(parseBirthDate('1405/07/09', today)).toEqual({ ok: true, value: today });
});

test('accepts leap days in leap years', () => {
  for (const [field, iso] of [
    ['1370/12/30', '1992-03-20'],
    ['1375/12/30', '1997-03-20'],
    ['1403/12/30', '2025-03-20'],
  ] as const) {
    expect(parseBirthDate(field, today)).toEqual({ ok: true, value: iso });
  }
});

test('reads ISO 8601 in a machine field and nothing else', () => {
  expect(parseIsoBirthDate('1990-11-08')).toEqual({ ok: true, value: '1990-11-08' });
  expect(parseIsoBirthDate('1990-11-8')).toEqual({ ok: false, reason: 'characters' });
  expect(parseIsoBirthDate('1369/08/17')).toEqual({ ok: false, reason: 'characters' });
  expect(parseIsoBirthDate('1991-02-29')).toEqual({ ok: false, reason: 'day' });
  expect(parseIsoBirthDate('1991-13-01')).toEqual({ ok: false, reason: 'month' });
  expect(parseIsoBirthDate('1369-08-17')).toEqual({ ok: false, reason: 'year' });
  expect(parseIsoBirthDate('')).toEqual({ ok: false, reason: 'required' });
});
