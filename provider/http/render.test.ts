import { expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { type Sample, samplesOf, viewsDir } from '../../scripts/sample-pages.ts';
import type { CaptchaPage, Lang, MessageKey, Pages } from './pages.ts';
import { createRenderer } from './render.ts';

const renderer = createRenderer({ viewsDir, assetsPath: '/assets' });
const samples = [...samplesOf('emta'), ...samplesOf('console')];
const cases = (['fa', 'en'] as const).flatMap((lang) =>
  samples.map((sample) => ({ lang, sample, title: `${sample.template} ${sample.name} ${lang}` })),
);
const pageOf = (sample: Sample, lang: Lang = 'fa') => renderer.page(sample.template, lang, sample.model);

function sampleOf<Name extends keyof Pages>(template: Name, name: string) {
  const found = samples.find((sample) => sample.template === template && sample.name === name);
  if (found === undefined) throw new Error(`expected a sample "${name}" of ${template}`);
  return found as Sample<Name>;
}

test.each(cases)('$title says its language, its page and that it is a test', ({ lang, sample }) => {
  const $ = load(pageOf(sample, lang));
  expect($('html').attr()).toEqual({ lang, dir: lang === 'fa' ? 'rtl' : 'ltr' });
  expect($('body').attr('data-page')).toBe(sample.template.split('/')[1]);
  expect($('h1[data-testid="page-title"]')).toHaveLength(1);
  if (sample.template.startsWith('emta/'))
    expect($('.test-mark').text()).toContain(renderer.text(lang, { key: 'emta.test.mark' }));
});

test.each(cases)('$title carries csrf in every form that posts to Emta', ({ lang, sample }) => {
  const $ = load(pageOf(sample, lang));
  const values = $('form[method="post"]:not([data-submit-now])')
    .toArray()
    .map((form) => $(form).find('input[name="csrf"], input[name="xsrf"]').attr('value'));
  expect(values.filter((value) => value !== 'c5RfT0k3n')).toEqual([]);
});

test.each(cases)('$title ties labels, hints, errors and links to things that exist, once each', ({ lang, sample }) => {
  const $ = load(pageOf(sample, lang));
  const ids = $('[id]')
    .toArray()
    .map((element) => $(element).attr('id') ?? '');
  expect(new Set(ids).size).toBe(ids.length);
  const pointers = [
    ...$('[aria-describedby]')
      .toArray()
      .flatMap((element) => ($(element).attr('aria-describedby') ?? '').trim().split(/\s+/)),
    ...$('[aria-labelledby]')
      .toArray()
      .map((element) => $(element).attr('aria-labelledby') ?? ''),
    ...$('label')
      .toArray()
      .map((element) => $(element).attr('for') ?? ''),
    ...$('#error-summary a')
      .toArray()
      .map((element) => ($(element).attr('href') ?? '').slice(1)),
    ...$('[form]')
      .toArray()
      .map((element) => $(element).attr('form') ?? ''),
  ];
  expect(pointers.filter((pointer) => !ids.includes(pointer))).toEqual([]);
});

test.each(cases.filter(({ lang }) => lang === 'fa'))('$title draws digits as Persian ones', ({ sample }) => {
  const $ = load(pageOf(sample));
  // What a person copies, the address of a site and the text of a message stay as they are.
  $(
    'script, option, textarea, [data-part="id"], [data-part="value"], [lang="en"], .helper-code, .copy-text, .sms-code, .sms-text, .origin',
  ).remove();
  // A Latin word such as S256 keeps its own.
  expect(
    $('body')
      .text()
      .match(/(?<![a-z][\w.]*)[0-9]/gi),
  ).toBeNull();
});

const typedButNotAsked = /^values\.(nationalCode|birth)/;

test.each(samples.map((sample) => ({ sample, title: `${sample.template} ${sample.name}` })))(
  '$title shows every member of its model',
  ({ sample }) => {
    const html = pageOf(sample);
    const unread = leavesOf(sample.model)
      .filter((path) => htmlWithout(sample, path) === html)
      .map((path) => path.join('.'));
    const expected = sample.name === 'enrolled' ? unread.filter((path) => typedButNotAsked.test(path)) : [];
    expect(unread).toEqual(expected);
  },
);

test.each([
  ['emta/mobile', ['mobile-input', 'mobile-continue', 'leave', 'page-title']],
  ['emta/captcha', ['captcha-image', 'captcha-input', 'captcha-continue', 'captcha-refresh', 'leave', 'page-title']],
  [
    'emta/verification',
    [
      'code-input',
      'national-code-input',
      'birth-year',
      'birth-month',
      'birth-day',
      'verification-submit',
      'resend',
      'edit-mobile',
      'leave',
    ],
  ],
  ['emta/consent', ['consent-grant', 'consent-refuse', 'leave', 'page-title']],
] as const)('%s has the test ids that drivers use, once each', (template, testIds) => {
  const $ = load(pageOf(sampleOf(template, 'plain')));
  expect(testIds.map((id) => [id, $(`[data-testid="${id}"]`).length])).toEqual(testIds.map((id) => [id, 1]));
});

test.each([
  ['emta/mobile', 'mobile-continue'],
  ['emta/captcha', 'captcha-continue'],
  ['emta/verification', 'verification-submit'],
] as const)('on %s Enter presses the button that goes on', (template, testId) => {
  const $ = load(pageOf(sampleOf(template, 'plain')));
  const form = $(`[data-testid="${testId}"]`).closest('form');
  expect(form.find('button:not([form])').first().attr('data-testid')).toBe(testId);
});

test('verification keeps what was typed and names each error at its field and in the summary', () => {
  const $ = load(pageOf(sampleOf('emta/verification', 'wrong')));
  const typed = ['national_code', 'birth_year', 'birth_month', 'birth_day', 'code'];
  expect(typed.map((name) => $(`input[name="${name}"]`).attr('value'))).toEqual([
    '9991001019',
    '1369',
    '13',
    '17',
    '11111',
  ]);
  expect(
    $('#error-summary a')
      .toArray()
      .map((link) => [$(link).attr('href'), $(link).text()]),
  ).toEqual([
    ['#national_code', renderer.text('fa', { key: 'emta.verify.national_code_invalid' })],
    ['#birth_year', renderer.text('fa', { key: 'emta.verify.birth_invalid' })],
    ['#code', renderer.text('fa', { key: 'emta.verify.code_wrong' })],
  ]);
  expect($('#code').attr('aria-describedby')).toContain('code-error');
  expect($('#code-note').text()).toBe(renderer.text('fa', { key: 'emta.verify.tries_left', params: { n: 4 } }));
});

test('an enrolled citizen is asked for the code alone', () => {
  const $ = load(pageOf(sampleOf('emta/verification', 'enrolled')));
  expect(
    $('main input:not([type="hidden"])')
      .toArray()
      .map((input) => $(input).attr('name')),
  ).toEqual(['code']);
});

test('resend posts the whole form elsewhere, so that nothing typed is lost', () => {
  const $ = load(pageOf(sampleOf('emta/verification', 'plain')));
  const resend = $('[data-testid="resend"]');
  expect(resend.attr('formaction')).toBe('/journey/V1StGXR8Z5jdHi6B/verification/resend');
  expect(resend.closest('form').find('input[name="national_code"]')).toHaveLength(1);
});

test('granting and refusing look the same', () => {
  const $ = load(pageOf(sampleOf('emta/consent', 'plain')));
  const classes = ['consent-grant', 'consent-refuse'].map((id) => $(`[data-testid="${id}"]`).attr('class'));
  expect(classes[0]).toBe(classes[1]);
  expect(
    $('button[name="decision"]')
      .toArray()
      .map((button) => $(button).attr('value')),
  ).toEqual(['grant', 'refuse']);
});

test('numbers and addresses are isolated and read from the left', () => {
  const $ = load(pageOf(sampleOf('emta/verification', 'plain')));
  expect($('.lead bdi[dir="ltr"]').text()).toBe('۰۹۰۷***۰۱۰۱');
  expect(load(pageOf(sampleOf('emta/consent', 'plain')))('bdi.origin[dir="ltr"]').text()).toBe(
    'https://esaletest.ikco.ir',
  );
});

test('a page without a helper strip has no trace of it', () => {
  expect(pageOf(sampleOf('emta/mobile', 'plain'))).toContain('data-testid="helper"');
  expect(pageOf(sampleOf('emta/mobile', 'invalid'))).not.toContain('helper');
});

test('what comes from outside is escaped', () => {
  const { model } = sampleOf('emta/mobile', 'plain');
  const html = renderer.page('emta/mobile', 'fa', { ...model, client: '<b>&"', values: { mobile: '"><script>' } });
  expect(html).toContain('&lt;b&gt;&amp;&quot;');
  expect(html).not.toMatch(/<b>|"><script>/);
});

test('a missing member of a model throws', () => {
  const { image: _image, ...rest } = sampleOf('emta/captcha', 'plain').model;
  expect(() => renderer.page('emta/captcha', 'fa', rest as CaptchaPage)).toThrow(/undefined/);
});

test('an unknown message, a missing and a needless parameter throw', () => {
  expect(() => renderer.text('fa', { key: 'emta.nothing' as MessageKey })).toThrow(
    'expected a message key, got "emta.nothing"',
  );
  expect(() => renderer.text('fa', { key: 'emta.step', params: { n: 1 } })).toThrow(
    'expected a parameter "total" for "emta.step", got none',
  );
  expect(() => renderer.text('fa', { key: 'emta.continue', params: { n: 1 } })).toThrow(
    'expected no parameter "n" for "emta.continue"',
  );
});

test('a message within a message loses its colon', () => {
  expect(renderer.text('en', { key: 'emta.required', params: { field: { key: 'site.info.father' } } })).toBe(
    "Father's name is required.",
  );
});

test('an asset has an address that changes with its content, and a missing one throws', () => {
  const html = pageOf(sampleOf('emta/mobile', 'plain'));
  expect(html).toMatch(/href="\/assets\/base\.css\?v=[0-9a-f]{8}"/);
  expect(() => createRenderer({ viewsDir: '/nowhere', assetsPath: '' })).toThrow(/ENOENT/);
});

type Path = readonly (string | number)[];

/** Paths of the values of a model that are no objects. */
function leavesOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

/** The page with another value at one path; what it throws, where it does not accept that. */
function htmlWithout(sample: Sample, path: Path): string {
  const changed = changedAt(sample.model, path) as Sample['model'];
  try {
    return pageOf({ ...sample, model: changed });
  } catch (error) {
    return String(error);
  }
}

function changedAt(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined)
    return typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${value}?`;
  if (Array.isArray(value)) return value.map((item, index) => (index === Number(name) ? changedAt(item, rest) : item));
  if (typeof value !== 'object' || value === null) throw new Error(`expected an object at "${name}"`);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === name ? changedAt(member, rest) : member]),
  );
}
