import { expect, test } from '@jest/globals';
import { clockAt } from '../kernel/clock.ts';
import {
  ageInYears,
  formatJalali,
  isJalaliDay,
  jalaliYearsBefore,
  timeInTehran,
  todayInTehran,
  toIso,
  toJalali,
} from './jalali.ts';

const leapYears = [
  1300, 1304, 1309, 1313, 1317, 1321, 1325, 1329, 1333, 1337, 1342, 1346, 1350, 1354, 1358, 1362, 1366, 1370, 1375,
  1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420,
];

test.each([
  ['1369/08/17', '1990-11-08'],
  ['1377/07/07', '1998-09-29'],
  ['1374/01/01', '1995-03-21'],
  ['1345/06/31', '1966-09-22'],
  ['1369/06/31', '1990-09-22'],
  ['1362/01/01', '1983-03-21'],
  ['1367/12/29', '1989-03-20'],
  ['1368/01/01', '1989-03-21'],
  ['1370/12/30', '1992-03-20'],
  ['1375/12/30', '1997-03-20'],
  ['1403/12/30', '2025-03-20'],
  ['1399/01/23', '2020-04-11'],
  ['1399/01/27', '2020-04-15'],
  ['1395/12/30', '2017-03-20'],
  ['1414/01/01', '2035-03-21'],
])('%s is %s, both ways', (jalali, iso) => {
  const [year = 0, month = 0, day = 0] = jalali.split('/').map(Number);
  expect(toIso({ year, month, day })).toBe(iso);
  expect(toJalali(iso)).toEqual({ year, month, day });
  expect(formatJalali(iso)).toBe(jalali);
});

test('knows the leap years of 1300 to 1420, five-year gaps included', () => {
  const found = Array.from({ length: 121 }, (_, index) => 1300 + index).filter((year) =>
    isJalaliDay({ year, month: 12, day: 30 }),
  );
  expect(found).toEqual(leapYears);
});

test('agrees with Intl on every day of 1300 to 1420', () => {
  const intl = new Intl.DateTimeFormat('en-US-u-ca-persian', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  const last = Date.parse('2042-03-20');
  for (let day = Date.parse('1921-03-21'); day <= last; day += 86_400_000) {
    const { year, month, day: date } = toJalali(new Date(day).toISOString().slice(0, 10));
    if (intl.format(day) !== `${month}/${date}/${year} AP`) {
      expect(intl.format(day)).toBe(`${month}/${date}/${year} AP`);
    }
  }
  expect(intl.format(last)).toBe('12/29/1420 AP'.replace('29', '30'));
});

test.each([
  ['1990-11-07T20:29:59Z', '1990-11-07'],
  ['1990-11-07T20:30:00Z', '1990-11-08'],
  ['1978-07-01T18:59:59Z', '1978-07-01'],
  ['1978-07-01T19:00:00Z', '1978-07-02'],
  ['1991-07-01T19:30:00Z', '1991-07-02'],
  ['2020-07-01T19:29:59Z', '2020-07-01'],
  ['2020-07-01T19:30:00Z', '2020-07-02'],
  ['2026-07-01T19:30:00Z', '2026-07-01'],
  ['2026-07-01T20:30:00Z', '2026-07-02'],
])('at %s the date in Tehran is %s', (instant, date) => {
  expect(todayInTehran(clockAt(instant))).toBe(date);
});

test.each([
  ['1991-07-01T08:00:59Z', '12:30:59'],
  ['2022-09-21T19:29:59Z', '23:59:59'],
  ['2022-09-21T19:30:00Z', '23:00:00'],
  ['2026-07-01T21:04:05Z', '00:34:05'],
])('at %s it is %s in Tehran', (instant, time) => {
  expect(timeInTehran(Date.parse(instant))).toBe(time);
});

test.each([
  ['1369/08/17 turns 18 on the day', '1990-11-08', '2008-11-06', 17],
  ['1369/08/17 turns 18 on the day', '1990-11-08', '2008-11-07', 18],
  ['born 1395/12/30, on 1413/12/29 still 17', '2017-03-20', '2035-03-20', 17],
  ['born 1395/12/30, on 1414/01/01 turns 18', '2017-03-20', '2035-03-21', 18],
  ['born 1375/12/30, on 1379/12/30 turns 4', '1997-03-20', '2001-03-20', 4],
  ['born 1375/12/30, on 1379/12/29 still 3', '1997-03-20', '2001-03-19', 3],
])('%s', (_title, birth, on, age) => {
  expect(ageInYears(birth, on)).toBe(age);
});

test('goes back by Jalali years, and to 29 Esfand where 30 is missing', () => {
  expect(formatJalali(jalaliYearsBefore('2025-03-20', 18))).toBe('1385/12/29');
  expect(formatJalali(jalaliYearsBefore('2025-03-21', 18))).toBe('1386/01/01');
  expect(formatJalali(jalaliYearsBefore('2025-03-20', 4))).toBe('1399/12/30');
});
