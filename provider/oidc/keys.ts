import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { SigningKey } from '../faults/tamper.ts';
import type { Json, Store } from '../kernel/ports.ts';

const FOREVER = Number.POSITIVE_INFINITY;
const ALG = 'RS256';

export interface Keys {
  /** A signing key kept under a label, made when first asked for; the same for every process of one store. */
  named(label: string): Promise<SigningKey>;
}

/** RSA keys of 2048 bits for RS256, made up at run time and worth nothing anywhere else. */
export function createKeys(store: Store): Keys {
  const known = new Map<string, Promise<SigningKey>>();

  async function load(label: string): Promise<SigningKey> {
    const key = `signing-key:{${label}}`;
    const stored = await store.get(key);
    if (stored) return stored as unknown as SigningKey;
    const made = await makeKey(label);
    if (await store.add(key, made as unknown as Json, FOREVER)) return made;
    // Another process was quicker.
    return (await store.get(key)) as unknown as SigningKey;
  }

  return {
    named(label) {
      const pending = known.get(label) ?? load(label);
      known.set(label, pending);
      return pending;
    },
  };
}

async function makeKey(label: string): Promise<SigningKey> {
  const pair = await generateKeyPair(ALG, { extractable: true, modulusLength: 2048 });
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(pair.privateKey), exportJWK(pair.publicKey)]);
  const kid = `emta-${label}-${publicJwk.n?.slice(0, 8)}`;
  const named = (jwk: JWK) => ({ ...jwk, kid, alg: ALG, use: 'sig' }) as unknown as SigningKey['publicJwk'];
  return { kid, alg: ALG, privateJwk: named(privateJwk), publicJwk: named(publicJwk) };
}
