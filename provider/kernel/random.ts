import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { Random } from './ports.ts';

function checkAlphabet(alphabet: string): void {
  if (alphabet.length === 0 || alphabet.length > 256) {
    throw new RangeError(`expected "alphabet" to have 1 to 256 characters, got ${alphabet.length}`);
  }
}

const idLength = 16;

/** Chance that nobody can guess. Asking the system takes longer than all else an identifier costs, so it is asked for many. */
function idSource(): () => string {
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length < idLength) pool = randomBytes(256 * idLength);
    const id = pool.toString('base64url', 0, idLength);
    // Whoever reads this memory later learns nothing of identifiers given before.
    pool.fill(0, 0, idLength);
    pool = pool.subarray(idLength);
    return id;
  };
}

/** Chance that nobody can guess. */
export const systemRandom: Random = {
  text(length, alphabet) {
    checkAlphabet(alphabet);
    return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  },
  id: idSource(),
};

/** Chance that comes out the same each time, for tests and repeatable runs; anybody can guess it. */
export function seededRandom(seed: string | number): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);

  const bytes = (count: number): Buffer => {
    while (pool.length < count) {
      const block = createHash('sha256').update(`${seed}:${counter}`).digest();
      counter += 1;
      pool = Buffer.concat([pool, block]);
    }
    const taken = pool.subarray(0, count);
    pool = pool.subarray(count);
    return taken;
  };

  const below = (bound: number): number => {
    // Bytes past the last whole multiple of the bound would favour the first characters.
    const limit = 256 - (256 % bound);
    for (;;) {
      const byte = bytes(1).readUInt8();
      if (byte < limit) {
        return byte % bound;
      }
    }
  };

  return {
    text(length, alphabet) {
      checkAlphabet(alphabet);
      return Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join('');
    },
    id: () => bytes(16).toString('base64url'),
  };
}
