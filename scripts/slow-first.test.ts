import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import SlowFirst, { slowSuites } from './slow-first.mjs';

test('every suite that goes first is there', () => {
  expect(slowSuites.filter((suite) => !existsSync(suite))).toEqual([]);
});

test('begins with the slow ones, in their order', () => {
  const tests = ['/clone/a.test.ts', `/clone/${slowSuites[1]}`, '/clone/b.test.ts', `/clone/${slowSuites[0]}`];
  const context = { config: { id: 'a', cacheDirectory: 'nowhere' }, hasteFS: { getSize: () => 1 } };
  const sorted = new SlowFirst().sort(tests.map((path) => ({ path, context })));
  expect(sorted.map(({ path }: { readonly path: string }) => path).slice(0, 2)).toEqual([tests[3], tests[1]]);
});
