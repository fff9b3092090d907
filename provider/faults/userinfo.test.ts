import { expect, test } from '@jest/globals';
import { compactVerify, decodeJwt, importJWK } from 'jose';
import type { Json } from '../kernel/ports.ts';
import { sampleContext, sampleDraft, samples } from '../test/fault-samples.ts';
import { faultById } from './catalogue.ts';
import { serialiseToken } from './serialise-token.ts';
import type { WireAnswer } from './tamper.ts';

const { active, foreign } = sampleContext().keys;

const signed: WireAnswer = {
  status: 200,
  headers: { 'content-type': 'application/jwt; charset=utf-8' },
  body: await serialiseToken(sampleDraft, active),
};

async function tamper(id: string, before: WireAnswer, parameters: Readonly<Record<string, Json>> = {}) {
  const after = await faultById(id).tampers.userinfo?.(before, sampleContext(parameters));
  if (!after) throw new TypeError(`expected "${id}" to act on userinfo`);
  return after;
}

async function verifies(token: string, key: typeof active): Promise<boolean> {
  try {
    await compactVerify(token, await importJWK({ ...key.publicJwk }, key.alg));
    return true;
  } catch (error) {
    expect(error).toEqual(expect.objectContaining({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' }));
    return false;
  }
}

const victim = { victim: '9991001115' };

test('userinfo.sub_other is about the victim alone', async () => {
  const { body } = await tamper('userinfo.sub_other', samples.userinfo, victim);
  expect(JSON.parse(body)).toEqual(sampleContext().victimClaims);
});

test('userinfo.sub_array holds both subjects', async () => {
  const { body } = await tamper('userinfo.sub_array', samples.userinfo, victim);
  expect(JSON.parse(body)).toEqual({ ...sampleContext().victimClaims, sub: ['own-subject', 'victim'] });
});

test("userinfo.sub_twice holds the own subject first and the victim's last", async () => {
  const { body } = await tamper('userinfo.sub_twice', samples.userinfo, victim);
  expect(body).toMatch(/^\{"sub":"own-subject",.*"sub":"victim"\}$/);
});

test('faults of the claims reach signed userinfo, signed anew by Emta', async () => {
  const { body } = await tamper('claims.phone_unverified', signed);
  expect(decodeJwt(body).phone_number_verified).toBe(false);
  expect(await verifies(body, active)).toBe(true);
});

test('userinfo.signature_foreign keeps what is said and changes who says it', async () => {
  const { body } = await tamper('userinfo.signature_foreign', signed);
  expect(decodeJwt(body)).toEqual(decodeJwt(signed.body));
  expect([await verifies(body, active), await verifies(body, foreign)]).toEqual([false, true]);
});

test('userinfo.aud_other is signed by Emta for another client', async () => {
  const { body } = await tamper('userinfo.aud_other', signed);
  expect(decodeJwt(body).aud).toBe('another-client-of-emta');
  expect(await verifies(body, active)).toBe(true);
});

test.each(['userinfo.signature_foreign', 'userinfo.aud_other'])('%s does nothing to plain userinfo', async (id) => {
  expect(await tamper(id, samples.userinfo)).toBe(samples.userinfo);
});

test('faults of the claims leave a refused request alone', async () => {
  const refused = { ...samples.userinfo, status: 401, body: '{"error":"invalid_token"}' };
  expect(await tamper('claims.email', refused, { email: 'a@example.com' })).toBe(refused);
});
