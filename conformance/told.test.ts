import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { type SyntaxNode, syntaxOf } from '../scripts/syntax.ts';
import { scenarios } from './scenarios/index.ts';
import { caseNamed, listed, told, verbatim } from './told.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const texts = (name: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(here, `../views/report/messages/${name}.json`), 'utf8'));
const persian = texts('told-fa');

describe('a sentence', () => {
  test('counts in the digits of each language, and keeps what a site wrote apart from the Persian about it', () => {
    expect(told`hop ${12}: ${'GET http://127.0.0.1:8080/cb -> 200'}`).toEqual({
      en: 'hop 12: GET http://127.0.0.1:8080/cb -> 200',
      fa: 'گام ۱۲: \u2068GET http://127.0.0.1:8080/cb -> 200\u2069',
    });
  });

  test('puts the English word after a count into its number', () => {
    expect([1, 2].map((count) => told`at most ${count} token request(s)`.en)).toEqual([
      'at most 1 token request',
      'at most 2 token requests',
    ]);
  });

  test('tells a count of nothing in words, where a zero would be overlooked', () => {
    expect([told`${0} token request(s)`, told`client_id "${'shop'}" after ${0} redirect(s)`]).toEqual([
      { en: 'no token request', fa: 'هیچ درخواست توکنی' },
      { en: 'client_id "shop" after no redirect', fa: 'client_id برابر \u2068shop\u2069، بی‌هیچ هدایتی' },
    ]);
    expect(told`exchange ${0}`.en).toBe('exchange 0');
  });

  test('takes in others', () => {
    expect(told`${told`a token request`}; ${listed(['A', told`nothing`], 'and')}`).toEqual({
      en: 'a token request; A and nothing',
      fa: 'یک درخواست توکن؛ \u2068A\u2069 و هیچ',
    });
  });

  test('that is the same everywhere is kept as it is', () => {
    expect(verbatim('scope=openid')).toEqual({ en: 'scope=openid', fa: '\u2068scope=openid\u2069' });
    expect(verbatim('')).toEqual({ en: '', fa: '' });
  });
});

/** The sentence of a tagged template as the catalogue knows it; nothing for any other node. */
function sentenceOf({ members }: SyntaxNode): readonly string[] {
  const { tag, template } = members as {
    readonly tag?: { readonly value?: string };
    readonly template?: { readonly quasis: readonly { readonly cooked: string }[] };
  };
  if (tag?.value !== 'told' || template === undefined) return [];
  return [template.quasis.map(({ cooked }) => cooked).reduce((text, part, index) => `${text}{${index - 1}}${part}`)];
}

const sources = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|\.d\.ts$|^(?:test|sale-site|examples)\//.test(name))
  .map((name) => readFileSync(join(here, name), 'utf8'))
  .filter((text) => text.includes('told`'));
const sentences = new Set(sources.flatMap((text) => syntaxOf(text)).flatMap(sentenceOf));

/** A label that is a code of some standard, an address or a value is the same in Persian. */
const isCode = (label: string) =>
  /^\S*[\d_/{}"\\.-]\S*$/.test(label) ||
  ['bearer', 'none', 'pem', 'der', 'jku', 'host', 'localhost'].includes(label.trim().toLowerCase());

describe('the Persian of the labels', () => {
  const labels = new Set(scenarios.flatMap(({ cases }) => (cases.length > 1 ? cases.map(({ label }) => label) : [])));

  test('is there for each case, codes aside, and for no other', () => {
    const cases = texts('cases-fa');
    const known = [...labels, 'calibration'].filter((label) => label !== '');
    expect(known.filter((label) => cases[label] === undefined && !isCode(label))).toEqual([]);
    expect(Object.keys(cases).filter((label) => !known.includes(label))).toEqual([]);
  });

  test('is told before a reason', () => {
    expect(caseNamed('at mobile')).toEqual({ en: 'at mobile', fa: 'در صفحه شماره همراه' });
    expect(caseNamed('login_required')).toEqual(verbatim('login_required'));
  });
});

test('no sentence counts in the plural alone what another counts in both numbers', () => {
  const nouns = new Set([...sentences].flatMap((one) => [...one.matchAll(/(\w+)\(\w+\)/g)].map(([, noun]) => noun)));
  expect(nouns).toContain('request');
  const plural = new RegExp(`\\{\\d+\\} (?:[a-z]+ ){0,2}(?:${[...nouns].join('|')})(?:s|es)\\b`);
  expect([...sentences].filter((sentence) => plural.test(sentence))).toEqual([]);
  expect(plural.test('at most {0} token requests')).toBe(true);
});

describe('the Persian of the sentences', () => {
  test('is there for each sentence of the code, and for no other', () => {
    expect([...sentences].filter((sentence) => persian[sentence] === undefined)).toEqual([]);
    const ofNone = [...sentences].flatMap((one) =>
      [...one.matchAll(/\{\d+\}(?= )/g)].map(
        ({ index, 0: hole }) => `${one.slice(0, index)}no${one.slice(index + hole.length).replace(/\((?:e?s)\)/, '')}`,
      ),
    );
    const known = new Set([...sentences, ...ofNone]);
    expect(Object.keys(persian).filter((sentence) => !known.has(sentence))).toEqual([]);
  });

  test('says all that the English says', () => {
    const holes = (text = '') => [...text.matchAll(/\{\d+\}/g)].map(([hole]) => hole).sort();
    for (const [sentence, text] of Object.entries(persian))
      expect({ sentence, holes: holes(text) }).toEqual({ sentence, holes: holes(sentence) });
  });

  test('holds no Arabic letters, stray joiners, unpaired quotes or Latin punctuation', () => {
    for (const [sentence, text] of Object.entries(persian)) {
      const plain = text.replaceAll(/\{\d+\}|[A-Z]\w*\d\w*|5xx/g, '');
      const wrong = /[يك,;?\d]|\u200c(?=[\s.،؛:»]|$)|(?<=[\s«]|^)\u200c/.exec(plain)?.[0] ?? null;
      const isPaired = (text.match(/«/g) ?? []).length === (text.match(/»/g) ?? []).length;
      expect({ sentence, wrong, isPaired }).toEqual({ sentence, wrong: null, isPaired: true });
    }
  });
});
