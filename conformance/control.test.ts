import { expect, test } from '@jest/globals';
import { type ControlResult, createControlKeeper, type KeeperOptions } from './control.ts';
import { verbatim } from './told.ts';

/** A keeper whose logins are numbered by `at`, and the milliseconds that it waited in all. */
function keeperWith(options: Partial<KeeperOptions> = {}) {
  const counted = { logins: 0, waited: 0 };
  const keeper = createControlKeeper({
    login: async () => {
      counted.logins += 1;
      return { isGood: true, because: verbatim('in'), at: counted.logins };
    },
    wait: async (milliseconds) => {
      counted.waited += milliseconds;
    },
    batch: 3,
    patience: 100,
    ...options,
  });
  return { keeper, counted };
}

const loginsOf = (results: readonly ControlResult[]) => results.map(({ at }) => at);

test('as many as make a batch share a control at once', async () => {
  const { keeper, counted } = keeperWith();
  expect(loginsOf(await Promise.all([keeper.next(), keeper.next(), keeper.next()]))).toEqual([1, 1, 1]);
  expect(counted.waited).toBeLessThan(100);
  expect(keeper.latest()?.at).toBe(1);
});

test('fewer wait for company, and no longer than the patience', async () => {
  const { keeper, counted } = keeperWith();
  expect(loginsOf([await keeper.next()])).toEqual([1]);
  expect(counted.waited).toBe(100);
});

test('whoever comes while a control is under way gets the one after it', async () => {
  let late: Promise<ControlResult> | undefined;
  const { keeper, counted } = keeperWith({
    login: async () => {
      counted.logins += 1;
      late ??= keeper.next();
      return { isGood: true, because: verbatim('in'), at: counted.logins };
    },
  });
  await keeper.next();
  expect((await late)?.at).toBe(2);
});

test('in a hurry nobody waits', async () => {
  const { keeper, counted } = keeperWith();
  keeper.hurry();
  await keeper.next();
  expect(counted.waited).toBe(0);
});

test('a control that breaks is told to all who wait for it, and the next one runs', async () => {
  let isBroken = true;
  const { keeper } = keeperWith({
    login: async () => {
      if (isBroken) throw new Error('no answer');
      return { isGood: true, because: verbatim('in'), at: 7 };
    },
  });
  const [one, two] = await Promise.allSettled([keeper.next(), keeper.next()]);
  expect([one.status, two.status]).toEqual(['rejected', 'rejected']);
  isBroken = false;
  expect((await keeper.next()).at).toBe(7);
});
