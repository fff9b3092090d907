import { isValidJalaaliDate, jalaaliMonthLength, toGregorian, toJalaali } from 'jalaali-js';
import type { Clock } from '../kernel/ports.ts';

/** A day of the Jalali calendar. */
export interface JalaliDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The last summer time of Iran ended then. */
const ONE_OFFSET_SINCE = Date.UTC(2022, 8, 21, 19, 30);
const OFFSET = 3.5 * 3_600_000;

const pad = (value: number, length: number): string => String(value).padStart(length, '0');

/** Whether the calendar has this day: 30 Esfand in leap years alone. */
export function isJalaliDay({ year, month, day }: JalaliDate): boolean {
  return [year, month, day].every(Number.isInteger) && isValidJalaaliDate(year, month, day);
}

/** ISO 8601 (Gregorian) of a Jalali day. */
export function toIso({ year, month, day }: JalaliDate): string {
  const { gy, gm, gd } = toGregorian(year, month, day);
  return `${pad(gy, 4)}-${pad(gm, 2)}-${pad(gd, 2)}`;
}

/** The Jalali day of an ISO 8601 calendar date. No instant and no time zone takes part. */
export function toJalali(iso: string): JalaliDate {
  const { jy, jm, jd } = toJalaali(Number(iso.slice(0, 4)), Number(iso.slice(5, 7)), Number(iso.slice(8, 10)));
  return { year: jy, month: jm, day: jd };
}

/** `1369/08/17` of an ISO 8601 calendar date. */
export function formatJalali(iso: string): string {
  const { year, month, day } = toJalali(iso);
  return `${pad(year, 4)}/${pad(month, 2)}/${pad(day, 2)}`;
}

/** The calendar date in Tehran, ISO 8601. */
export function todayInTehran(clock: Clock): string {
  return inTehran(clock.now()).slice(0, 10);
}

/** The time of day in Tehran, `20:30:59`. */
export function timeInTehran(instant: number): string {
  return inTehran(instant).slice(11, 19);
}

/** Date and time; the calendars of the world are loaded for the instants that need them alone, since that takes 30 ms. */
function inTehran(instant: number): string {
  if (instant >= ONE_OFFSET_SINCE) return new Date(instant + OFFSET).toISOString();
  const style = { timeZone: 'Asia/Tehran', dateStyle: 'short', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat('sv-SE', style).format(instant);
}

/** Full Jalali years between two ISO dates; who was born on 30 Esfand ages on 1 Farvardin where that day is missing. */
export function ageInYears(birthDate: string, on: string): number {
  const birth = toJalali(birthDate);
  const today = toJalali(on);
  const hadBirthday = today.month > birth.month || (today.month === birth.month && today.day >= birth.day);
  return today.year - birth.year - (hadBirthday ? 0 : 1);
}

/** The same Jalali day some years earlier; 30 Esfand becomes 29 where it is missing. */
export function jalaliYearsBefore(iso: string, years: number): string {
  const { year, month, day } = toJalali(iso);
  return toIso({ year: year - years, month, day: Math.min(day, jalaaliMonthLength(year - years, month)) });
}
