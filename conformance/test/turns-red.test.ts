import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { defects } from '../defects/index.ts';
import { misjudged, SHARES, sampleFor } from './turns-red.ts';

test('tells of a row that a defect turned red outside its lists, and of one that it left green', async () => {
  const wrong = { id: 'X36', title: 'the raw error_description is shown, listed as if it killed B05', rows: ['B05'] };
  expect(await misjudged(wrong, ['C19', 'C26'])).toEqual([
    expect.stringMatching(/^survived B05 pass: /),
    expect.stringMatching(/^unexpected C19 (fail|warn): /),
  ]);
}, 240_000);

test('draws other rows for every defect, and the same ones every time', () => {
  const samples = defects.map((defect) => sampleFor(defect));
  expect(samples).toEqual(defects.map((defect) => sampleFor(defect)));
  const drawn = new Set(samples.flat());
  expect(drawn.size).toBeGreaterThan(loadCatalogue().length / 2);
});

test('every share of the defects has a file', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^defects-\d+\.test\.ts$/.test(name));
  expect(files.toSorted()).toEqual(Array.from({ length: SHARES }, (_, index) => `defects-${index + 1}.test.ts`));
});
