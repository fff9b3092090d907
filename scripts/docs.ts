import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedTables } from './documented-tables.ts';
import { fillTables } from './fill-tables.ts';

// `npm run docs` writes the README's tables anew; `npm run docs:check` fails when that would change something.

const file = join(process.cwd(), 'README.md');
const readme = readFileSync(file, 'utf8');
const filled = fillTables(readme, documentedTables());
const changed = firstDifference(readme, filled);

if (changed === undefined) {
  process.stdout.write('README.md: its tables are up to date\n');
} else if (process.argv.includes('--check')) {
  process.stderr.write(`emta: README.md:${changed.line}: expected "${changed.wanted}", got "${changed.found}"\n`);
  process.stderr.write('emta: `npm run docs` writes its tables anew\n');
  process.exitCode = 1;
} else {
  writeFileSync(file, filled);
  process.stdout.write('README.md: its tables were written anew\n');
}

function firstDifference(found: string, wanted: string) {
  if (found === wanted) return undefined;
  const is = found.split('\n');
  const should = wanted.split('\n');
  const at = should.findIndex((text, index) => text !== is[index]);
  const index = at === -1 ? should.length : at;
  return { line: index + 1, found: is[index] ?? '', wanted: should[index] ?? '' };
}
