import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedTables } from './documented-tables.ts';
import { fillTables, type Table } from './fill-tables.ts';
import { testIdTable } from './test-ids.ts';

// `npm run docs` writes the tables of the documents anew; `npm run docs:check` fails when that would change something.

const isCheck = process.argv.includes('--check');
fill('README.md', documentedTables());
fill('views/README.md', { 'test-ids': testIdTable() });

function fill(name: string, tables: Readonly<Record<string, Table>>): void {
  const file = join(process.cwd(), name);
  const text = readFileSync(file, 'utf8');
  const filled = fillTables(text, tables);
  const changed = firstDifference(text, filled);
  if (changed === undefined) {
    process.stdout.write(`${name}: its tables are up to date\n`);
  } else if (isCheck) {
    process.stderr.write(`emta: ${name}:${changed.line}: expected "${changed.wanted}", got "${changed.found}"\n`);
    process.stderr.write('emta: `npm run docs` writes its tables anew\n');
    process.exitCode = 1;
  } else {
    writeFileSync(file, filled);
    process.stdout.write(`${name}: its tables were written anew\n`);
  }
}

function firstDifference(found: string, wanted: string) {
  if (found === wanted) return undefined;
  const is = found.split('\n');
  const should = wanted.split('\n');
  const at = should.findIndex((text, index) => text !== is[index]);
  const index = at === -1 ? should.length : at;
  return { line: index + 1, found: is[index] ?? '', wanted: should[index] ?? '' };
}
