import { exportSPKI, importJWK } from 'jose';
import { selfSignedCertificate } from './certificate.ts';
import { defineFault } from './define-fault.ts';
import { editJson } from './edit.ts';
import type { JsonObject } from './members.ts';
import { memberOf, withMember } from './members.ts';
import { publishedKeys, publishKey } from './publish-key.ts';
import type { Fault, SigningKey, TokenDraft } from './tamper.ts';

function signedBy(draft: TokenDraft, key: SigningKey, header: JsonObject): TokenDraft {
  return { ...draft, header, signing: { kind: 'key', key } };
}

function withoutKid({ kid: _kid, ...header }: JsonObject): JsonObject {
  return header;
}

async function publicKeyBytes(key: SigningKey, form: 'pem' | 'der'): Promise<Uint8Array> {
  const imported = await importJWK({ ...key.publicJwk }, key.alg, { extractable: true });
  if (imported instanceof Uint8Array) {
    throw new TypeError('expected the key of the issuer to be a public key, got a symmetric one');
  }
  const pem = `${(await exportSPKI(imported)).trimEnd()}\n`;
  return form === 'pem'
    ? new TextEncoder().encode(pem)
    : new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'));
}

const trapParameter = {
  trap_url: { type: 'string', meaning: "the attacker's address; Emta's own trap unless given" },
} as const;

