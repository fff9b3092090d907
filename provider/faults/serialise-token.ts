import { CompactSign, decodeProtectedHeader, importJWK } from 'jose';
import { isJsonObject, type JsonObject, membersOf, membersText, withMembers } from './members.ts';
import type { Signing, SigningKey, TokenDraft } from './tamper.ts';

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

async function signed(payload: string, header: JsonObject, key: SigningKey | Uint8Array): Promise<string> {
  const alg = String(header.alg);
  const imported = key instanceof Uint8Array ? key : await importJWK({ ...key.privateJwk }, alg);
  const critical = Array.isArray(header.crit) ? header.crit : [];
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ ...header, alg })
    .sign(imported, { crit: Object.fromEntries(critical.map((name) => [String(name), true])) });
}

function compact(payload: string, header: JsonObject, signing: Signing, issuerKey: SigningKey): Promise<string> {
  switch (signing.kind) {
    case 'issuer':
      return signed(payload, header, issuerKey);
    case 'key':
      return signed(payload, header, signing.key);
    case 'hmac':
      return signed(payload, header, signing.secret);
    case 'empty':
      return Promise.resolve(`${base64url(JSON.stringify(header))}.${base64url(payload)}.`);
  }
}

/** Makes the compact form of a token, forged as its draft says. */
export async function serialiseToken(draft: TokenDraft, issuerKey: SigningKey): Promise<string> {
  const token = await compact(membersText(draft.claims), draft.header, draft.signing, issuerKey);
  if (!draft.alteredAfterSigning) return token;
  const [header, , signature] = token.split('.');
  return [header, base64url(membersText(withMembers(draft.claims, draft.alteredAfterSigning))), signature].join('.');
}

/** Takes a sound token of Emta apart, so that faults can act on it. */
export function draftOf(token: string): TokenDraft {
  const header: unknown = decodeProtectedHeader(token);
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (!isJsonObject(header) || !isJsonObject(claims)) {
    throw new TypeError('expected a JWT whose header and payload are JSON objects');
  }
  return { header, claims: membersOf(claims), signing: { kind: 'issuer' } };
}
