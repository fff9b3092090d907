import { expect, test } from '@jest/globals';
import type { Json } from '../kernel/ports.ts';
import { isJson, sampleContext, sampleDraft, samples } from '../test/fault-samples.ts';
import { faultById } from './catalogue.ts';
import { memberOf, withoutMembers } from './members.ts';
import type { Tampered, WireAnswer } from './tamper.ts';

type Endpoint = Exclude<keyof Tampered, 'authorization_response' | 'id_token'>;

async function answer(
  id: string,
  endpoint: Endpoint,
  parameters: Readonly<Record<string, Json>> = {},
): Promise<WireAnswer> {
  const after = await faultById(id).tampers[endpoint]?.(samples[endpoint], sampleContext(parameters));
  if (!after) throw new TypeError(`expected "${id}" to act on ${endpoint}`);
  return after;
}

test.each([
  ['token.error', 'token_response', {}, 400, { error: 'invalid_grant' }, undefined],
  [
    'token.error',
    'token_response',
    { status: 401, error: 'invalid_client', error_description: '<b>' },
    401,
    { error: 'invalid_client', error_description: '<b>' },
    'Basic realm="emta"',
  ],
  ['userinfo.error', 'userinfo', {}, 401, { error: 'invalid_token' }, 'Bearer error="invalid_token"'],
  [
    'resource_mobile.error',
    'resource_mobile',
    { status: 403, error: 'insufficient_scope' },
    403,
    { error: 'insufficient_scope' },
    'Bearer error="insufficient_scope"',
  ],
] as const)('%s at %s %j refuses with %i', async (id, endpoint, parameters, status, body, challenge) => {
  const refused = await answer(id, endpoint, parameters);
  expect(refused.status).toBe(status);
  expect(JSON.parse(refused.body)).toEqual(body);
  expect(refused.headers['www-authenticate']).toBe(challenge);
  expect(refused.headers['content-type']).toBe('application/json; charset=utf-8');
});

test.each([
  ['token.redirect', 'token_response', {}, 307, 'http://trap.invalid'],
  [
    'token.redirect',
    'token_response',
    { status: 302, trap_url: 'http://evil.invalid/x' },
    302,
    'http://evil.invalid/x',
  ],
  ['resource_identity.redirect', 'resource_identity', {}, 307, 'http://trap.invalid'],
] as const)('%s at %s %j redirects with %i to %s', async (id, endpoint, parameters, status, location) => {
  expect(await answer(id, endpoint, parameters)).toEqual({ status, headers: { location }, body: '' });
});

test.each([
  ['token.invalid_json', 'token_response'],
  ['userinfo.invalid_json', 'userinfo'],
  ['resource_identity.invalid_json', 'resource_identity'],
  ['resource_mobile.invalid_json', 'resource_mobile'],
] as const)('%s is no JSON and keeps its length header true', async (id, endpoint) => {
  const broken = await answer(id, endpoint);
  expect(isJson(broken.body)).toBe(false);
  expect(broken.headers['content-length']).toBe(String(Buffer.byteLength(broken.body)));
});

test('token.slow waits four seconds unless told otherwise, on top of other waits', async () => {
  expect((await answer('token.slow', 'token_response')).delayMs).toBe(4000);
  const again = await faultById('token.slow').tampers.token_response?.(
    { ...samples.token_response, delayMs: 500 },
    sampleContext({ milliseconds: 100 }),
  );
  expect(again?.delayMs).toBe(600);
});

test.each([
  ['e164', '+989070001094'],
  ['0098', '00989070001094'],
  ['98', '989070001094'],
  ['0', '09070001094'],
  ['persian_digits', '۰۹۰۷۰۰۰۱۰۹۴'],
  ['json_number', 989070001094],
])('claims.phone_spelling %s is %s on the wire', async (spelling, number) => {
  const { body } = await answer('claims.phone_spelling', 'resource_mobile', { spelling });
  expect(JSON.parse(body)).toEqual({ primaryMobileNumber: { mobileNumber: number } });
  expect(JSON.parse((await answer('claims.phone_spelling', 'userinfo', { spelling })).body).phone_number).toBe(number);
});

