import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { type Explanation, explain } from '../http/console/explain.ts';
import type { Exchange } from '../journal/journal.ts';
import { type Client, parseClient } from '../oidc/clients.ts';
import { callback, freshEmta, type Parameters, site, type TestEmta } from './fresh-emta.ts';
import { visitorOf } from './visitor.ts';

const client: Client = parseClient(site);
const verifier = 'a'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');
const withPkce = { code_challenge: challenge, code_challenge_method: 'S256' };

/** What the console makes of the newest exchange with an endpoint. */
async function explained(emta: TestEmta, endpoint: string): Promise<Explanation | undefined> {
  const { exchanges } = await emta.control('get', '/exchanges');
  const all = exchanges.map(({ client_id, ...rest }: { client_id?: string }) => ({
    ...rest,
    ...(client_id && { clientId: client_id }),
  })) as Exchange[];
  const last = all.findLast((exchange) => exchange.endpoint === endpoint);
  if (!last) throw new Error(`expected an exchange with ${endpoint}`);
  const others = all.filter(({ journey }) => journey !== undefined && journey === last.journey);
  return explain(last, { ...(last.clientId && { client }), others });
}

async function codeFor(emta: TestEmta, params: Parameters = {}): Promise<string> {
  const { left } = await visitorOf(emta, 'married-woman').walk('end', params);
  return left?.searchParams.get('code') ?? '';
}

function redeem(emta: TestEmta, form: Parameters) {
  const usual = {
    grant_type: 'authorization_code',
    redirect_uri: callback,
    client_id: site.client_id,
    client_secret: site.client_secret,
  };
  const all = Object.entries({ ...usual, ...form }).filter(([, value]) => value !== undefined);
  return emta.api().post('/service/v1/oauth/token').type('form').send(Object.fromEntries(all));
}

test.each<[title: string, params: Parameters, expected: Partial<Explanation>]>([
  [
    'a client that nobody registered',
    { client_id: 'nobody' },
    { kind: 'unknown_client', received: ['client_id=nobody'] },
  ],
  [
    'a redirect URI with a slash too many',
    { redirect_uri: `${callback}/` },
    { kind: 'redirect_uri_unregistered', expected: [callback], received: [`redirect_uri=${callback}/`] },
  ],
  ['a scope not registered', { scope: 'openid profile' }, { kind: 'unknown_scope', received: ['profile'] }],
  ['no state, nonce or PKCE', { state: undefined, nonce: undefined }, { kind: 'missing_binding' }],
  ['the implicit flow', { response_type: 'token' }, { kind: 'response_type', received: ['response_type=token'] }],
  [
    'plain PKCE',
    { code_challenge: verifier, code_challenge_method: 'plain' },
    { kind: 'pkce_method', received: ['code_challenge_method=plain'] },
  ],
  ['a short challenge', { code_challenge: 'short', code_challenge_method: 'S256' }, { kind: 'pkce_format' }],
  ['no response type', { response_type: undefined }, { kind: 'missing_parameter', expected: ['response_type'] }],
  ['prompt=none', { prompt: 'none' }, { kind: 'prompt_none' }],
])('explains %s in an authorization request', async (_title, params, expected) => {
  const emta = await freshEmta();
  await emta.browser().send(emta.authorizationUrl(params));
  expect(await explained(emta, 'authorize')).toMatchObject(expected);
});

test.each<[title: string, request: Parameters, form: Parameters, expected: Partial<Explanation>]>([
  ['a wrong secret', {}, { client_secret: 'wrong' }, { kind: 'wrong_secret', received: ['client_secret_post'] }],
  ['no secret', {}, { client_secret: undefined }, { kind: 'wrong_auth_method', received: ['none'] }],
  ['nobody', {}, { client_id: undefined, client_secret: undefined }, { kind: 'no_client_authentication' }],
  ['an unknown client', {}, { client_id: 'who' }, { kind: 'unknown_client', received: ['client_id=who'] }],
  [
    'another redirect URI',
    {},
    { redirect_uri: 'http://localhost:4300/other' },
    { kind: 'redirect_uri_mismatch', expected: [callback], received: ['redirect_uri=http://localhost:4300/other'] },
  ],
  ['another verifier', withPkce, { code_verifier: 'b'.repeat(43) }, { kind: 'pkce_mismatch' }],
  ['no verifier', withPkce, {}, { kind: 'pkce_verifier_missing' }],
  ['a verifier nobody announced', {}, { code_verifier: verifier }, { kind: 'pkce_not_started' }],
  ['a short verifier', withPkce, { code_verifier: 'short' }, { kind: 'pkce_format' }],
  ['another grant type', {}, { grant_type: 'password' }, { kind: 'grant_type' }],
  ['a made-up code', {}, { code: 'made-up' }, { kind: 'code_unknown', received: ['code=made-up'] }],
  ['no code', {}, { code: undefined }, { kind: 'missing_parameter', expected: ['code'] }],
])('explains %s at the token endpoint', async (_title, request, form, expected) => {
  const emta = await freshEmta();
  const code = await codeFor(emta, request);
  expect((await redeem(emta, { code, ...form })).status).toBeGreaterThanOrEqual(400);
  expect(await explained(emta, 'token')).toMatchObject(expected);
});

