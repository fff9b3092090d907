import { expect, test } from '@jest/globals';
import { adjustableClock, clockAt } from '../kernel/clock.ts';
import { createMemoryStore } from './memory.ts';
import { describeStore } from './suite.ts';

const clock = adjustableClock(clockAt('2026-01-01T00:00:00Z'));

describeStore('memory', () => ({
  store: createMemoryStore({ clock }),
  pass: (seconds) => clock.advance(seconds * 1000),
}));

test('of more of one kind than the limit, what was written longest ago goes first', async () => {
  const store = createMemoryStore({ clock, limit: 3 });
  for (const key of ['a', 'b', 'c', 'd']) await store.set(`kind:{${key}}`, key, 60);
  await store.set('kind:{b}', 'again', 60);
  await store.set('kind:{e}', 'e', 60);
  const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => store.get(`kind:{${key}}`)));
  expect(kept).toEqual([undefined, 'again', undefined, 'd', 'e']);
});

test('what never ends is kept beyond the limit', async () => {
  const store = createMemoryStore({ clock, limit: 2 });
  await store.set('kind:{key}', 'kept', Number.POSITIVE_INFINITY);
  for (const key of ['a', 'b', 'c']) await store.set(`kind:{${key}}`, key, 60);
  expect(await store.get('kind:{key}')).toBe('kept');
  expect(await store.get('kind:{a}')).toBeUndefined();
});

test('what there is much of does not push out what there is little of', async () => {
  const store = createMemoryStore({ clock, limit: 2, limits: { 'roomy:': 4 } });
  await store.set('rare:{a}', 'kept', 60);
  await store.set('common:{a}', 'kept', 60);
  for (const key of ['a', 'b', 'c', 'd']) {
    await store.set(`roomy:{${key}}`, key, 60);
    await store.append(`common:{${key}}:part:${key}`, key, { ttl: 60, keep: 5 });
  }
  expect(await Promise.all(['rare:{a}', 'common:{a}', 'roomy:{a}'].map((key) => store.get(key)))).toEqual([
    'kept',
    'kept',
    'a',
  ]);
  expect(await store.list('common:{a}:part:a')).toEqual([]);
  expect(await store.list('common:{d}:part:d')).toEqual([{ position: 1, value: 'd' }]);
});
