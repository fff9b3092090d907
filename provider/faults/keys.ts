import { type CryptoKey, exportJWK, generateKeyPair } from 'jose';
import type { Json, Store } from '../kernel/ports.ts';
import { isJsonObject, type JsonObject } from './members.ts';
import type { SigningKey } from './tamper.ts';

const lifetime = 7 * 86_400;

function parseKey(value: Json): SigningKey {
  if (
    !isJsonObject(value) ||
    typeof value.kid !== 'string' ||
    typeof value.alg !== 'string' ||
    !isJsonObject(value.privateJwk) ||
    !isJsonObject(value.publicJwk)
  ) {
    throw new TypeError('expected a signing key of the faults in the store, got something else');
  }
  const { kid, alg, privateJwk, publicJwk } = value;
  return { kid, alg, privateJwk, publicJwk };
}

async function generateKey(label: string): Promise<SigningKey & JsonObject> {
  const alg = 'RS256';
  const pair = await generateKeyPair(alg, { extractable: true });
  const kid = `fault-${label}`;
  const marks = { kid, alg, use: 'sig' };
  // Through JSON, because a JWK may hold undefined members, which the store could not keep.
  const jwk = async (key: CryptoKey): Promise<JsonObject> => {
    const value: unknown = JSON.parse(JSON.stringify({ ...(await exportJWK(key)), ...marks }));
    if (!isJsonObject(value)) throw new TypeError('expected an exported key to be a JSON object');
    return value;
  };
  return { kid, alg, privateJwk: await jwk(pair.privateKey), publicJwk: await jwk(pair.publicKey) };
}

/** Where faults get keys that are not Emta's own: one per label, the same in every process. */
export function createFaultKeys({
  store,
  prefix,
}: {
  readonly store: Pick<Store, 'get' | 'add'>;
  /** Tells issuers apart that share a store. */
  readonly prefix: string;
}): { named(label: string): Promise<SigningKey> } {
  return {
    async named(label) {
      const name = `${prefix}:fault-key:{${label}}`;
      const kept = await store.get(name);
      if (kept !== undefined) return parseKey(kept);
      const made = await generateKey(label);
      if (await store.add(name, made, lifetime)) return made;
      const others = await store.get(name);
      return others === undefined ? made : parseKey(others);
    },
  };
}
