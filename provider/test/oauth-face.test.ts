import { expect, test } from '@jest/globals';
import { callback, freshEmta, type Parameters, site } from './fresh-emta.ts';
import { returned, visitorOf } from './visitor.ts';
import { ask, basic, challenge, claimsOf, clientOf, codeFor, post, redeem, tokensFor, userinfo } from './wire.ts';

const resources = {
  identity: '/service/v1/user/identity/general',
  mobile: '/service/v1/user/primaryMobileNumber',
  email: '/service/v1/user/primaryEmail',
  status: '/service/v1/user/status',
} as const;

const plain = { scope: 'user:identity:general user:primaryMobileNumber', nonce: undefined };
const shop = clientOf('shop', {
  scope: 'openid offline_access user:identity:general user:primaryMobileNumber user:primaryEmail user:status',
});
const asShop = { client_id: 'shop', client_secret: 'made-up-secret-of-shop' };

test('speaks plain OAuth 2.0 as the real Emta: no openid, no PKCE, a secret in the body, and REST resources', async () => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta, plain);
  expect(Object.keys(body).toSorted()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
  const { body: identity, headers } = await ask(emta, resources.identity, body.access_token);
  expect(identity).toEqual({
    name: 'رضا',
    family: 'فرهمند',
    fatherName: 'منوچهر',
    birthDate: '1377/07/07',
    nationalCode: '9991001026',
    shenasnamehNumber: '9991001026',
    shenasnamehSerial: 'الف 22 310447',
    placeOfIssue: 'اصفهان',
    gender: 'male',
  });
  expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  const { body: mobile } = await ask(emta, resources.mobile, body.access_token);
  expect(mobile).toEqual({ primaryMobileNumber: { mobileNumber: '+989070000102' } });
});

test('gives the two other resources of the real Emta to who registered for them', async () => {
  const emta = await freshEmta({ clients: [shop] });
  const { body } = await tokensFor(
    emta,
    { ...plain, client_id: 'shop', scope: 'user:primaryEmail user:status' },
    asShop,
  );
  expect((await ask(emta, resources.email, body.access_token)).body).toEqual({
    primaryEmail: { email: 'plain-man@example.com' },
  });
  expect((await ask(emta, resources.status, body.access_token)).body).toEqual({ status: 'verified' });
});

test.each(Object.entries(resources))(
  'refuses the resource %s without, with an unknown and with too narrow a token',
  async (_name, path) => {
    const emta = await freshEmta({ clients: [shop] });
    const none = await emta.api().get(path);
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, `Bearer realm="${emta.issuer}"`]);
    const twice = await emta.api().get(path).set('Authorization', 'Bearer made-up-token and-more');
    expect([twice.status, twice.headers['www-authenticate']]).toEqual([
      400,
      `Bearer realm="${emta.issuer}", error="invalid_request"`,
    ]);
    const unknown = await ask(emta, path, 'made-up-token');
    expect([unknown.status, unknown.body.error, unknown.headers['www-authenticate']]).toEqual([
      401,
      'invalid_token',
      `Bearer realm="${emta.issuer}", error="invalid_token"`,
    ]);
    const scope = path === resources.status ? 'user:primaryEmail' : 'user:status';
    const { body } = await tokensFor(emta, { ...plain, client_id: 'shop', scope }, asShop);
    const narrow = await ask(emta, path, body.access_token);
    expect([narrow.status, narrow.body.error]).toEqual([403, 'insufficient_scope']);
    expect(narrow.headers['www-authenticate']).toMatch(
      /^Bearer realm="[^"]+", error="insufficient_scope", scope="user:\S+"$/,
    );
  },
);

test('takes a token in the header alone, and with GET alone', async () => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta, plain);
  expect((await emta.api().get(`${resources.mobile}?access_token=${body.access_token}`)).status).toBe(401);
  expect((await emta.api().post(resources.mobile).auth(body.access_token, { type: 'bearer' })).status).toBe(405);
});

test('lets an access token live for a quarter of an hour', async () => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta);
  emta.clock.advance(899_000);
  expect((await ask(emta, resources.identity, body.access_token)).status).toBe(200);
  emta.clock.advance(1000);
  for (const path of [resources.identity, userinfo]) {
    const late = await ask(emta, path, body.access_token);
    expect([late.status, late.body.error]).toEqual([401, 'invalid_token']);
    expect(late.headers['www-authenticate']).toContain('error="invalid_token"');
  }
});

test('refuses userinfo to a token without openid, and to no token', async () => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta, plain);
  const narrow = await ask(emta, userinfo, body.access_token);
  expect([narrow.status, narrow.body.error]).toEqual([403, 'insufficient_scope']);
  expect(narrow.headers['www-authenticate']).toContain('error="insufficient_scope"');
  const none = await emta.api().get(userinfo);
  expect([none.status, none.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Bearer realm=/)]);
});

