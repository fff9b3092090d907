import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagesOf } from './code-blocks.ts';
import { documentedSettings } from './documented-settings.ts';
import { documentedTables } from './documented-tables.ts';
import { fillQuotes, fillTables } from './fill-tables.ts';
import { testIdTable } from './test-ids.ts';

// `npm run docs` writes the tables of the README, of scripts/docs and of views anew, the files that they quote, and
// the settings of libraries;
// `npm run docs:check` fails when that would change something.

const root = process.cwd();
const pages = [...pagesOf(root), 'views/README.md'];
const texts = pages.map((page) => readFileSync(join(root, page), 'utf8'));
const tables = fillTables(texts, { ...documentedTables(), 'test-ids': testIdTable() });
const quoted = { file: (name: string) => readFileSync(join(root, name), 'utf8'), settings: documentedSettings };
const filled = tables.map((text) => fillQuotes(text, quoted));

for (const [index, page] of pages.entries()) {
  const changed = firstDifference(texts[index] ?? '', filled[index] ?? '');
  if (changed === undefined) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`emta: ${page}:${changed.line}: expected "${changed.wanted}", got "${changed.found}"\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, page), filled[index] ?? '');
    process.stdout.write(`${page}: written anew\n`);
  }
}
process.stdout.write(
  process.exitCode === 1 ? 'emta: `npm run docs` writes them anew\n' : `${pages.length} pages are up to date\n`,
);

function firstDifference(found: string, wanted: string) {
  if (found === wanted) return undefined;
  const is = found.split('\n');
  const should = wanted.split('\n');
  const at = should.findIndex((text, index) => text !== is[index]);
  const index = at === -1 ? should.length : at;
  return { line: index + 1, found: is[index] ?? '', wanted: should[index] ?? '' };
}
