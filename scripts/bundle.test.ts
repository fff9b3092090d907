import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

// The build puts the sale site and every package that it uses into one file.

const folder = join(process.cwd(), 'dist', 'conformance', 'sale-site');
const read = (name: string): string => {
  const file = join(folder, name);
  if (!existsSync(file)) throw new Error(`expected ${file}, which \`npm run build\` makes, got nothing`);
  return readFileSync(file, 'utf8');
};

test('the file of the sale site brings the licence of each package that is in it', () => {
  const packages = [...read('server.js').matchAll(/^\/\/ (?:.*\/)?node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)];
  const inside = new Set(packages.map(([, name]) => name));
  expect(inside).toContain('koa');
  expect(inside.size).toBeGreaterThan(20);
  const licences = read('LICENCES.txt');
  const told = new Set([...licences.matchAll(/^(\S+) \d\S* \(\S+\)$/gm)].map(([, name]) => name));
  expect(told).toEqual(inside);
  expect(licences).toMatch(/^koa \S+ \(MIT\)\n\n[\s\S]*?Permission is hereby granted/m);
});

test('it names no package that it would have to find elsewhere', () => {
  const asked = [...read('server.js').matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, name]) => name);
  expect(asked.filter((name = '') => !isBuiltin(name))).toEqual([]);
});
