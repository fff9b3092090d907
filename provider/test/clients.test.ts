import { expect, test } from '@jest/globals';
import { parseClient } from '../oidc/clients.ts';
import { callback, freshEmta, site } from './fresh-emta.ts';
import { returned, visitorOf } from './visitor.ts';
import { clientOf, codeFor, redeem } from './wire.ts';

const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['a misspelt member', { redirect_uri: callback }, 'unknown member "redirect_uri", did you mean "redirect_uris"?'],
  ['a member nobody knows', { favourite_colour: 'green' }, 'unknown member "favourite_colour"'],
  ['no redirect URI', { redirect_uris: undefined }, 'expected a member "redirect_uris", got none'],
  ['an empty list', { redirect_uris: [] }, 'expected "redirect_uris" to be a list of one or more absolute URLs'],
  ['a redirect URI with a fragment', { redirect_uris: [`${callback}#x`] }, 'expected "redirect_uris" to be a list of'],
  ['a redirect URI with a wildcard', { redirect_uris: ['http://localhost:4300/*'] }, 'without fragments and wildcards'],
  ['a relative redirect URI', { redirect_uris: ['/cb'] }, 'expected "redirect_uris" to be a list of'],
  ['an unknown scope', { scope: 'openid everything' }, 'expected "scope" to be scopes out of openid offline_access'],
  ['an unknown method', { token_endpoint_auth_method: 'tls' }, 'to be one of client_secret_post, client_secret_basic'],
  [
    'a method without its secret',
    { client_secret: undefined, token_endpoint_auth_method: 'client_secret_post' },
    'expected a member "client_secret" for the method client_secret_post, got none',
  ],
  [
    'a method without its keys',
    { client_secret: undefined, token_endpoint_auth_method: 'private_key_jwt' },
    'expected a member "jwks" or "jwks_uri" for the method private_key_jwt, got neither',
  ],
  [
    'a secret that would never be asked for',
    { token_endpoint_auth_method: 'none' },
    'expected no member "client_secret" for the method none, which does not use it',
  ],
  ['signatures that Emta does not make', { id_token_signed_response_alg: 'ES256' }, 'to be one of RS256, got "ES256"'],
  ['no way to begin', { grant_types: ['refresh_token'] }, 'expected "grant_types" to include authorization_code'],
  ['a secret that no form can carry', { client_secret: 'راز' }, 'expected "client_secret" to be ASCII characters'],
  ['another response type', { response_types: ['token'] }, 'expected "response_types" to be a list of code'],
  ['an unknown relaxation', { emta_relax: ['everything'] }, 'expected "emta_relax" to be a list of request-binding'],
  ['a text for a switch', { emta_iss_parameter: 'no' }, 'expected "emta_iss_parameter" to be true or false'],
];

test.each(refused)('refuses %s by name, over the control interface too', async (_what, members, message) => {
  const { client_id, ...client } = clientOf('shop', members);
  expect(() => parseClient({ client_id, ...client })).toThrow(message);
  const emta = await freshEmta();
  const answer = await emta.api().put('/_emta/v1/clients/shop').send(client);
  expect([answer.status, answer.body.error]).toEqual([400, 'bad_client']);
  expect(answer.body.message).toContain(message);
  expect((await emta.api().get('/_emta/v1/clients/shop')).status).toBe(404);
});

test('tells of every problem at once', () => {
  expect(() => parseClient({ redirect_uris: 7, colour: 'green' }, 'clients[0]')).toThrow(
    'clients[0]: expected "redirect_uris" to be a list of one or more absolute URLs without fragments and wildcards, got 7; ' +
      'unknown member "colour"; expected a member "client_id", got none',
  );
  for (const nothing of [null, 'shop', ['shop']]) expect(() => parseClient(nothing)).toThrow('to be an object');
});

test('refuses what each member allows and all together do not, and leaves the registration of before', async () => {
  const emta = await freshEmta({ clients: [site, clientOf('shop')] });
  const hosts = ['https://one.example/cb', 'https://two.example/cb'];
  const answer = await emta
    .api()
    .put('/_emta/v1/clients/shop')
    .send({ client_secret: 'made-up', redirect_uris: hosts, subject_type: 'pairwise' });
  expect([answer.status, answer.body.error]).toEqual([400, 'bad_client']);
  expect(answer.body.message).toMatch(/^shop: .*sector_identifier_uri/);
  expect((await emta.control('get', '/clients/shop')).redirect_uris).toEqual([callback]);
  const fresh = { client_id: 'pair', client_secret: 'made-up', redirect_uris: hosts, subject_type: 'pairwise' };
  await expect(freshEmta({ clients: [fresh] })).rejects.toMatchObject({ code: 'bad_client' });
});

