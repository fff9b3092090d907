import { load } from 'cheerio';
import type { Table } from './fill-tables.ts';
import { samplePages } from './sample-pages.ts';

const kinds: Readonly<Record<string, string>> = {
  a: 'link',
  button: 'button',
  input: 'field',
  select: 'field',
  textarea: 'field',
};

/** Every `data-testid`, by the page that has it, read from the pages as their samples draw them. */
export function testIdTable(): Table {
  const pages = new Map<string, Map<string, string>>();
  for (const page of samplePages()) {
    const $ = load(page.html('fa'));
    const ids = pages.get(page.template) ?? new Map<string, string>();
    pages.set(page.template, ids);
    for (const element of $('[data-testid]').toArray()) {
      ids.set($(element).attr('data-testid') ?? '', kinds[element.tagName] ?? 'text');
    }
  }
  return [
    ['page', 'fields', 'buttons and links', 'texts'],
    ...[...pages].map(([template, ids]) => {
      const of = (...wanted: readonly string[]) =>
        [...ids].flatMap(([id, kind]) => (wanted.includes(kind) ? [`\`${id}\``] : [])).join(' ');
      return [`\`${template}\``, of('field'), of('button', 'link'), of('text')];
    }),
  ];
}
