import { createHash } from 'node:crypto';

/** Numbers that come out the same for the same seed. */
export interface Numbers {
  /** A number from `low` up to, but not including, `high`. */
  between(low: number, high: number): number;
  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): readonly T[];
}

/**
 * Cheap numbers for jitter and noise, which need thousands: xorshift with 32 bits. They hide nothing; whatever must
 * not be guessed is drawn from `Random`, as the seed is.
 */
export function numbersFrom(seed: string): Numbers {
  // Zero is the one state that xorshift never leaves.
  let state = createHash('sha256').update(seed).digest().readUInt32LE() || 1;
  const fraction = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
  return {
    between: (low, high) => low + fraction() * (high - low),
    shuffled: (items) =>
      items
        .map((item) => ({ item, rank: fraction() }))
        .sort((one, other) => one.rank - other.rank)
        .map(({ item }) => item),
  };
}
