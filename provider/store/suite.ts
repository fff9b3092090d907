import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Store } from '../kernel/ports.ts';

/** A fresh, empty store, and a way to let time pass for it. */
export interface StoreUnderTest {
  readonly store: Store;
  pass(seconds: number): void | Promise<void>;
}

/** What every store must do; each implementation's test calls this with a maker of its own. */
export function describeStore(name: string, makeStore: () => StoreUnderTest | Promise<StoreUnderTest>): void {
  describe(`${name} as a store`, () => {
    let store: Store;
    let pass: StoreUnderTest['pass'];

    beforeEach(async () => {
      ({ store, pass } = await makeStore());
    });

    afterEach(async () => {
      await store.close();
    });

    describe('values', () => {
      test.each([
        ['text', '\u0645\u062a\u0646'],
        ['an empty text', ''],
        ['a number', -1.5],
        ['false', false],
        ['null', null],
        ['a nested value', { list: [1, { two: '\u0633\u0647' }], nothing: null }],
      ])('%s comes back as it was set', async (_kind, value) => {
        await store.set('a:{1}', value, 60);
        expect(await store.get('a:{1}')).toEqual(value);
      });

      test('a key that was never set has no value', async () => {
        expect(await store.get('a:{1}')).toBeUndefined();
        expect(await store.take('a:{1}')).toBeUndefined();
      });

      test('keys differ in every character, case and hash tag', async () => {
        const keys = ['a', 'A', 'a:{1}', 'a:{2}', 'b:{1}', 'a:{1}:', '{1}', 'a b', '\u0627'];
        for (const key of keys) await store.set(key, key, 60);
        expect(await Promise.all(keys.map((key) => store.get(key)))).toEqual(keys);
      });

      test('what was set last counts, with its own time to live', async () => {
        await store.set('a', 'first', 10);
        await store.set('a', 'second', 60);
        await pass(30);
        expect(await store.get('a')).toBe('second');
        await store.set('a', 'third', 10);
        await pass(11);
        expect(await store.get('a')).toBeUndefined();
      });

      test('changing a value after setting or getting it changes nothing in the store', async () => {
        const value = { steps: ['mobile'] };
        await store.set('a', value, 60);
        value.steps.push('captcha');
        const got = await store.get('a');
        if (typeof got === 'object' && got !== null) Object.assign(got, { steps: [] });
        expect(await store.get('a')).toEqual({ steps: ['mobile'] });
      });

      test('a deleted key has no value, deleting it again is harmless', async () => {
        await store.set('a', 1, 60);
        await store.delete('a');
        await store.delete('a');
        expect(await store.get('a')).toBeUndefined();
      });
    });

    test.each([
      ['a text', 'mine', 'other'],
      ['a nested value', { by: ['me'] }, { by: ['me', 'you'] }],
    ])('a key is deleted only for %s that stands there, where that is asked', async (_kind, mine, other) => {
      await store.set('a', mine, 60);
      await store.delete('a', other);
      expect(await store.get('a')).toEqual(mine);
      await store.delete('a', mine);
      expect(await store.get('a')).toBeUndefined();
      await store.delete('a', mine);
    });

    describe('time to live', () => {
      test('a value is there until its time is over, and not after', async () => {
        // Redis has no clock but the wall's: what is left must outlast a busy machine.
        await store.set('a', 1, 600);
        await pass(570);
        expect(await store.get('a')).toBe(1);
        await pass(31);
        expect(await store.get('a')).toBeUndefined();
      });

      test('a value whose time is over cannot be taken and can be added anew', async () => {
        await store.set('a', 'old', 60);
        await store.set('b', 'old', 60);
        await pass(61);
        expect(await store.take('a')).toBeUndefined();
        expect(await store.add('b', 'new', 60)).toBe(true);
      });

      test('reading does not prolong it', async () => {
        await store.set('a', 1, 60);
        await pass(40);
        await store.get('a');
        await pass(40);
        expect(await store.get('a')).toBeUndefined();
      });

      test('an infinite one never ends', async () => {
        const forever = Number.POSITIVE_INFINITY;
        await store.set('a', 1, forever);
        await store.add('b', 2, forever);
        await store.increment('c', forever);
        await store.append('d', 4, { ttl: forever, keep: 5 });
        await pass(1_000_000);
        expect(await Promise.all(['a', 'b', 'c'].map((key) => store.get(key)))).toEqual([1, 2, 1]);
        expect(await store.list('d')).toEqual([{ position: 1, value: 4 }]);
      });

      test('one of nothing is over at once', async () => {
        await store.set('a', 1, 60);
        await store.set('a', 2, 0);
        expect(await store.get('a')).toBeUndefined();
        expect(await store.add('b', 1, 0)).toBe(true);
        expect(await store.add('b', 1, 0)).toBe(true);
        expect(await store.get('b')).toBeUndefined();
      });
    });

    describe('adding', () => {
      test('writes where nothing is, and leaves alone what is', async () => {
        expect(await store.add('a', 'first', 60)).toBe(true);
        expect(await store.add('a', 'second', 600)).toBe(false);
        expect(await store.get('a')).toBe('first');
        await pass(61);
        expect(await store.get('a')).toBeUndefined();
      });

      test('null counts as something', async () => {
        await store.set('a', null, 60);
        expect(await store.add('a', 1, 60)).toBe(false);
      });

      test('of many at once one wins, and its value stays', async () => {
        const wins = await Promise.all(Array.from({ length: 25 }, (_, index) => store.add('a', index, 60)));
        expect(wins.filter((win) => win)).toEqual([true]);
        expect(await store.get('a')).toBe(wins.indexOf(true));
      });

      test('works again after the key was deleted or taken', async () => {
        await store.add('a', 1, 60);
        await store.delete('a');
        expect(await store.add('a', 2, 60)).toBe(true);
        await store.take('a');
        expect(await store.add('a', 3, 60)).toBe(true);
      });
    });

    describe('taking', () => {
      test('answers the value once', async () => {
        await store.set('a', { code: 'x' }, 60);
        expect(await store.take('a')).toEqual({ code: 'x' });
        expect(await store.take('a')).toBeUndefined();
        expect(await store.get('a')).toBeUndefined();
      });

      test('of many at once one gets the value', async () => {
        await store.set('a', 'once', 60);
        const taken = await Promise.all(Array.from({ length: 25 }, () => store.take('a')));
        expect(taken.filter((value) => value !== undefined)).toEqual(['once']);
      });
    });

    describe('counting', () => {
      test('counts from one, each key alone', async () => {
        const counts = [await store.increment('a', 60), await store.increment('a', 60), await store.increment('b', 60)];
        expect(counts).toEqual([1, 2, 1]);
        expect(await store.get('a')).toBe(2);
      });

      test('counts in other steps when told', async () => {
        expect(await store.increment('a', 60, 1500)).toBe(1500);
        expect(await store.increment('a', 60)).toBe(1501);
      });

      test('many at once get a number each', async () => {
        const counts = await Promise.all(Array.from({ length: 25 }, () => store.increment('a', 60)));
        expect(counts.toSorted((one, other) => one - other)).toEqual(
          Array.from({ length: 25 }, (_, index) => index + 1),
        );
      });

      test('the time to live starts with the first call; later calls do not prolong it', async () => {
        await store.increment('a', 600);
        await pass(400);
        expect(await store.increment('a', 600)).toBe(2);
        await pass(201);
        expect(await store.increment('a', 600)).toBe(1);
        await pass(570);
        expect(await store.get('a')).toBe(1);
      });

      test('starts again after the counter was deleted', async () => {
        await store.increment('a', 60);
        await store.delete('a');
        expect(await store.increment('a', 60)).toBe(1);
      });
    });

    describe('all at once', () => {
      test('time can be let pass for what ends, and not for what does not', async () => {
        await store.set('short', 1, 50);
        await store.set('long', 1, 150);
        await store.increment('counter', 150);
        await store.append('list', 'x', { ttl: 150, keep: 3 });
        await store.set('kept', 1, Number.POSITIVE_INFINITY);
        await store.passTime(100);
        const left = await Promise.all(['short', 'long', 'counter', 'kept'].map((key) => store.get(key)));
        expect(left).toEqual([undefined, 1, 1, 1]);
        await pass(51);
        expect(await Promise.all(['long', 'counter', 'kept'].map((key) => store.get(key)))).toEqual([
          undefined,
          undefined,
          1,
        ]);
        expect(await store.list('list')).toEqual([]);
      });

      test('of a prefix alone time passes and everything goes', async () => {
        for (const key of ['a*:1', 'a*:2', 'ab:1']) await store.set(key, key, 60);
        await store.append('a*:list', 1, { ttl: 60, keep: 3 });
        await store.passTime(61, 'a*:1');
        expect(await store.get('a*:1')).toBeUndefined();
        await store.clear('a*:');
        expect(await store.list('a*:list')).toEqual([]);
        expect(await Promise.all(['a*:2', 'ab:1'].map((key) => store.get(key)))).toEqual([undefined, 'ab:1']);
        await store.clear();
        expect(await store.get('ab:1')).toBeUndefined();
      });
    });

    describe('lists', () => {
      const options = { ttl: 60, keep: 3 };

      test('a list that nobody wrote is empty', async () => {
        expect(await store.list('a')).toEqual([]);
        expect(await store.list('a', 7)).toEqual([]);
      });

      test('positions count from one, and entries come back oldest first', async () => {
        expect(await store.append('a', 'one', options)).toBe(1);
        expect(await store.append('a', { two: 2 }, options)).toBe(2);
        expect(await store.append('b', null, options)).toBe(1);
        expect(await store.list('a')).toEqual([
          { position: 1, value: 'one' },
          { position: 2, value: { two: 2 } },
        ]);
        expect(await store.list('b')).toEqual([{ position: 1, value: null }]);
      });

      test('keeps the newest entries under the positions they had', async () => {
        for (let index = 1; index <= 12; index += 1) {
          expect(await store.append('a', `entry ${index}`, options)).toBe(index);
        }
        expect(await store.list('a')).toEqual([
          { position: 10, value: 'entry 10' },
          { position: 11, value: 'entry 11' },
          { position: 12, value: 'entry 12' },
        ]);
      });

      test('takes several values in one step', async () => {
        await store.append('a', 0, options);
        expect(await store.appendAll('a', [1, 2, 'three'], options)).toBe(4);
        expect(await store.list('a')).toEqual([
          { position: 2, value: 1 },
          { position: 3, value: 2 },
          { position: 4, value: 'three' },
        ]);
      });

      test.each([
        [0, [3, 4, 5]],
        [1, [3, 4, 5]],
        [3, [4, 5]],
        [4, [5]],
        [5, []],
        [99, []],
      ])('after position %i come %j', async (after, positions) => {
        for (let index = 1; index <= 5; index += 1) await store.append('a', index, options);
        expect((await store.list('a', after)).map(({ position }) => position)).toEqual(positions);
      });

      test('many at once get a position each', async () => {
        const positions = await Promise.all(
          Array.from({ length: 25 }, (_, index) => store.append('a', index, { ttl: 60, keep: 100 })),
        );
        const entries = await store.list('a');
        expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
        expect(entries.every(({ position, value }) => positions[Number(value)] === position)).toBe(true);
      });

      test('each entry prolongs the list, which ends as one', async () => {
        await store.append('a', 1, options);
        await pass(40);
        await store.append('a', 2, options);
        await pass(40);
        expect(await store.list('a')).toHaveLength(2);
        await pass(21);
        expect(await store.list('a')).toEqual([]);
      });

      test('a deleted list is empty', async () => {
        await store.append('a', 1, options);
        await store.delete('a');
        expect(await store.list('a')).toEqual([]);
      });
    });

    test('closing it twice is harmless', async () => {
      await store.set('a', 1, 60);
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
    });
  });
}
