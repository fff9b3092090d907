/** A secret shuffle of 0 … size-1 that needs no table: `forward` and `backward` undo each other. */
export interface Permutation {
  readonly size: number;
  forward(value: number): number;
  backward(value: number): number;
}

const rounds = 6;

/** Mixes two 32-bit numbers so that every bit of the answer depends on every bit of both. */
export function mix(value: number, key: number): number {
  let hash = Math.imul(value ^ key, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ key, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A balanced Feistel network over the smallest even number of bits that holds `size`, with cycle walking: a value that
 * falls outside goes through again until it falls inside, at most four times on average.
 */
export function permutation(size: number, keys: Uint32Array): Permutation {
  if (!Number.isInteger(size) || size < 1 || size > 2 ** 30) {
    throw new RangeError(`expected "size" to be 1 to ${2 ** 30}, got ${size}`);
  }
  if (keys.length < rounds) {
    throw new RangeError(`expected "keys" to hold ${rounds} numbers, got ${keys.length}`);
  }
  const halfBits = Math.max(1, Math.ceil(Math.ceil(Math.log2(size)) / 2));
  const mask = 2 ** halfBits - 1;

  const encrypt = (value: number): number => {
    let left = value >>> halfBits;
    let right = value & mask;
    for (let round = 0; round < rounds; round += 1) {
      const next = left ^ (mix(right, keys[round] ?? 0) & mask);
      left = right;
      right = next;
    }
    return (left << halfBits) | right;
  };

  const decrypt = (value: number): number => {
    let left = value >>> halfBits;
    let right = value & mask;
    for (let round = rounds - 1; round >= 0; round -= 1) {
      const next = right ^ (mix(left, keys[round] ?? 0) & mask);
      right = left;
      left = next;
    }
    return (left << halfBits) | right;
  };

  const walk = (value: number, step: (value: number) => number): number => {
    if (!Number.isInteger(value) || value < 0 || value >= size) {
      throw new RangeError(`expected "value" to be 0 to ${size - 1}, got ${value}`);
    }
    let reached = step(value);
    while (reached >= size) {
      reached = step(reached);
    }
    return reached;
  };

  return {
    size,
    forward: (value) => walk(value, encrypt),
    backward: (value) => walk(value, decrypt),
  };
}