test.each(['false', 'true', 0])('claims.phone_verified_as %j stands as it is', async (value) => {
  const { body } = await answer('claims.phone_verified_as', 'userinfo', { value });
  expect(JSON.parse(body).phone_number_verified).toBe(value);
});

test('claims.phone_missing leaves the mobile resource without its object', async () => {
  expect((await answer('claims.phone_missing', 'resource_mobile')).body).toBe('{}');
});

test('claims.phone_unverified says nothing of a number that is not there', async () => {
  const draft = { ...sampleDraft, claims: withoutMembers(sampleDraft.claims, 'phone_number', 'phone_number_verified') };
  expect(await faultById('claims.phone_unverified').tampers.id_token?.(draft, sampleContext())).toBe(draft);
});

test('claims.phone_disagreeing puts the verified number into the ID token', async () => {
  const draft = { ...sampleDraft, claims: withoutMembers(sampleDraft.claims, 'phone_number', 'phone_number_verified') };
  const context = sampleContext({ mobile: '+989070001115' });
  const after = await faultById('claims.phone_disagreeing').tampers.id_token?.(draft, context);
  expect(memberOf(after?.claims ?? [], 'phone_number')).toBe('+989070001094');
  expect(memberOf(after?.claims ?? [], 'phone_number_verified')).toBe(true);
  const { body } = await answer('claims.phone_disagreeing', 'userinfo', { mobile: '+989070001115' });
  expect(JSON.parse(body)).toMatchObject({ phone_number: '+989070001115', phone_number_verified: false });
});

test('claims.phone_verification_old tells when, in either face', async () => {
  const { body } = await answer('claims.phone_verification_old', 'resource_mobile', { days: 1 });
  expect(JSON.parse(body)).toEqual({
    primaryMobileNumber: { mobileNumber: '+989070001094', verifiedAt: '2026-05-04T08:00:00.000Z' },
  });
  const userinfo = await answer('claims.phone_verification_old', 'userinfo', { days: 1 });
  expect(JSON.parse(userinfo.body).phone_number_verified_at).toBe(Date.parse('2026-05-04T08:00:00Z') / 1000);
});

test('resource_identity.of_other answers with the victim', async () => {
  const { body } = await answer('resource_identity.of_other', 'resource_identity', { victim: '9991001115' });
  expect(JSON.parse(body)).toEqual(sampleContext().victimIdentity);
});

test.each([
  ['resource_identity.empty', {}],
  ['resource_identity.names_null', { name: null, family: null, nationalCode: '9991001093', birthDate: '1358/10/03' }],
  ['resource_identity.error_in_success', { error: 'server_error', error_description: 'the record cannot be read' }],
])('%s answers %j', async (id, body) => {
  expect(JSON.parse((await answer(id, 'resource_identity')).body)).toEqual(body);
});

test.each([
  ['discovery.s256_and_plain', ['plain', 'S256']],
  ['discovery.plain_only', ['plain']],
])('%s offers %j', async (id, methods) => {
  expect(JSON.parse((await answer(id, 'discovery')).body).code_challenge_methods_supported).toEqual(methods);
});

test('discovery.token_endpoint_moved names a path that Emta serves as well', async () => {
  const { body } = await answer('discovery.token_endpoint_moved', 'discovery');
  expect(JSON.parse(body).token_endpoint).toBe('http://localhost:4299/service/v2/oauth/token');
});

test.each(['bearer', 'BEARER', 'mac'])('token.type %s', async (token_type) => {
  expect(JSON.parse((await answer('token.type', 'token_response', { token_type })).body).token_type).toBe(token_type);
});
