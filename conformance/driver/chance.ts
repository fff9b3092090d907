import { createHash } from 'node:crypto';

/** Chance that a printed seed repeats. */
export interface Chance {
  /** A number from 0 up to but not including 1. */
  next(): number;
  /** Letters and digits that no other draw of this seed gives. */
  mark(length: number): string;
  shuffled<T>(items: readonly T[]): readonly T[];
}

/** A counter hashed with the seed: slow, even, and the same everywhere. */
export function seededChance(seed: string): Chance {
  let count = 0;
  const digest = () => {
    count += 1;
    return createHash('sha256').update(`${seed}:${count}`).digest();
  };
  const next = () => digest().readUInt32BE(0) / 2 ** 32;
  return {
    next,
    mark: (length) => digest().toString('hex').slice(0, length),
    shuffled(items) {
      const drawn = items.map((item) => ({ item, at: next() }));
      return drawn.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
    },
  };
}
