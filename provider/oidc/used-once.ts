import { setTimeout as sleep } from 'node:timers/promises';
import { isEmtaError } from '../kernel/errors.ts';
import type { Random, Store } from '../kernel/ports.ts';
import { Provider } from './library.ts';

/** Marks what may be used once, and knows which request marked it. */
export interface UsedOnce {
  /** True for the first request that uses it, and for no other while the mark lasts. */
  use(key: string, ttl: number): Promise<boolean>;
  /**
   * Takes back what a request has used that then failed. Its sender is told to come again, and got nothing for what it
   * used; a request whose failure was a fault that somebody armed did not fail here.
   */
  takeBack(request: object): Promise<void>;
}

interface Mark {
  readonly key: string;
  /** Tells this use from another of the same thing. */
  readonly by: string;
}

const PAUSE = 50;
/** After this there is nothing left that a code could be good for. */
const TRIES = 1200;

export function createUsedOnce({ store, random }: { readonly store: Store; readonly random: Random }): UsedOnce {
  const marks = new WeakMap<object, Mark[]>();

  async function erase({ key, by }: Mark): Promise<boolean> {
    try {
      await store.delete(key, by);
      return true;
    } catch (error) {
      if (isEmtaError(error) && error.code === 'store_unavailable') return false;
      throw error;
    }
  }

  async function eraseLater(mark: Mark): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      await sleep(PAUSE, undefined, { ref: false });
      if (await erase(mark)) return;
    }
  }

  return {
    use(key, ttl) {
      const request = Provider.ctx;
      const by = random.id();
      // Noted first: one that had no answer may have been carried out.
      if (request) marks.set(request, [...(marks.get(request) ?? []), { key, by }]);
      return store.add(key, by, ttl);
    },
    async takeBack(request) {
      for (const mark of marks.get(request) ?? []) if (!(await erase(mark))) void eraseLater(mark);
    },
  };
}
