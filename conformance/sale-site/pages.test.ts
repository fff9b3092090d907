import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { load } from 'cheerio';
import type { PageModels } from './page-models.ts';
import { createPages, viewsDir } from './pages.ts';

const folder = join(viewsDir, 'sale-site');
const pages = createPages({ isEscaped: true });
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));
const samples = names.flatMap((name) =>
  Object.entries(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))).map(
    ([title, model]) => [name, title, model] as [keyof PageModels, string, PageModels[keyof PageModels]],
  ),
);

test('has a sample model beside every page', () => {
  const templates = readdirSync(folder).filter((file) => file.endsWith('.njk') && !/^(layout|parts)\.njk$/.test(file));
  expect(names.map((name) => `${name}.njk`).toSorted()).toEqual(templates.toSorted());
});

test.each(samples)('draws %s, %s, with a title, one heading and a label for each field', (name, _title, model) => {
  const $ = load(pages.page(name, model));
  expect($('html').attr('lang')).toBe('fa');
  expect($('html').attr('dir')).toBe('rtl');
  expect($('title').text()).not.toMatch(/^ –/);
  expect($('h1')).toHaveLength(1);
  const named = $('main input, main select, main textarea')
    .toArray()
    .map((field) => $(field).attr('id'));
  expect(named.filter((id) => $(`label[for="${id}"]`).length !== 1)).toEqual([]);
  const described = $('[aria-describedby]')
    .toArray()
    .flatMap((field) => ($(field).attr('aria-describedby') ?? '').trim().split(/ +/));
  expect(described.filter((id) => $(`#${id}`).length !== 1)).toEqual([]);
  for (const link of $('#error-summary a').toArray()) expect($(String($(link).attr('href')))).toHaveLength(1);
});

test('escapes a name', () => {
  expect(pages.page('account', { name: '<b>x</b>', isRegistered: false, facts: [] })).toContain('&lt;b&gt;x&lt;/b&gt;');
});

test('throws for a message that is not there, or lacks its parameter', () => {
  expect(() => pages.text({ key: 'site.nothing' })).toThrow('expected a message key, got "site.nothing"');
  expect(() => pages.text({ key: 'site.code.sms' })).toThrow(
    'expected a parameter "code" for "site.code.sms", got none',
  );
});
