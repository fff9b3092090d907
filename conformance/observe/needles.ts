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

/** What stands in evidence in the place of a value. */
export const placeholderOf = (what: NeedleName, role: string): string => `[${what} of ${role}]`;

const placeholder = new RegExp(`\\[(${Object.keys(toldNames).join('|')}) of (\\w+)\\]`, 'g');

/** A text of the evidence with its placeholders in the words of a language; the rest is the site's. */
export const readIn = (lang: keyof Told, text: string): string =>
  text.replaceAll(placeholder, (_, what: NeedleName, role: string) => {
    const named = { en: role, fa: role };
    return `[${told`${whatOf({ what })} of ${named}`[lang]}]`;
  });

/** A text of the evidence cut at its placeholders. */
export const placeholdersIn = (text: string): readonly { readonly text: string; readonly isPlaceholder: boolean }[] => {
  const between = text.split(placeholder).filter((_, index) => index % 3 === 0);
  const found = [...text.matchAll(placeholder)].map(([whole]) => whole);
  return between.flatMap((part, index) => [
    { text: part, isPlaceholder: false },
    ...found.slice(index, index + 1).map((one) => ({ text: one, isPlaceholder: true })),
  ]);
};

/** A value of a citizen that gives him away wherever it is shown. */
export interface Needle {
  readonly what: NeedleName;
  /** How the value reads, for a finding; made-up, and masked by the report all the same. */
  readonly value: string;
  /** Every place where it stands in a haystack. */
  readonly pattern: RegExp;
  /** What must be in a haystack, or among its digits, for the pattern to be worth trying. */
  readonly clue: { readonly text: string } | { readonly digits: string };
}

/** Most needles are never found anywhere, and making a pattern costs more than looking for its clue. */
function needle(what: NeedleName, value: string, clue: Needle['clue'], make: () => RegExp): Needle {
  let pattern: RegExp | undefined;
  return {
    what,
    value,
    clue,
    get pattern() {
      pattern ??= make();
      return pattern;
    },
  };
}

export const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const spaced = (digits: string) => [...digits].map(escaped).join('[\\s\\-./]?');
/** A pattern that finds words and no part of one: «سامان» is not in «سامانه». */
export const whole = (source: string) => new RegExp(`(?<![\\p{L}\\p{N}])(?:${source})(?![\\p{L}\\p{N}])`, 'gu');
const digits = (source: string) => new RegExp(`(?<!\\d)(?:${source})(?!\\d)`, 'g');

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

const known = new WeakMap<Person, readonly Needle[]>();

/** Everything that tells this citizen from others, as it may be written. */
export function needlesOf(person: Person): readonly Needle[] {
  const needles = known.get(person) ?? makeNeedles(person);
  known.set(person, needles);
  return needles;
}

function makeNeedles(person: Person): readonly Needle[] {
  const { givenName, familyName, fatherName, nationalCode, shenasnamehNumber, mobile, subject } = person;
  const called = (what: NeedleName, ...names: readonly string[]) =>
    needle(what, names.join(' '), { text: fold(names.join(' ')).split(' ')[0] ?? '' }, () =>
      whole(names.map(nameSource).join(' ')),
    );
  const numbered = (what: NeedleName, value: string, clue: string, source: () => string) =>
    needle(what, value, { digits: clue }, () => digits(source()));
  const national = mobile.replace(/^\+98/, '');
  const dated = (date: string) => numbered('birth date', date, date.slice(0, 4), () => dateSource(date));
  const needles = [
    called('full name', givenName, familyName),
    called('given name', givenName),
    called('family name', familyName),
    numbered('national code', nationalCode, nationalCode, () => spaced(nationalCode)),
    numbered('mobile number', mobile, national, () => mobileSource(mobile)),
    needle(
      'masked mobile number',
      mobile,
      { digits: national.slice(0, 3) },
      () => new RegExp(maskedSource(mobile), 'g'),
    ),
    dated(person.birthJalali),
    dated(person.birthDate),
  ];
  if (fatherName !== undefined) needles.push(called("father's name", fatherName));
  if (
    shenasnamehNumber !== undefined &&
    shenasnamehNumber !== nationalCode &&
    shenasnamehNumber.length >= TELLING_DIGITS
  )
    needles.push(numbered('shenasnameh number', shenasnamehNumber, shenasnamehNumber, () => spaced(shenasnamehNumber)));
  if (subject !== undefined) {
    const folded = subject.toLowerCase();
    needles.push(needle('subject', subject, { text: folded }, () => whole(escaped(folded))));
  }
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

/** Those of the needles whose clue is there. */
function likelyIn(haystack: string, needles: readonly Needle[]): readonly Needle[] {
  const allDigits = haystack.replace(/\D+/g, '');
  return needles.filter(({ clue }) =>
    'text' in clue ? haystack.includes(clue.text) : allDigits.includes(clue.digits),
  );
}

/** Which needles stand in a haystack. */
export const foundIn = (haystack: string, needles: readonly Needle[]): readonly Needle[] =>
  likelyIn(haystack, needles).filter(({ pattern }) => haystack.search(pattern) >= 0);

/** Blanks every needle, so that two pages can be compared whoever is signed in. */
export function blanked(text: string, needles: readonly Needle[]): string {
  const folded = fold(text);
  return likelyIn(folded, needles).reduce((rest, { pattern }) => rest.replace(pattern, '·'), folded);
}