test('takes back what a code gave when the code is used again', async () => {
  const emta = await freshEmta();
  const code = await codeFor(emta);
  const { body } = await redeem(emta, code);
  expect((await ask(emta, userinfo, body.access_token)).status).toBe(200);
  const again = await redeem(emta, code);
  expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
  for (const path of [userinfo, resources.identity])
    expect((await ask(emta, path, body.access_token)).status).toBe(401);
});

test('lets one of two token requests at the same moment have a code', async () => {
  const emta = await freshEmta();
  const code = await codeFor(emta);
  const answers = await Promise.all([redeem(emta, code), redeem(emta, code), redeem(emta, code)]);
  expect(answers.map(({ status }) => status).toSorted()).not.toEqual([200, 200, 200]);
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
});

test('lets a code live for a minute', async () => {
  const emta = await freshEmta();
  const code = await codeFor(emta);
  emta.clock.advance(60_000);
  const late = await redeem(emta, code);
  expect([late.status, late.body.error]).toEqual([400, 'invalid_grant']);
});

const refusedTokens: readonly (readonly [string, Parameters, number, string])[] = [
  ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
  ['no secret', { client_secret: undefined }, 401, 'invalid_client'],
  ['an unknown client', { client_id: 'nobody' }, 401, 'invalid_client'],
  ['another redirect URI', { redirect_uri: `${callback}/` }, 400, 'invalid_grant'],
  ['no redirect URI', { redirect_uri: undefined }, 400, 'invalid_grant'],
  ['an unknown code', { code: 'made-up-code' }, 400, 'invalid_grant'],
  ['no code', { code: undefined }, 400, 'invalid_request'],
  ['an unknown grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ['no grant type', { grant_type: undefined }, 400, 'invalid_request'],
  ['nothing that tells a client', { client_id: undefined, client_secret: undefined }, 401, 'invalid_client'],
  ['a grant that the client did not register', { grant_type: 'refresh_token' }, 400, 'unauthorized_client'],
];

test.each(refusedTokens)('refuses %s with the code of the standard', async (_what, other, status, error) => {
  const emta = await freshEmta();
  const answer = await redeem(emta, await codeFor(emta), other);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.body).not.toHaveProperty('access_token');
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('gives the code of one client to no other', async () => {
  const emta = await freshEmta({ clients: [site, shop] });
  const answer = await redeem(emta, await codeFor(emta), asShop);
  expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
});

test('takes a secret in the registered place alone, and gives nothing in the other', async () => {
  const inHeader = clientOf('header', { token_endpoint_auth_method: 'client_secret_basic' });
  const emta = await freshEmta({ clients: [site, inHeader] });
  const wrong = await redeem(
    emta,
    await codeFor(emta),
    { client_id: undefined, client_secret: undefined },
    basic(site.client_id, site.client_secret ?? ''),
  );
  expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client']);
  const right = await redeem(
    emta,
    await codeFor(emta, { client_id: 'header' }),
    { client_id: undefined, client_secret: undefined },
    basic('header', 'made-up-secret-of-header'),
  );
  expect(right.status).toBe(200);
  const wrongToo = await redeem(emta, await codeFor(emta, { client_id: 'header' }), {
    client_id: 'header',
    client_secret: 'made-up-secret-of-header',
  });
  expect([wrongToo.status, wrongToo.body.error]).toEqual([401, 'invalid_client']);
});

test('refuses the other place of a secret at every endpoint that clients authenticate at', async () => {
  const emta = await freshEmta();
  const header = basic(site.client_id, site.client_secret ?? '');
  const { body } = await tokensFor(emta);
  for (const [path, form] of [
    [
      '/oauth/par',
      { client_id: site.client_id, response_type: 'code', redirect_uri: callback, scope: 'openid', state: 's' },
    ],
    ['/service/v1/oauth/introspect', { token: body.access_token }],
    ['/service/v1/oauth/revoke', { token: body.access_token }],
  ] as const) {
    const answer = await post(emta, path, form, header);
    expect([path, answer.status, answer.body.error]).toEqual([path, 401, 'invalid_client']);
  }
});

test('keeps a secret with signs in it whole, in the header and in the body', async () => {
  const client_secret = 'made-up: +/=&?%2B"\\~';
  const emta = await freshEmta({
    clients: [
      clientOf('post', { client_secret }),
      clientOf('basic', { client_secret, token_endpoint_auth_method: 'client_secret_basic' }),
    ],
  });
  expect(
    (await redeem(emta, await codeFor(emta, { client_id: 'post' }), { client_id: 'post', client_secret })).status,
  ).toBe(200);
  const inHeader = await redeem(
    emta,
    await codeFor(emta, { client_id: 'basic' }),
    { client_id: undefined, client_secret: undefined },
    basic('basic', client_secret),
  );
  expect(inHeader.status).toBe(200);
});

test('renews tokens for who asked to be let in while the citizen is away, each refresh token once', async () => {
  const emta = await freshEmta({ clients: [shop] });
  const params = { client_id: 'shop', scope: 'openid offline_access user:identity:general', prompt: 'consent' };
  const { body: first } = await tokensFor(emta, params, asShop);
  expect(first.refresh_token).toMatch(/\S{20,}/);
  const renew = (refresh_token: string) =>
    post(emta, '/service/v1/oauth/token', { grant_type: 'refresh_token', refresh_token, ...asShop });
  emta.clock.advance(900_000);
  const { body: second, status } = await renew(first.refresh_token);
  expect(status).toBe(200);
  expect((await ask(emta, userinfo, second.access_token)).body.family_name).toBe('فرهمند');
  expect((await ask(emta, resources.identity, second.access_token)).body.family).toBe('فرهمند');
  expect(claimsOf(second.id_token).sub).toBe(claimsOf(first.id_token).sub);
  expect(second.refresh_token).not.toBe(first.refresh_token);

  const stolen = await renew(first.refresh_token);
  expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
  const afterwards = await renew(second.refresh_token);
  expect([afterwards.status, afterwards.body.error]).toEqual([400, 'invalid_grant']);
  expect((await ask(emta, userinfo, second.access_token)).status).toBe(401);
});

test('gives no refresh token where consent was not asked for by name, or the client is not registered for it', async () => {
  const emta = await freshEmta({ clients: [shop, site] });
  const { body } = await tokensFor(emta, { client_id: 'shop', scope: 'openid offline_access' }, asShop);
  expect(body).not.toHaveProperty('refresh_token');
  const other = await emta.browser().open(emta.authorizationUrl({ scope: 'openid offline_access', prompt: 'consent' }));
  expect(other.page === 'mobile' ? 'mobile' : returned(other).error).toBe('mobile');
});

test('tells a client of its own tokens, and nobody of the tokens of others', async () => {
  const emta = await freshEmta({ clients: [site, shop] });
  const { body } = await tokensFor(emta);
  const introspect = (client: Parameters, token = body.access_token) =>
    post(emta, '/service/v1/oauth/introspect', { token, ...client });
  const own = await introspect({ client_id: site.client_id, client_secret: site.client_secret });
  expect(own.body).toMatchObject({ active: true, client_id: site.client_id, token_type: 'Bearer', iss: emta.issuer });
  expect((await introspect(asShop)).body).toEqual({ active: false });
  expect((await introspect(asShop, 'made-up')).body).toEqual({ active: false });
  expect((await introspect({ client_id: 'shop', client_secret: 'wrong' })).status).toBe(401);
});

test('takes a token back at the request of its client alone', async () => {
  const emta = await freshEmta({ clients: [site, shop] });
  const { body } = await tokensFor(emta);
  const revoke = (client: Parameters) =>
    post(emta, '/service/v1/oauth/revoke', { token: body.access_token, ...client });
  await revoke(asShop);
  expect((await ask(emta, userinfo, body.access_token)).status).toBe(200);
  expect((await revoke({ client_id: site.client_id, client_secret: site.client_secret })).status).toBe(200);
  for (const path of [userinfo, resources.identity])
    expect((await ask(emta, path, body.access_token)).status).toBe(401);
});

test('needs no state where PKCE binds the answer', async () => {
  const emta = await freshEmta();
  const pkce = { ...plain, state: undefined, code_challenge: challenge, code_challenge_method: 'S256' };
  const back = returned(await visitorOf(emta, 'plain-man').walk('end', pkce));
  expect(back).not.toHaveProperty('state');
});

test('answers a browser application of another origin, whose fetch sends a preflight', async () => {
  const emta = await freshEmta();
  const preflight = await emta
    .api()
    .options('/service/v1/oauth/token')
    .set({ Origin: 'http://localhost:4300', 'Access-Control-Request-Method': 'POST' });
  expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, 'http://localhost:4300']);
});

test('says which methods an address takes, and knows no other address', async () => {
  const emta = await freshEmta();
  for (const [method, path, allowed] of [
    ['get', '/service/v1/oauth/token', 'POST'],
    ['get', '/oauth/par', 'POST'],
    ['put', '/oauth/authorize', 'GET, HEAD, POST'],
    ['delete', userinfo, 'GET, HEAD, POST'],
    ['post', resources.mobile, 'GET, HEAD'],
    ['post', '/oauth/jwks', 'GET, HEAD'],
  ] as const) {
    const answer = await emta.api()[method](path);
    expect([path, answer.status, answer.headers.allow]).toEqual([path, 405, allowed]);
    expect(answer.body.error).toBe('invalid_request');
  }
  for (const path of ['/service/v1/oauth/nothing', '/oauth/register', '/nothing']) {
    expect((await emta.api().get(path)).status).toBe(404);
  }
});
