import { afterEach, expect, test } from '@jest/globals';
import { defects } from '../defects/index.ts';
import { seedOf } from './seed.ts';
import { sampleFor } from './turns-red.ts';

const [defect] = defects;
if (defect === undefined) throw new Error('expected a defect');
const before = process.env.TEST_SEED;
afterEach(() => {
  process.env.TEST_SEED = before ?? '';
});

test('a proof is seeded by its name, and by TEST_SEED before it', () => {
  expect(seedOf('null', {})).toBe('null');
  expect(seedOf('null', { TEST_SEED: '2' })).toBe('2-null');
});

test('TEST_SEED draws other rows beside a defect', () => {
  process.env.TEST_SEED = '';
  const usual = sampleFor(defect);
  expect(sampleFor(defect)).toEqual(usual);
  process.env.TEST_SEED = 'another';
  expect(sampleFor(defect)).not.toEqual(usual);
});