test('explains the other way to send a secret', async () => {
  const emta = await freshEmta();
  const code = await codeFor(emta);
  await emta
    .api()
    .post('/service/v1/oauth/token')
    .auth(site.client_id, site.client_secret)
    .type('form')
    .send({ grant_type: 'authorization_code', redirect_uri: callback, code })
    .expect(401);
  expect(await explained(emta, 'token')).toMatchObject({
    kind: 'wrong_auth_method',
    expected: ['client_secret_post'],
    received: ['client_secret_basic'],
  });
});

test('explains JSON where a form belongs', async () => {
  const emta = await freshEmta();
  await emta.api().post('/service/v1/oauth/token').send({ grant_type: 'authorization_code' }).expect(400);
  expect(await explained(emta, 'token')).toMatchObject({ kind: 'content_type', received: ['application/json'] });
});

test('tells a code that was used twice from one that came too late', async () => {
  const emta = await freshEmta();
  const used = await codeFor(emta);
  expect(await explained(emta, 'resume')).toBeUndefined();
  await redeem(emta, { code: used }).expect(200);
  expect(await explained(emta, 'token')).toBeUndefined();
  for (let time = 0; time < 2; time += 1) {
    await redeem(emta, { code: used }).expect(400);
    expect(await explained(emta, 'token')).toMatchObject({ kind: 'code_reused', received: [`code=${used}`] });
  }
  const late = await codeFor(emta);
  await emta.control('post', '/clock', { advance_seconds: 61 });
  await redeem(emta, { code: late }).expect(400);
  expect(await explained(emta, 'token')).toMatchObject({ kind: 'code_expired' });
});

test('explains what bearers do wrong', async () => {
  const emta = await freshEmta();
  const api = emta.api();
  const identity = '/service/v1/user/identity/general';
  await api.get(identity).expect(401);
  expect(await explained(emta, 'identity')).toMatchObject({ kind: 'token_missing', received: [] });
  await api.get(identity).auth('a', 'b').expect(401);
  expect(await explained(emta, 'identity')).toMatchObject({ received: ['Authorization: Basic …'] });
  await api.get(identity).auth('made-up', { type: 'bearer' }).expect(401);
  expect(await explained(emta, 'identity')).toMatchObject({ kind: 'token_invalid' });
  await api.get('/service/v1/oauth/userinfo').expect(401);
  expect(await explained(emta, 'userinfo')).toMatchObject({ kind: 'token_missing' });

  const code = await codeFor(emta, { scope: 'user:primaryMobileNumber', nonce: undefined });
  const { body } = await redeem(emta, { code }).expect(200);
  await api.get(identity).auth(body.access_token, { type: 'bearer' }).expect(403);
  expect(await explained(emta, 'identity')).toMatchObject({
    kind: 'insufficient_scope',
    expected: ['user:identity:general'],
    received: ['user:primaryMobileNumber'],
  });
  await api.get('/service/v1/oauth/userinfo').auth(body.access_token, { type: 'bearer' }).expect(403);
  expect(await explained(emta, 'userinfo')).toMatchObject({ kind: 'insufficient_scope', expected: ['openid'] });
});

test.each([
  ['127.0.0.1', true],
  ['[::1]', true],
  ['localhost', false],
  // a proxy, or a container that asks by the name of another
  ['emta', false],
])('an issuer that is asked for by the name %s is explained: %s', async (name, isExplained) => {
  const emta = await freshEmta();
  const { port } = new URL(emta.issuer);
  await emta.api().get('/.well-known/openid-configuration').set('Host', `${name}:${port}`).expect(200);
  const explanation = await explained(emta, 'discovery');
  expect(explanation).toEqual(
    isExplained
      ? {
          kind: 'issuer_by_other_name',
          rule: 'OpenID Connect Discovery 4.3',
          expected: [emta.issuer],
          received: [`http://${name}:${port}`],
        }
      : undefined,
  );
  const { text } = await emta.api().get('/_emta/?lang=en');
  expect(text.includes('The issuer goes by another name')).toBe(isExplained);
  // Emta answered it
  expect(text).not.toMatch(/>refused</i);
});

test('explains a logout to an address that is not registered', async () => {
  const emta = await freshEmta();
  const params = new URLSearchParams({ client_id: site.client_id, post_logout_redirect_uri: 'http://evil.example/' });
  await emta.browser().send(`/oauth/logout?${params}`);
  expect(await explained(emta, 'logout')).toMatchObject({
    kind: 'logout_redirect',
    expected: ['http://localhost:4300/'],
    received: ['post_logout_redirect_uri=http://evil.example/'],
  });
});

test('does not blame the relying party for an armed fault', async () => {
  const emta = await freshEmta();
  await emta.control('post', '/armed', { fault: 'token.server_error', mobile: '+989070000101' });
  const code = await codeFor(emta);
  await redeem(emta, { code }).expect(500);
  expect(await explained(emta, 'token')).toBeUndefined();
});