test('serves a client from the moment it is registered until it is forgotten', async () => {
  const emta = await freshEmta({ clients: [] });
  const members = { client_secret: 'made-up', redirect_uris: [callback], client_name: 'کارفرما' };
  expect((await emta.browser().open(emta.authorizationUrl({ client_id: 'late' }))).status).toBe(400);
  await emta.control('put', '/clients/late', members);
  const late = { client_id: 'late', client_secret: 'made-up' };
  expect((await redeem(emta, await codeFor(emta, { client_id: 'late' }), late)).status).toBe(200);

  await emta.control('put', '/clients/late', { ...members, redirect_uris: ['http://localhost:4300/moved'] });
  expect((await emta.browser().open(emta.authorizationUrl({ client_id: 'late' }))).status).toBe(400);
  const moved = await visitorOf(emta, 'plain-man').walk('end', {
    client_id: 'late',
    redirect_uri: 'http://localhost:4300/moved',
  });
  expect(returned(moved).to).toBe('http://localhost:4300/moved');

  await emta.control('delete', '/clients/late');
  expect((await emta.browser().open(emta.authorizationUrl({ client_id: 'late' }))).status).toBe(400);
  const answer = await emta
    .api()
    .put('/_emta/v1/clients/other')
    .send({ client_id: 'late', ...members });
  expect(answer.body.message).toBe('expected "client_id" to be "other", got "late"');
});

test('takes a native application on any port of loopback, and on no other path', async () => {
  const native = clientOf('native', {
    application_type: 'native',
    client_secret: undefined,
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/cb'],
  });
  const emta = await freshEmta({ clients: [native] });
  const pkce = { client_id: 'native', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
  const begin = (redirect_uri: string) => visitorOf(emta, 'plain-man').begin({ ...pkce, redirect_uri });
  expect((await begin('http://127.0.0.1:51004/cb')).page).toBe('mobile');
  expect((await begin('http://127.0.0.1:51004/other')).status).toBe(400);
});

test('lets anybody register by an option, and nobody without it', async () => {
  const metadata = {
    redirect_uris: [callback],
    client_name: 'تازه',
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'openid user:identity:general',
  };
  const closed = await freshEmta();
  expect((await closed.api().post('/oauth/register').send(metadata)).status).toBe(404);

  const open = await freshEmta({ dynamicRegistration: true });
  const { body: discovery } = await open.api().get('/.well-known/openid-configuration');
  expect(discovery.registration_endpoint).toBe(`${open.issuer}/oauth/register`);
  const registered = await open.api().post('/oauth/register').send(metadata);
  expect([registered.status, registered.body]).toMatchObject([
    201,
    { client_id: expect.any(String), client_secret: expect.any(String) },
  ]);
  const { client_id, client_secret } = registered.body;
  const code = await codeFor(open, { client_id, scope: 'openid user:identity:general' });
  expect((await redeem(open, code, { client_id, client_secret })).status).toBe(200);
  const { clients } = await open.control('get', '/clients');
  expect(clients.map((client: { client_id: string }) => client.client_id)).toContain(client_id);
  const wrong = await open
    .api()
    .post('/oauth/register')
    .send({ ...metadata, redirect_uris: ['not a url'] });
  expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid_redirect_uri']);
});

test('takes any client with any redirect URI and secret by an option, and holds the registered ones to theirs', async () => {
  const emta = await freshEmta({ anyClient: true });
  const redirect_uri = 'https://somewhere.example/cb';
  const any = { client_id: 'whoever', redirect_uri };
  const code = returned(await visitorOf(emta, 'plain-man').walk('end', any)).code ?? '';
  expect((await redeem(emta, code, { ...any, client_secret: 'whatever' })).status).toBe(200);
  expect((await emta.browser().open(emta.authorizationUrl({ redirect_uri }))).status).toBe(400);
});
