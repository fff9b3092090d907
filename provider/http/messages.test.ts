import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { viewsDir } from '../../scripts/sample-pages.ts';
import { describeFaults } from '../faults/catalogue.ts';

const root = join(viewsDir, '..');
const read = (name: string) => readFileSync(join(viewsDir, 'messages', `${name}.json`), 'utf8');
const fa = new Map<string, string>(Object.entries(JSON.parse(read('fa'))));
const en = new Map<string, string>(Object.entries(JSON.parse(read('en'))));
const faults = new Map<string, string>(Object.entries(JSON.parse(read('faults-fa'))));
const both = [...fa, ...en, ...faults];

test('both languages have the same keys in the same order', () => {
  expect([...en.keys()]).toEqual([...fa.keys()]);
});

test('no key stands twice', () => {
  for (const name of ['fa', 'en']) {
    const keys = [...read(name).matchAll(/^ {2}"([^"]+)":/gm)].map(([, key]) => key);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  }
});

test('both languages of a message have the same parameters', () => {
  const parametersOf = (message = '') => (message.match(/\{\w+\}/g) ?? []).sort();
  const differing = [...fa].filter(
    ([key, message]) => parametersOf(message).join() !== parametersOf(en.get(key)).join(),
  );
  expect(differing).toEqual([]);
});

test.each([
  ['is empty', /^$/],
  ['has a space at its edge', /^\s|\s$/],
  ['has two spaces in a row', / {2}/],
  ['has an Arabic yeh or kaf', /[\u064a\u0649\u0643]/],
  ['has Persian or Arabic digits, which are drawn at display', /[\u06f0-\u06f9\u0660-\u0669]/],
  ['has a zero-width non-joiner at the edge of a word', /(^|[^\u0600-\u06ff])\u200c|\u200c($|[^\u0600-\u06ff])/],
  ['has an invisible mark of direction', /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/],
] as const)('no message %s', (_fault, pattern) => {
  expect(both.filter(([, message]) => pattern.test(message))).toEqual([]);
});

test('the words of the circular and of its siblings stand as they were published, letter by letter', () => {
  const published: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(root, 'fixtures', 'wording.json'), 'utf8'),
  );
  expect(Object.keys(published).length).toBeGreaterThan(120);
  expect(Object.fromEntries(Object.keys(published).map((key) => [key, fa.get(key)]))).toEqual(published);
});

test('every key is used', () => {
  const texts = sources();
  const named = new Set(matchesOf(texts, /['"]((?:emta|site|console|report)(?:\.[a-z_]+)+)['"]/g));
  // A template string stands for every key that it can become, within one segment.
  const patterns = matchesOf(texts, /`((?:emta|site|console|report)\.[\w.]*\$\{[^`]*)`/g).map(
    (template) => new RegExp(`^${template.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[a-z_]+')}$`),
  );
  const unused = [...fa.keys()].filter((key) => !named.has(key) && !patterns.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
});

test('every key that a template names exists', () => {
  const named = matchesOf(templates(), /(?:\bt\(|\bkey: )'([^']+)'/g);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((key) => !fa.has(key))).toEqual([]);
});

test('every sentence of the catalogue of faults stands in Persian, and no other', () => {
  const heads = new Set(['practice', 'scheme', 'circular 4299']);
  const said = describeFaults().flatMap(({ summary, breaks, parameters }) => {
    const [rule = '', reason] = breaks.split(': ');
    return [
      summary,
      ...parameters.map(({ meaning }) => meaning),
      ...(heads.has(rule) ? [rule] : []),
      ...(reason === undefined ? [] : [reason]),
    ];
  });
  expect([...faults.keys()].sort()).toEqual([...new Set(said)].sort());
  // A name of the wire may stand in a Persian sentence, English words may not.
  expect(
    [...faults.values()].filter((text) => !/[\u0600-\u06ff]/.test(text) || /\b[a-z]+ [a-z]+ [a-z]+\b/.test(text)),
  ).toEqual([]);
});

test('no standard that a fault breaks is named in other words than its name', () => {
  const names = describeFaults().map(({ breaks }) => breaks.split(': ')[0] ?? '');
  expect(
    names.filter(
      (name) =>
        !faults.has(name) &&
        !/^((RFC \d+|OIDC (Core|Discovery)) §[\d.()-]+(, §[\d.()-]+|, RFC \d+ §[\d.]+|; )*)+(RFC.*|OIDC.*)?$/.test(
          name,
        ),
    ),
  ).toEqual([]);
});

/** The first group of every match. */
function matchesOf(texts: readonly string[], pattern: RegExp): readonly string[] {
  return texts.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

function filesUnder(folder: string, pattern: RegExp): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => join(folder, file));
}

const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

function templates(): readonly string[] {
  // The report has messages of its own, beside its templates.
  return filesUnder('views', /\.njk$/)
    .filter((file) => !file.startsWith(join('views', 'report')))
    .map(textOf);
}

/** Templates, their sample models and the code; what only a test names is not in use. */
function sources(): readonly string[] {
  const code = ['provider', 'conformance', 'fixtures'].flatMap((folder) => filesUnder(folder, /(?<!\.test)\.ts$/));
  const models = filesUnder('views', /\.json$/).filter((file) => !file.includes('messages'));
  return [...templates(), ...[...code, ...models].map(textOf)];
}
