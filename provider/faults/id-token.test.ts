import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  calculateJwkThumbprint,
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  importJWK,
  importSPKI,
  importX509,
  jwtVerify,
} from 'jose';
import type { Json } from '../kernel/ports.ts';
import { issuer, now, sampleContext, sampleDraft, samples } from '../test/fault-samples.ts';
import { faultById } from './catalogue.ts';
import { memberOf } from './members.ts';
import { draftOf, serialiseToken } from './serialise-token.ts';
import type { SigningKey, TokenDraft } from './tamper.ts';

const seconds = now / 1000;
const { active, foreign, named } = sampleContext().keys;

async function tamper(id: string, parameters: Readonly<Record<string, Json>> = {}): Promise<TokenDraft> {
  const change = faultById(id).tampers.id_token;
  if (!change) throw new TypeError(`expected "${id}" to act on the ID token`);
  return change(sampleDraft, sampleContext(parameters));
}

async function forge(id: string, parameters: Readonly<Record<string, Json>> = {}): Promise<string> {
  return serialiseToken(await tamper(id, parameters), active);
}

async function publicKey(key: SigningKey) {
  return importJWK({ ...key.publicJwk }, key.alg);
}

const badSignature = expect.objectContaining({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });

async function expectSignedBy(token: string, key: SigningKey, others: readonly SigningKey[]): Promise<void> {
  await expect(compactVerify(token, await publicKey(key))).resolves.toBeDefined();
  for (const other of others) {
    await expect(compactVerify(token, await publicKey(other))).rejects.toEqual(badSignature);
  }
}

test('a token that is taken apart and put together again is the same token', async () => {
  const token = await serialiseToken(sampleDraft, active);
  await expectSignedBy(token, active, [foreign]);
  expect(await serialiseToken(draftOf(token), active)).toBe(token);
  expect(Object.entries(decodeJwt(token))).toEqual(sampleDraft.claims.map((member) => [...member]));
});

test.each([
  ['id_token.iss_other', {}, 'iss', 'https://another-issuer.invalid'],
  ['id_token.iss_trailing_slash', {}, 'iss', `${issuer}/`],
  ['id_token.aud_array', {}, 'aud', ['shop']],
  ['id_token.aud_other', { audience: 'x' }, 'aud', 'x'],
  ['id_token.aud_additional', {}, 'aud', ['shop', 'another-client-of-emta']],
  ['id_token.azp_other', {}, 'azp', 'another-client-of-emta'],
  ['id_token.expired', {}, 'exp', seconds - 600],
  ['id_token.expired', { seconds_ago: 30 }, 'exp', seconds - 30],
  ['id_token.short_lived', { seconds: 5 }, 'exp', seconds + 5],
  ['id_token.iat_future', {}, 'iat', seconds + 3600],
  ['id_token.iat_old', {}, 'iat', seconds - 604_800],
  ['id_token.nbf_future', {}, 'nbf', seconds + 3600],
  ['id_token.sub_empty', {}, 'sub', ''],
  ['id_token.sub_malformed', { form: 'number' }, 'sub', 4299],
  ['id_token.sub_malformed', { form: 'long' }, 'sub', 'own-subject'.padEnd(300, 'x')],
  ['id_token.sub_malformed', { form: 'nul' }, 'sub', 'own-su\u0000bject'],
  ['id_token.nonce_previous', {}, 'nonce', 'nonce-of-the-login-before'],
  ['id_token.acr_lower', {}, 'acr', '0'],
  ['id_token.auth_time_old', {}, 'auth_time', seconds - 86_400],
  ['id_token.of_other_client', { client_id: 'attacker' }, 'aud', 'attacker'],
  ['clock.behind', {}, 'exp', seconds + 900 - 120],
  ['clock.ahead', { seconds: 60 }, 'iat', seconds + 60],
] as const)('%s %j sets %s and is signed soundly', async (id, parameters, claim, value) => {
  const token = await forge(id, parameters);
  expect(decodeJwt(token)[claim]).toEqual(value);
  await expectSignedBy(token, active, []);
});

test('id_token.aud_additional and the missing claims leave no trace of what they remove', async () => {
  expect(decodeJwt(await forge('id_token.aud_additional'))).not.toHaveProperty('azp');
  for (const claim of ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'acr', 'auth_time']) {
    expect(decodeJwt(await forge(`id_token.${claim}_missing`))).not.toHaveProperty(claim);
  }
});

