import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { samplePages, viewsDir } from './sample-pages.ts';
import { compileTemplates } from './templates.mjs';

// The build compiles the templates once for all processes: every page must come out as from its source.

let compiled = '';

beforeAll(() => {
  compiled = mkdtempSync(join(tmpdir(), 'emta-templates-'));
  cpSync(viewsDir, compiled, { recursive: true });
  compileTemplates(compiled);
});

afterAll(() => rmSync(compiled, { recursive: true }));

test('each template but the report’s is compiled', () => {
  const sources = readdirSync(viewsDir, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.njk') && !file.startsWith('report'),
  );
  const script: object = createRequire(import.meta.url)(join(compiled, 'templates.cjs'));
  expect(sources.length).toBeGreaterThan(40);
  expect(Object.keys(script).sort()).toEqual(sources.sort());
});

test('a compiled template draws what its source draws, without it', () => {
  for (const file of readdirSync(compiled, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.njk')) rmSync(join(compiled, file));
  const pages = samplePages();
  const again = samplePages(compiled);
  expect(existsSync(join(compiled, 'emta', 'mobile.njk'))).toBe(false);
  const drawn = (list: typeof pages) =>
    list.map(({ template, name, languages, html }) => [template, name, languages.map((lang) => html(lang))]);
  expect(drawn(again)).toEqual(drawn(pages));
});
