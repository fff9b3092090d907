import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { runtimeCycles } from './cycles.ts';

const root = process.cwd();

test('no files import each other in a circle when they run', () => {
  const files = ['provider', 'fixtures', 'conformance', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(runtimeCycles(new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])))).toEqual([]);
});

test('finds a circle of three, by import and by export', () => {
  const files = new Map([
    ['a/one.ts', "import { two } from './two.ts';"],
    ['a/two.ts', "export { three } from '../b/three.ts';"],
    ['b/three.ts', "import '../a/one.ts';"],
  ]);
  expect(runtimeCycles(files)).toEqual([['a/one.ts', 'a/two.ts', 'b/three.ts', 'a/one.ts']]);
});

test('lets types go in circles', () => {
  const files = new Map([
    ['one.ts', "import type { Two } from './two.ts';"],
    ['two.ts', "import { type One } from './one.ts';"],
  ]);
  expect(runtimeCycles(files)).toEqual([]);
});
