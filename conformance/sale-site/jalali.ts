import { isValidJalaaliDate, toGregorian, toJalaali } from 'jalaali-js';
import { typedNumber } from './text.ts';

const tehranOffset = 3.5 * 60 * 60 * 1000;
const pad = (number: number): string => String(number).padStart(2, '0');

/** An ISO calendar date, checked: a birth date is a date, never an instant. */
export function parseIsoDate(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) return undefined;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === value ? value : undefined;
}

/** A Jalali date such as `1369/08/17`, `1369-8-17` or `13690817`, as ISO. */
export function parseJalaliDate(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = typedNumber(value);
  const parts =
    /^([0-9]{4})([/-])([0-9]{1,2})\2([0-9]{1,2})$/.exec(text) ?? /^([0-9]{4})()([0-9]{2})([0-9]{2})$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[3]), Number(parts[4])];
  if (year < 1250 || year > 1450 || !isValidJalaaliDate(year, month, day)) return undefined;
  const { gy, gm, gd } = toGregorian(year, month, day);
  return `${gy}-${pad(gm)}-${pad(gd)}`;
}

/** An ISO date as `1369/08/17`. */
export function formatJalali(iso: string): string {
  const [year, month, day] = iso.split('-').map(Number);
  const { jy, jm, jd } = toJalaali(year ?? 0, month ?? 0, day ?? 0);
  return `${jy}/${pad(jm)}/${pad(jd)}`;
}

/** The date in Tehran, which has been three and a half hours ahead all year since 1402. */
export function todayInTehran(now: number): string {
  return new Date(now + tehranOffset).toISOString().slice(0, 10);
}

/** Whole years of age by the Jalali calendar; somebody born on 30 Esfand has a birthday on 1 Farvardin where that day is missing. */
export function jalaliAge(birth: string, today: string): number {
  const [born, now] = [formatJalali(birth), formatJalali(today)];
  const years = Number(now.slice(0, 4)) - Number(born.slice(0, 4));
  return now.slice(4) < born.slice(4) ? years - 1 : years;
}