/** Faults of how the ID token is signed, or not. */
export const idTokenSignatureFaults: readonly Fault[] = [
  defineFault({
    id: 'id_token.alg_none',
    breaks: 'OIDC Core §2, §3.1.3.7(7); RFC 8725 §3.2',
    summary: 'the ID token is not signed and says so',
    rows: ['H20', 'H21'],
    parameters: {
      spelling: { type: 'string', default: 'none', meaning: 'what alg holds, for example nOnE' },
      kid: { type: 'string', oneOf: ['kept', 'absent'], default: 'kept', meaning: 'whether the header names a key' },
    },
    tampers: (read) => ({
      id_token: (draft, context) => {
        const { spelling, kid } = read(context);
        const header = kid === 'absent' ? withoutKid(draft.header) : draft.header;
        return { ...draft, header: { ...header, alg: spelling }, signing: { kind: 'empty' } };
      },
    }),
  }),
  defineFault({
    id: 'id_token.signed_hs256_client_secret',
    breaks: 'RFC 8725 §3.1; OIDC Core §3.1.3.7(7-8)',
    summary: 'the ID token is signed with HS256, keyed by the client secret',
    rows: ['H22'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { clientSecret }) =>
        clientSecret === undefined
          ? draft
          : {
              ...draft,
              header: { ...withoutKid(draft.header), alg: 'HS256' },
              signing: { kind: 'hmac', secret: new TextEncoder().encode(clientSecret) },
            },
    }),
  }),
  defineFault({
    id: 'id_token.signed_hs256_public_key',
    breaks: 'RFC 8725 §2.1, §3.1',
    summary: "the ID token is signed with HS256, keyed by Emta's published key",
    rows: ['H23'],
    parameters: {
      form: { type: 'string', oneOf: ['pem', 'der'], default: 'pem', meaning: 'how the key becomes bytes' },
    },
    tampers: (read) => ({
      id_token: async (draft, context) => ({
        ...draft,
        header: { ...draft.header, alg: 'HS256' },
        signing: { kind: 'hmac', secret: await publicKeyBytes(context.keys.active, read(context).form) },
      }),
    }),
  }),
  defineFault({
    id: 'id_token.foreign_key',
    breaks: 'OIDC Core §3.1.3.7(6)',
    summary: "the ID token is signed by a key of the attacker under the name of Emta's",
    rows: ['H24'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { keys }) => signedBy(draft, keys.foreign, { ...draft.header, alg: keys.foreign.alg }),
    }),
  }),
  defineFault({
    id: 'id_token.signature_empty',
    breaks: 'OIDC Core §3.1.3.7(6); RFC 7515 §5.2',
    summary: 'the ID token names an algorithm and holds no signature',
    rows: ['H24'],
    parameters: {},
    tampers: () => ({ id_token: (draft) => ({ ...draft, signing: { kind: 'empty' } }) }),
  }),
  defineFault({
    id: 'id_token.payload_altered',
    breaks: 'OIDC Core §3.1.3.7(6)',
    summary: 'iat of the ID token was put back by a second after it was signed',
    rows: ['H25'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, context) => {
        const iat = memberOf(draft.claims, 'iat');
        const earlier = (typeof iat === 'number' ? iat : Math.floor(context.now / 1000)) - 1;
        return { ...draft, alteredAfterSigning: { ...draft.alteredAfterSigning, iat: earlier } };
      },
    }),
  }),
  defineFault({
    id: 'id_token.kid_unknown',
    breaks: 'OIDC Core §10.1.1, §3.1.3.7(6)',
    summary: 'the ID token is signed by a key that no key set holds, under a name never seen, new each time',
    rows: ['H26', 'K06'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { keys, random }) =>
        signedBy(draft, keys.foreign, { ...draft.header, alg: keys.foreign.alg, kid: `unknown-${random.id()}` }),
    }),
  }),
  defineFault({
    id: 'id_token.kid_missing',
    breaks: 'OIDC Core §10.1: kid is needed among several keys',
    summary: 'the ID token names no key, and several keys are published',
    rows: ['H27'],
    narrowest: 'issuer',
    parameters: {},
    tampers: () => ({
      id_token: (draft) => ('kid' in draft.header ? { ...draft, header: withoutKid(draft.header) } : draft),
      jwks: async (answer, { keys }) => publishKey(answer, await keys.named('second')),
    }),
  }),
  defineFault({
    id: 'id_token.kid_missing_single_key',
    breaks: 'OIDC Core §10.1: kid may be left out where one key is published',
    summary: 'the ID token names no key, and one key is published',
    rows: ['B09'],
    narrowest: 'issuer',
    parameters: {},
    tampers: () => ({
      id_token: (draft) => ('kid' in draft.header ? { ...draft, header: withoutKid(draft.header) } : draft),
      jwks: (answer, { keys }) =>
        editJson(answer, (members) =>
          withMember(members, 'keys', [
            ...publishedKeys(memberOf(members, 'keys')).filter((key) => key.kid === keys.active.kid),
          ]),
        ),
    }),
  }),
  defineFault({
    id: 'id_token.embedded_jwk',
    breaks: 'RFC 8725 §3.10; RFC 7515 §4.1.3',
    summary: 'the ID token is signed by a key of the attacker and carries that key in its header',
    rows: ['H28'],
    parameters: {},
    tampers: () => ({
      id_token: (draft, { keys: { foreign } }) =>
        signedBy(draft, foreign, {
          ...draft.header,
          alg: foreign.alg,
          kid: foreign.kid,
          jwk: foreign.publicJwk,
        }),
    }),
  }),
  defineFault({
    id: 'id_token.jku',
    breaks: 'RFC 8725 §3.10; RFC 7515 §4.1.2',
    summary: "the ID token is signed by a key of the attacker and points to the attacker's key set",
    rows: ['H28'],
    parameters: trapParameter,
    tampers: (read) => ({
      id_token: (draft, context) => {
        const { foreign } = context.keys;
        const jku = `${read(context).trap_url ?? context.trapUrl}/jwks`;
        return signedBy(draft, foreign, { ...draft.header, alg: foreign.alg, kid: foreign.kid, jku });
      },
    }),
  }),
  defineFault({
    id: 'id_token.x5u',
    breaks: 'RFC 8725 §3.10; RFC 7515 §4.1.5',
    summary: "the ID token is signed by a key of the attacker and points to the attacker's certificate",
    rows: ['H28'],
    parameters: trapParameter,
    tampers: (read) => ({
      id_token: (draft, context) => {
        const { foreign } = context.keys;
        const x5u = `${read(context).trap_url ?? context.trapUrl}/certificate.pem`;
        return signedBy(draft, foreign, { ...withoutKid(draft.header), alg: foreign.alg, x5u });
      },
    }),
  }),
  defineFault({
    id: 'id_token.x5c',
    breaks: 'RFC 8725 §3.10; RFC 7515 §4.1.6',
    summary: "the ID token is signed by a key of the attacker and carries the attacker's own certificate",
    rows: ['H28'],
    parameters: {},
    tampers: () => ({
      id_token: async (draft, { keys: { foreign }, now }) =>
        signedBy(draft, foreign, {
          ...withoutKid(draft.header),
          alg: foreign.alg,
          x5c: [await selfSignedCertificate(foreign, now)],
        }),
    }),
  }),
  defineFault({
    id: 'id_token.crit_unknown',
    breaks: 'RFC 7515 §4.1.11',
    summary: 'the header of the ID token calls a member critical that nobody knows',
    rows: ['H29'],
    parameters: {},
    tampers: () => ({
      id_token: (draft) => ({
        ...draft,
        header: { ...draft.header, crit: ['emta_unknown'], emta_unknown: true },
      }),
    }),
  }),
];
