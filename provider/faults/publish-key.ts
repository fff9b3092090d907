import { editJson } from './edit.ts';
import type { JsonObject } from './members.ts';
import { isJsonObject, memberOf, withMember } from './members.ts';
import type { SigningKey, WireAnswer } from './tamper.ts';

/** The keys of a JWK set. */
export function publishedKeys(keys: unknown): readonly JsonObject[] {
  return Array.isArray(keys) ? keys.filter(isJsonObject) : [];
}

/** Adds a key to the key set, unless it stands there. */
export function publishKey(answer: WireAnswer, key: SigningKey): WireAnswer {
  return editJson(answer, (members) => {
    const keys = publishedKeys(memberOf(members, 'keys'));
    return keys.some((jwk) => jwk.kid === key.kid) ? members : withMember(members, 'keys', [...keys, key.publicJwk]);
  });
}
