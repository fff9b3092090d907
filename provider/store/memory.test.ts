import { expect, test } from '@jest/globals';
import { adjustableClock, clockAt } from '../kernel/clock.ts';
import { createMemoryStore } from './memory.ts';
import { describeStore } from './suite.ts';

const clock = adjustableClock(clockAt('2026-01-01T00:00:00Z'));

describeStore('memory', () => ({
  store: createMemoryStore({ clock }),
  pass: (seconds) => clock.advance(seconds * 1000),
}));

test('with more than its limit, what was written longest ago goes first', async () => {
  const store = createMemoryStore({ clock, limit: 3 });
  for (const key of ['a', 'b', 'c', 'd']) await store.set(key, key, 60);
  await store.set('b', 'again', 60);
  await store.set('e', 'e', 60);
  const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => store.get(key)));
  expect(kept).toEqual([undefined, 'again', undefined, 'd', 'e']);
});

test('what never ends is kept beyond the limit', async () => {
  const store = createMemoryStore({ clock, limit: 2 });
  await store.set('key', 'kept', Number.POSITIVE_INFINITY);
  for (const key of ['a', 'b', 'c']) await store.set(key, key, 60);
  expect(await store.get('key')).toBe('kept');
  expect(await store.get('a')).toBeUndefined();
});
