import { readFileSync } from 'node:fs';
import { inNumber } from './counted.ts';

/** What the harness says of a relying party, in the two languages of its report. */
export interface Told {
  readonly en: string;
  readonly fa: string;
}

const catalogue = (name: string) =>
  JSON.parse(readFileSync(new URL(`../views/report/messages/${name}.json`, import.meta.url), 'utf8')) as Readonly<
    Record<string, string>
  >;

/** Persian by English, `{0}` where the first value stands; `told.test.ts` holds it against the code. */
const persian = catalogue('told-fa');

/** Persian of the labels of cases; those that are codes stay as they are. */
const persianCases = catalogue('cases-fa');

type Value = string | number | Told;

const persianZero = 0x06f0;
const persianDigits = (count: number): string =>
  String(count).replaceAll(/\d/g, (digit) => String.fromCharCode(persianZero + Number(digit)));

/** An address, a code or the words of a site, kept from being turned around by the Persian about it. */
const isolated = (text: string): string => `\u2068${text}\u2069`;

const inPersian = (value: Value): string =>
  typeof value === 'number' ? persianDigits(value) : typeof value === 'string' ? isolated(value) : value.fa;

/** A count of nothing in words, where the catalogue has it so: a zero, above all the dot that is ۰, is overlooked. */
const inWords = (sentence: string, index: number): string => {
  const none = sentence.replace(new RegExp(`\\{${index}\\}([^{]*)`), (_, after: string) => `no${inNumber(after, 1)}`);
  return none in persian ? none : sentence;
};

/**
 * A sentence of the harness: counts are written in the digits of each language, and English words after them in their
 * number (`counted.ts`); texts stay as they are.
 */
export function told(parts: TemplateStringsArray, ...values: readonly Value[]): Told {
  const key = parts.reduce((text, part, index) => `${text}{${index - 1}}${part}`);
  const sentence = values.reduce<string>((text, value, index) => (value === 0 ? inWords(text, index) : text), key);
  const en = sentence.replaceAll(/\{(\d+)\}([^{]*)/g, (_, index: string, after: string) => {
    const value = values[Number(index)] ?? '';
    return `${typeof value === 'object' ? value.en : value}${inNumber(after, value)}`;
  });
  return {
    en,
    fa:
      persian[sentence]?.replaceAll(/\{(\d+)\}/g, (_, index: string) => inPersian(values[Number(index)] ?? '')) ??
      isolated(en),
  };
}

/** What is the same in every language: an address, a code, the words of a site or of another program. */
export const verbatim = (text: string): Told => ({ en: text, fa: text === '' ? '' : isolated(text) });

/** The label of a case in a report. */
export const caseNamed = (label: string): Told => ({
  ...verbatim(label),
  fa: persianCases[label] ?? verbatim(label).fa,
});

const joints = {
  and: (one: Told, other: Told) => told`${one} and ${other}`,
  or: (one: Told, other: Told) => told`${one} or ${other}`,
  comma: (one: Told, other: Told) => told`${one}, ${other}`,
  semicolon: (one: Told, other: Told) => told`${one}; ${other}`,
};

/** Several in one sentence. */
export function listed(items: readonly (string | Told)[], joint: keyof typeof joints): Told {
  const each = items.map((item) => (typeof item === 'string' ? verbatim(item) : item));
  return each.length === 0 ? verbatim('') : each.reduce((one, other) => joints[joint](one, other));
}