test('id_token.nonce_wrong and id_token.at_hash_wrong put something else there', async () => {
  expect(decodeJwt(await forge('id_token.nonce_wrong')).nonce).not.toBe('nonce-of-this-login');
  expect(decodeJwt(await forge('id_token.at_hash_wrong')).at_hash).not.toBe('a-hash');
});

test('id_token.nonce_previous does nothing at the first login', async () => {
  const context = sampleContext();
  const change = faultById('id_token.nonce_previous').tampers.id_token;
  expect(await change?.(sampleDraft, { ...context, journey: {} })).toBe(sampleDraft);
});

test("id_token.sub_twice writes the victim's subject first and the own last", async () => {
  const token = await forge('id_token.sub_twice', { victim: '9991001115' });
  const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  expect([...text.matchAll(/"sub":"([^"]+)"/g)].map(([, sub]) => sub)).toEqual(['victim', 'own-subject']);
  expect(decodeJwt(token).sub).toBe('own-subject');
  await expectSignedBy(token, active, []);
});

test('id_token.large makes a token of about the length asked for', async () => {
  const length = (await forge('id_token.large')).length;
  expect(length).toBeGreaterThan(8192);
  expect(length).toBeLessThan(8192 + 1200);
});

test.each(['none', 'nOnE', 'None', 'NONE'])('id_token.alg_none says %s and holds no signature', async (spelling) => {
  const token = await forge('id_token.alg_none', { spelling });
  expect(decodeProtectedHeader(token).alg).toBe(spelling);
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.$/);
});

test('id_token.alg_none names no key where none is wanted', async () => {
  const header = decodeProtectedHeader(await forge('id_token.alg_none', { kid: 'absent' }));
  expect(header).not.toHaveProperty('kid');
  expect(header.alg).toBe('none');
});

test('id_token.signature_empty names the algorithm and holds no signature', async () => {
  const token = await forge('id_token.signature_empty');
  expect(decodeProtectedHeader(token)).toEqual({ ...sampleDraft.header });
  expect(token.split('.')[2]).toBe('');
});

test('id_token.signed_hs256_client_secret verifies with the client secret', async () => {
  const token = await forge('id_token.signed_hs256_client_secret');
  const secret = new TextEncoder().encode(sampleContext().clientSecret);
  const { protectedHeader } = await jwtVerify(token, secret, { algorithms: ['HS256'], currentDate: new Date(now) });
  expect(protectedHeader.alg).toBe('HS256');
});

test('id_token.signed_hs256_client_secret does nothing for a client without a secret', async () => {
  const { clientSecret: _secret, ...context } = sampleContext();
  const change = faultById('id_token.signed_hs256_client_secret').tampers.id_token;
  expect(await change?.(sampleDraft, context)).toBe(sampleDraft);
});

test.each(['pem', 'der'] as const)(
  'id_token.signed_hs256_public_key verifies with the published key as %s',
  async (form) => {
    const token = await forge('id_token.signed_hs256_public_key', { form });
    const { createPublicKey } = await import('node:crypto');
    const key = createPublicKey({ key: { ...active.publicJwk }, format: 'jwk' });
    const secret =
      form === 'pem'
        ? Buffer.from(key.export({ type: 'spki', format: 'pem' }))
        : key.export({ type: 'spki', format: 'der' });
    const { protectedHeader } = await compactVerify(token, new Uint8Array(secret), { algorithms: ['HS256'] });
    expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT', kid: active.kid });
  },
);

test("id_token.foreign_key is the attacker's under Emta's name", async () => {
  const token = await forge('id_token.foreign_key');
  expect(decodeProtectedHeader(token).kid).toBe(active.kid);
  await expectSignedBy(token, foreign, [active]);
});

test('id_token.payload_altered does not fit its signature, which was sound', async () => {
  const token = await forge('id_token.payload_altered');
  await expect(compactVerify(token, await publicKey(active))).rejects.toEqual(badSignature);
  const [header, , signature] = token.split('.');
  const [, original] = (await serialiseToken(sampleDraft, active)).split('.');
  await expectSignedBy([header, original, signature].join('.'), active, []);
  expect(decodeJwt(token)).toEqual({ ...Object.fromEntries(sampleDraft.claims), iat: seconds - 1 });
});

test('id_token.kid_unknown is signed by a key nobody published, under a new name each time', async () => {
  const change = faultById('id_token.kid_unknown').tampers.id_token;
  const context = sampleContext();
  const drafts = await Promise.all([change?.(sampleDraft, context), change?.(sampleDraft, context)]);
  expect(new Set(drafts.map((draft) => draft?.header.kid)).size).toBe(2);
  await expectSignedBy(await forge('id_token.kid_unknown'), foreign, [active]);
});

