import type { Person } from '../driver/person.ts';
import { type Told, told } from '../told.ts';
import { fold } from './fold.ts';

/** What a value of a citizen is. */
export type NeedleName =
  | 'full name'
  | 'given name'
  | 'family name'
  | "father's name"
  | 'national code'
  | 'shenasnameh number'
  | 'mobile number'
  | 'masked mobile number'
  | 'birth date'
  | 'subject';

const toldNames: Readonly<Record<NeedleName, Told>> = {
  'full name': told`full name`,
  'given name': told`given name`,
  'family name': told`family name`,
  "father's name": told`father's name`,
  'national code': told`national code`,
  'shenasnameh number': told`shenasnameh number`,
  'mobile number': told`mobile number`,
  'masked mobile number': told`masked mobile number`,
  'birth date': told`birth date`,
  subject: told`subject`,
};

/** The name in a finding. */
export const whatOf = ({ what }: Pick<Needle, 'what'>): Told => toldNames[what];

/** A value of a citizen that gives him away wherever it is shown. */
export interface Needle {
  readonly what: NeedleName;
  /** How the value reads, for a finding; made-up, and masked by the report all the same. */
  readonly value: string;
  readonly pattern: RegExp;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const spaced = (digits: string) => [...digits].map(escaped).join('[\\s\\-./]?');
const whole = (source: string) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${source})(?![\\p{L}\\p{N}])`, 'u');
const digits = (source: string) => new RegExp(`(?<!\\d)(?:${source})(?!\\d)`);

const months = ['فروردین', 'اردیبهشت', 'خرداد', 'تیر', 'مرداد', 'شهریور', 'مهر', 'آبان', 'آذر', 'دی', 'بهمن', 'اسفند'];

const padded = (part: string) => `0?${Number(part)}`;

function dateSource(date: string): string {
  const [year = '', month = '', day = ''] = date.split(/[-/]/);
  const gap = '\\s*[-/.]\\s*';
  const byNumber = `${year}${gap}${padded(month)}${gap}${padded(day)}|${padded(day)}${gap}${padded(month)}${gap}${year}|${year}${month}${day}`;
  const name = Number(year) < 1700 ? months[Number(month) - 1] : undefined;
  return name === undefined ? byNumber : `${byNumber}|${padded(day)} ${fold(name)}(?: ماه)?,? ${year}`;
}

/** Names are matched word by word with any joiner or space between their parts. */
const nameSource = (name: string) => fold(name).split(' ').map(escaped).join(' ?');

function mobileSource(mobile: string): string {
  const national = mobile.replace(/^\+98/, '');
  return `(?:(?:\\+|00)?98[\\s-]?(?:\\(0\\))?[\\s-]?|0)?${spaced(national)}`;
}

function maskedSource(mobile: string): string {
  const national = mobile.replace(/^\+98/, '');
  const [head, tail] = [national.slice(0, 3), national.slice(-4)];
  const stars = '[*\\u2022\\u00d7x\\u2026.#_-]{2,8}';
  return `(?:(?:\\+|00)?98|0)?${head}\\d?\\s?${stars}\\s?\\d?${tail.slice(-2)}(?!\\d)|(?:(?:\\+|00)?98|0)?${head}\\d?\\s?${stars}\\s?${tail}|${tail}\\s?${stars}\\s?0?${head}\\d?`;
}

/** Numbers this short occur by chance. */
const TELLING_DIGITS = 6;

/** Everything that tells this citizen from others, as it may be written. */
export function needlesOf(person: Person): readonly Needle[] {
  const needles: Needle[] = [
    {
      what: 'full name',
      value: `${person.givenName} ${person.familyName}`,
      pattern: whole(`${nameSource(person.givenName)} ${nameSource(person.familyName)}`),
    },
    { what: 'given name', value: person.givenName, pattern: whole(nameSource(person.givenName)) },
    { what: 'family name', value: person.familyName, pattern: whole(nameSource(person.familyName)) },
    { what: 'national code', value: person.nationalCode, pattern: digits(spaced(person.nationalCode)) },
    { what: 'mobile number', value: person.mobile, pattern: digits(mobileSource(person.mobile)) },
    { what: 'masked mobile number', value: person.mobile, pattern: new RegExp(maskedSource(person.mobile)) },
    { what: 'birth date', value: person.birthJalali, pattern: digits(dateSource(person.birthJalali)) },
    { what: 'birth date', value: person.birthDate, pattern: digits(dateSource(person.birthDate)) },
  ];
  const { fatherName, shenasnamehNumber, subject } = person;
  if (fatherName !== undefined)
    needles.push({ what: "father's name", value: fatherName, pattern: whole(nameSource(fatherName)) });
  if (
    shenasnamehNumber !== undefined &&
    shenasnamehNumber !== person.nationalCode &&
    shenasnamehNumber.length >= TELLING_DIGITS
  ) {
    needles.push({ what: 'shenasnameh number', value: shenasnamehNumber, pattern: digits(spaced(shenasnamehNumber)) });
  }
  if (subject !== undefined)
    needles.push({ what: 'subject', value: subject, pattern: whole(escaped(subject.toLowerCase())) });
  return needles;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  zwnj: '',
  zwj: '',
  lrm: '',
  rlm: '',
};

/** The whole of a body with what markup and JSON escape written out: text, attributes, scripts and all. */
export function haystackOf(body: string): string {
  return fold(
    body
      .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#x([0-9a-fA-F]{1,6});/g, (_, hex: string) => codePoint(Number.parseInt(hex, 16)))
      .replace(/&#(\d{1,7});/g, (_, decimal: string) => codePoint(Number(decimal)))
      .replace(/&([a-z]+);/g, (all, name: string) => entities[name] ?? all)
      .replace(/<[^>]*>/g, (tag) => ` ${tag} `),
  );
}

const codePoint = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '');

/** Which needles stand in a haystack. */
export const foundIn = (haystack: string, needles: readonly Needle[]): readonly Needle[] =>
  needles.filter(({ pattern }) => pattern.test(haystack));

/** Blanks every needle, so that two pages can be compared whoever is signed in. */
export function blanked(text: string, needles: readonly Needle[]): string {
  return needles.reduce(
    (rest, { pattern }) => rest.replace(new RegExp(pattern.source, `${pattern.flags}g`), '·'),
    fold(text),
  );
}
