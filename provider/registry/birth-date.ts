import { type Parsed, parsed, refused } from '../kernel/parsed.ts';
import { foldDigits, stripBidiMarks } from '../kernel/text.ts';
import type { BirthDate } from './citizen.ts';
import { isJalaliDay, toIso, toJalali } from './jalali.ts';

/** Why something typed is no date of birth. */
export type BirthDateRefusal = 'required' | 'characters' | 'year' | 'month' | 'day' | 'future';

/** Three boxes as typed. */
export interface BirthDateBoxes {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

const firstYear = 1250;
const lastYear = 1450;

const fold = (text: string): string => foldDigits(stripBidiMarks(text)).replaceAll('\u200c', '').trim();

/** Reads the three Jalali boxes, or one field such as `1369/8/17` or `13690817`; `today` (ISO) is the last day allowed. */
export function parseBirthDate(typed: BirthDateBoxes | string, today: string): Parsed<BirthDate, BirthDateRefusal> {
  const boxes = typeof typed === 'string' ? splitField(fold(typed)) : typed;
  const [year, month, day] = [fold(boxes.year), fold(boxes.month), fold(boxes.day)];
  if (year === '' || month === '' || day === '') {
    return refused('required');
  }
  if (![year, month, day].every((part) => /^[0-9]+$/.test(part))) {
    return refused('characters');
  }
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (year.length !== 4 || date.year < firstYear || date.year > lastYear) {
    return refused('year');
  }
  if (month.length > 2 || date.month < 1 || date.month > 12) {
    return refused('month');
  }
  if (day.length > 2 || !isJalaliDay(date)) {
    return refused('day');
  }
  const iso = toIso(date);
  return iso > today ? refused('future') : parsed(iso as BirthDate);
}

/** Reads a date of birth in a machine field: ISO 8601, a real day, within the years that pages accept. */
export function parseIsoBirthDate(text: string): Parsed<BirthDate, BirthDateRefusal> {
  if (text === '') {
    return refused('required');
  }
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) {
    return refused('characters');
  }
  const month = Number(text.slice(5, 7));
  if (month < 1 || month > 12) {
    return refused('month');
  }
  // A day that the Gregorian calendar lacks comes back from the Jalali one as another day.
  const jalali = toJalali(text);
  if (toIso(jalali) !== text) {
    return refused('day');
  }
  return jalali.year < firstYear || jalali.year > lastYear ? refused('year') : parsed(text as BirthDate);
}

function splitField(field: string): BirthDateBoxes {
  if (/^[0-9]{8}$/.test(field)) {
    return { year: field.slice(0, 4), month: field.slice(4, 6), day: field.slice(6) };
  }
  const [year = '', month = '', day = '', ...more] = field.split(/[/.-]/);
  return { year, month, day: [day, ...more].join('/') };
}