test('id_token.kid_missing names no key, is sound, and several keys are published', async () => {
  const token = await forge('id_token.kid_missing');
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' });
  await expectSignedBy(token, active, []);
  expect(await publishedKids('id_token.kid_missing')).toEqual(['emta-active', 'emta-older', 'second']);
});

test('id_token.kid_missing_single_key names no key, is sound, and the one key is published', async () => {
  const token = await forge('id_token.kid_missing_single_key');
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT' });
  await expectSignedBy(token, active, []);
  expect(await publishedKids('id_token.kid_missing_single_key')).toEqual(['emta-active']);
});

test('id_token.embedded_jwk verifies with the key it carries, which is not of Emta', async () => {
  const token = await forge('id_token.embedded_jwk');
  const { jwk = {} } = decodeProtectedHeader(token);
  expect(await calculateJwkThumbprint(jwk)).toBe(await calculateJwkThumbprint({ ...foreign.publicJwk }));
  expect(jwk).not.toHaveProperty('d');
  await expectSignedBy(token, foreign, [active]);
});

test.each([
  ['id_token.jku', {}, 'jku', 'http://trap.invalid/jwks'],
  ['id_token.jku', { trap_url: 'http://evil.invalid' }, 'jku', 'http://evil.invalid/jwks'],
  ['id_token.x5u', {}, 'x5u', 'http://trap.invalid/certificate.pem'],
] as const)("%s %j points to the attacker's address", async (id, parameters, member, address) => {
  const token = await forge(id, parameters);
  expect(decodeProtectedHeader(token)[member]).toBe(address);
  await expectSignedBy(token, foreign, [active]);
});

test("id_token.x5c carries a certificate that the attacker signed over the attacker's own key", async () => {
  const token = await forge('id_token.x5c');
  const [base64 = ''] = decodeProtectedHeader(token).x5c ?? [];
  const certificate = new X509Certificate(Buffer.from(base64, 'base64'));
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subject).toBe('CN=emta-mock attacker\nO=emta-mock for tests');
  await expect(compactVerify(token, await importX509(certificate.toString(), 'RS256'))).resolves.toBeDefined();
  const key = await importSPKI(certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'RS256', {
    extractable: true,
  });
  expect((await exportJWK(key)).n).toBe(foreign.publicJwk.n);
  await expectSignedBy(token, foreign, [active]);
});

test('id_token.crit_unknown is sound but for the member nobody knows', async () => {
  const token = await forge('id_token.crit_unknown');
  await expect(compactVerify(token, await publicKey(active))).rejects.toEqual(
    expect.objectContaining({ code: 'ERR_JOSE_NOT_SUPPORTED' }),
  );
  await expect(compactVerify(token, await publicKey(active), { crit: { emta_unknown: true } })).resolves.toBeDefined();
});

test('a rotation: announced, then used, then withdrawn', async () => {
  const key = await named('case-1');
  expect(await publishedKids('keys.announced', { key: 'case-1' })).toEqual(['emta-active', 'emta-older', 'case-1']);
  expect(await publishedKids('keys.used', { key: 'case-1' })).toEqual(['emta-active', 'emta-older', 'case-1']);
  for (const id of ['keys.used', 'keys.withdrawn']) {
    const token = await forge(id, { key: 'case-1' });
    expect(decodeProtectedHeader(token).kid).toBe('case-1');
    await expectSignedBy(token, key, [active]);
  }
  expect(faultById('keys.withdrawn').acts).toEqual(['id_token']);
});

test('two faults act together on one token', async () => {
  const nonce = faultById('id_token.nonce_missing').tampers.id_token;
  const first = await tamper('id_token.foreign_key');
  const both = await nonce?.(first, sampleContext());
  expect(both?.signing).toEqual({ kind: 'key', key: foreign });
  expect(memberOf(both?.claims ?? [], 'nonce')).toBeUndefined();
});

async function publishedKids(id: string, parameters: Readonly<Record<string, Json>> = {}): Promise<readonly unknown[]> {
  const answer = await faultById(id).tampers.jwks?.(samples.jwks, sampleContext(parameters));
  const { keys } = JSON.parse(answer?.body ?? '') as { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  for (const key of keys) expect(key).not.toHaveProperty('d');
  return keys.map((key) => key.kid);
}
