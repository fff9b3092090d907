import type { Clock, Store } from './ports.ts';

/** A clock that can be put forward, by the control interface and by tests. */
export interface AdjustableClock extends Clock {
  advance(milliseconds: number): void;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still at an instant: milliseconds since the epoch, or ISO 8601 with an offset. */
export function clockAt(instant: number | string): Clock {
  const milliseconds = typeof instant === 'number' ? instant : Date.parse(instant);
  if (!Number.isFinite(milliseconds)) {
    throw new RangeError(`expected "instant" to be milliseconds or ISO 8601, got "${instant}"`);
  }
  return { now: () => milliseconds };
}

/** A clock that runs with `base` plus what it has been advanced by; over `clockAt` it is the clock of tests. */
export function adjustableClock(base: Clock): AdjustableClock {
  let ahead = 0;
  return {
    now: () => base.now() + ahead,
    advance(milliseconds) {
      if (!Number.isFinite(milliseconds)) {
        throw new RangeError(`expected "milliseconds" to be a finite number, got ${milliseconds}`);
      }
      ahead += milliseconds;
    },
  };
}

/** A clock that, put forward in one process, is put forward in every process of one store, and for what the store keeps. */
export interface SharedClock extends Clock {
  /** Learns by how much others have put it forward; called before each request. */
  catchUp(): Promise<void>;
  /** Milliseconds by which it is ahead, as last learnt. */
  ahead(): number;
  advance(milliseconds: number): Promise<void>;
}

const AHEAD = 'clock:ahead';

export function sharedClock(base: Clock, store: Pick<Store, 'get' | 'increment' | 'passTime'>): SharedClock {
  let ahead = 0;
  return {
    now: () => base.now() + ahead,
    ahead: () => ahead,
    async catchUp() {
      ahead = Number((await store.get(AHEAD)) ?? 0);
    },
    async advance(milliseconds) {
      if (!Number.isFinite(milliseconds)) {
        throw new RangeError(`expected "milliseconds" to be a finite number, got ${milliseconds}`);
      }
      const whole = Math.round(milliseconds);
      ahead = await store.increment(AHEAD, Number.POSITIVE_INFINITY, whole);
      await store.passTime(whole / 1000);
    },
  };
}
