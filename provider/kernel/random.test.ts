import { expect, test } from '@jest/globals';
import { seededRandom, systemRandom } from './random.ts';

const alphabet = '0123456789';

test('the same seed draws the same texts and ids, another seed does not', () => {
  const draw = (seed: string) => {
    const random = seededRandom(seed);
    return [random.text(12, alphabet), random.id(), random.text(5, 'ab')];
  };
  expect(draw('one')).toEqual(draw('one'));
  expect(draw('one')).not.toEqual(draw('two'));
});

test.each([
  ['system', systemRandom],
  ['seeded', seededRandom(1)],
])('%s chance draws every character about as often', (_name, random) => {
  const counts = new Map<string, number>();
  for (const character of random.text(20_000, alphabet)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  expect([...counts.keys()].sort().join('')).toBe(alphabet);
  // 2000 expected of each; ten standard deviations either way.
  expect(Math.min(...counts.values())).toBeGreaterThan(1575);
  expect(Math.max(...counts.values())).toBeLessThan(2425);
});

test('an id is 128 bits in characters that are safe in a URL, and new each time', () => {
  const ids = Array.from({ length: 100 }, () => systemRandom.id());
  expect(ids.every((id) => /^[\w-]{22}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(100);
});

test('refuses an alphabet it cannot draw from', () => {
  expect(() => seededRandom(1).text(3, '')).toThrow('expected "alphabet" to have 1 to 256 characters, got 0');
});
