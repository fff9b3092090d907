import { expect, test } from '@jest/globals';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { type Answered, callback, freshEmta, type Parameters, site } from './fresh-emta.ts';
import { returned, visitorOf } from './visitor.ts';
import { ask, challenge, claimsOf, clientOf, codeFor, post, redeem, tokensFor, userinfo, verifier } from './wire.ts';

test('publishes what it can do, every address under the issuer', async () => {
  const emta = await freshEmta();
  const { body, status, headers } = await emta.api().get('/.well-known/openid-configuration');
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(body).toMatchObject({
    issuer: emta.issuer,
    authorization_endpoint: `${emta.issuer}/oauth/authorize`,
    token_endpoint: `${emta.issuer}/service/v1/oauth/token`,
    userinfo_endpoint: `${emta.issuer}/service/v1/oauth/userinfo`,
    jwks_uri: `${emta.issuer}/oauth/jwks`,
    pushed_authorization_request_endpoint: `${emta.issuer}/oauth/par`,
    end_session_endpoint: `${emta.issuer}/oauth/logout`,
    introspection_endpoint: `${emta.issuer}/service/v1/oauth/introspect`,
    revocation_endpoint: `${emta.issuer}/service/v1/oauth/revoke`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    acr_values_supported: ['urn:emta:loa:mobile', 'urn:emta:loa:identity'],
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: true,
    ui_locales_supported: ['fa', 'en'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
  });
  expect(body.scopes_supported.toSorted()).toEqual([
    'offline_access',
    'openid',
    'user:identity:general',
    'user:primaryEmail',
    'user:primaryMobileNumber',
    'user:status',
  ]);
  expect(body.claims_supported).toEqual(
    expect.arrayContaining([
      'sub',
      'national_code',
      'birthdate',
      'phone_number',
      'phone_number_verified',
      'father_name',
    ]),
  );
  // Nothing is promised that is not served.
  for (const name of ['registration_endpoint', 'dpop_signing_alg_values_supported'])
    expect(body).not.toHaveProperty(name);
  const { body: keys } = await emta.api().get('/oauth/jwks');
  expect(keys.keys).toMatchObject([
    { kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.stringMatching(/^emta-active-/) },
  ]);
  expect(keys.keys[0]).not.toHaveProperty('d');
});

test('leads from the authorization request to the first page at once, and the journal says so', async () => {
  const emta = await freshEmta();
  const answer = await fetch(emta.authorizationUrl(), { redirect: 'manual' });
  const location = String(answer.headers.get('location'));
  expect([answer.status, location]).toEqual([303, expect.stringMatching(/\/journey\/[\w-]+\/mobile$/)]);
  const cookies = answer.headers.getSetCookie().filter((cookie) => cookie.includes('path=/journey/'));
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) expect(cookie).toMatch(/path=\/journey\/[\w-]+;/);
  const { exchanges } = await emta.control('get', `/exchanges?client_id=${site.client_id}`);
  expect(exchanges.map(({ response }: Answered) => response.headers.location)).toEqual([location]);
});

test('signs an ID token that says who asked, for whom, and with which nonce, and never the national code', async () => {
  const emta = await freshEmta();
  const { body, headers } = await tokensFor(emta);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    expires_in: 900,
    scope: 'openid user:identity:general user:primaryMobileNumber',
  });
  expect(body).not.toHaveProperty('refresh_token');
  expect(headers['cache-control']).toBe('no-store');
  const keys = createLocalJWKSet((await emta.api().get('/oauth/jwks')).body);
  const { payload, protectedHeader } = await jwtVerify(body.id_token, keys, {
    issuer: emta.issuer,
    audience: site.client_id,
  });
  expect(protectedHeader.alg).toBe('RS256');
  expect(payload).toMatchObject({ nonce: 'the-nonce' });
  expect(payload.sub).toMatch(/^[\w-]{22}$/);
  expect(JSON.stringify(payload)).not.toContain('9991001026');
  expect(payload).not.toHaveProperty('given_name');
});

test('gives the claims of the granted scopes at userinfo, and nothing extra', async () => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta);
  const { body: claims } = await ask(emta, userinfo, body.access_token);
  expect(claims).toEqual({
    sub: claimsOf(body.id_token).sub,
    given_name: 'رضا',
    family_name: 'فرهمند',
    name: 'رضا فرهمند',
    father_name: 'منوچهر',
    birthdate: '1998-09-29',
    birthdate_jalali: '1377/07/07',
    national_code: '9991001026',
    shenasnameh_number: '9991001026',
    shenasnameh_serial: 'الف 22 310447',
    place_of_issue: 'اصفهان',
    gender: 'male',
    phone_number: '+989070000102',
    phone_number_verified: true,
  });
  const mobileAlone = await tokensFor(emta, { scope: 'openid user:primaryMobileNumber' });
  const { body: fewer } = await ask(emta, userinfo, mobileAlone.body.access_token);
  expect(Object.keys(fewer).toSorted()).toEqual(['phone_number', 'phone_number_verified', 'sub']);
});

test('gives single claims that the parameter claims asks for', async () => {
  const emta = await freshEmta();
  const claims = JSON.stringify({
    userinfo: { national_code: { essential: true } },
    id_token: { birthdate: null, auth_time: { essential: true } },
  });
  const { body } = await tokensFor(emta, { scope: 'openid', claims });
  const { body: told } = await ask(emta, userinfo, body.access_token);
  expect(told).toEqual({ sub: expect.any(String), national_code: '9991001026' });
  expect(claimsOf(body.id_token)).toMatchObject({ birthdate: '1998-09-29', auth_time: expect.any(Number) });
  expect(claimsOf(body.id_token)).not.toHaveProperty('national_code');
});

test('shows on the consent page what single claims amount to', async () => {
  const emta = await freshEmta();
  const claims = JSON.stringify({ userinfo: { phone_number: null } });
  const consent = await visitorOf(emta, 'plain-man').walk('consent', { scope: 'openid', claims });
  expect(consent.$('.scopes li').length).toBe(1);
});

test('puts the claims into the ID token by an option', async () => {
  const emta = await freshEmta({ claimsInIdToken: true });
  const { body } = await tokensFor(emta);
  expect(claimsOf(body.id_token)).toMatchObject({ national_code: '9991001026', phone_number_verified: true });
});

test('keeps the subject of a person over logins, and from telling clients with other sectors apart by it', async () => {
  const pairwise = (id: string, host: string) =>
    clientOf(id, { subject_type: 'pairwise', redirect_uris: [`https://${host}/cb`] });
  const emta = await freshEmta({ clients: [site, pairwise('one', 'one.example'), pairwise('two', 'two.example')] });
  const subOf = async (client: string, redirect_uri: string) => {
    const params = { client_id: client, redirect_uri };
    const client_secret = client === site.client_id ? site.client_secret : `made-up-secret-of-${client}`;
    const { body } = await tokensFor(emta, params, { ...params, client_secret });
    const { body: told } = await ask(emta, userinfo, body.access_token);
    expect(told.sub).toBe(claimsOf(body.id_token).sub);
    return told.sub;
  };
  const subs = [
    await subOf(site.client_id, callback),
    await subOf(site.client_id, callback),
    await subOf('one', 'https://one.example/cb'),
    await subOf('one', 'https://one.example/cb'),
    await subOf('two', 'https://two.example/cb'),
  ];
  expect(subs[0]).toBe(subs[1]);
  expect(subs[2]).toBe(subs[3]);
  expect(new Set(subs).size).toBe(3);
});

test('checks PKCE when it is sent, for every way of authenticating', async () => {
  const emta = await freshEmta({
    clients: [site, clientOf('app', { client_secret: undefined, token_endpoint_auth_method: 'none' })],
  });
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
  const forApp = { client_id: 'app' };
  expect((await redeem(emta, await codeFor(emta, pkce), { code_verifier: verifier })).status).toBe(200);
  for (const code_verifier of [undefined, `${verifier}x`]) {
    const refused = await redeem(emta, await codeFor(emta, pkce), { code_verifier });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
  }
  const publicOne = await redeem(emta, await codeFor(emta, { ...pkce, ...forApp }), {
    ...forApp,
    client_secret: undefined,
    code_verifier: verifier,
  });
  expect([publicOne.status, publicOne.body.token_type]).toEqual([200, 'Bearer']);
  const surplus = await redeem(emta, await codeFor(emta), { code_verifier: verifier });
  expect([surplus.status, surplus.body.error]).toEqual([400, 'invalid_grant']);
});

test('refuses a client without a secret that brings no PKCE', async () => {
  const emta = await freshEmta({
    clients: [clientOf('app', { client_secret: undefined, token_endpoint_auth_method: 'none' })],
  });
  const screen = await emta.browser().open(emta.authorizationUrl({ client_id: 'app' }));
  expect(returned(screen)).toMatchObject({ error: 'invalid_request', state: 'the-state' });
});

test('takes a client that signs its own assertion, and no other signature', async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const foreign = await generateKeyPair('ES256');
  const emta = await freshEmta({
    clients: [
      clientOf('signer', {
        client_secret: undefined,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', use: 'sig', kid: 'made-up' }] },
      }),
    ],
  });
  const tokenEndpoint = `${emta.issuer}/service/v1/oauth/token`;
  const assertion = (
    key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'],
    jti: string,
    audience = emta.issuer,
  ) =>
    new SignJWT({ jti })
      .setProtectedHeader({ alg: 'ES256', kid: 'made-up' })
      .setIssuer('signer')
      .setSubject('signer')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(key);
  const redeemWith = async (client_assertion: string) =>
    redeem(emta, await codeFor(emta, { client_id: 'signer' }), {
      client_id: 'signer',
      client_secret: undefined,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
    });
  const first = await assertion(pair.privateKey, 'one');
  expect((await redeemWith(first)).status).toBe(200);
  expect((await redeemWith(await assertion(pair.privateKey, 'two', tokenEndpoint))).status).toBe(200);
  for (const wrong of [
    first,
    await assertion(foreign.privateKey, 'three'),
    await assertion(pair.privateKey, 'four', 'https://elsewhere.example'),
  ]) {
    const refused = await redeemWith(wrong);
    expect([refused.status, refused.body.error]).toEqual([401, 'invalid_client']);
  }
});

test('takes a pushed request once, and only by its client', async () => {
  const emta = await freshEmta();
  const pushed = await post(emta, '/oauth/par', {
    client_id: site.client_id,
    client_secret: site.client_secret,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid user:identity:general',
    state: 'pushed-state',
    nonce: 'n',
  });
  expect([pushed.status, pushed.body]).toMatchObject([
    201,
    { request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:/), expires_in: expect.any(Number) },
  ]);
  const url = `/oauth/authorize?${new URLSearchParams({ client_id: site.client_id, request_uri: pushed.body.request_uri })}`;
  const visitor = visitorOf(emta, 'plain-man');
  const mobile = await visitor.browser.open(url);
  const verification = await visitor.solve(await visitor.giveMobile(mobile));
  const back = await visitor.decide(await visitor.verify(verification));
  expect(returned(back)).toMatchObject({ to: callback, state: 'pushed-state', code: expect.any(String) });
  const again = await emta.browser().open(url);
  expect([again.page, again.left === undefined ? undefined : returned(again).error]).not.toContain('mobile');
});

test.each([
  ['a wrong redirect URI', { redirect_uri: 'http://localhost:4300/other' }, 'invalid_request', 400],
  ['an unknown scope', { scope: 'openid user:everything' }, 'invalid_scope', 400],
  ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client', 401],
] as const)('refuses to have %s pushed', async (_what, other, error, status) => {
  const emta = await freshEmta();
  const refused = await post(emta, '/oauth/par', {
    client_id: site.client_id,
    client_secret: site.client_secret,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid',
    state: 's',
    ...other,
  });
  expect([refused.status, refused.body.error]).toEqual([status, error]);
});

test('takes a request that was not pushed from nobody who promised to push', async () => {
  const emta = await freshEmta({ clients: [clientOf('pusher', { require_pushed_authorization_requests: true })] });
  const screen = await emta.browser().open(emta.authorizationUrl({ client_id: 'pusher' }));
  expect(returned(screen)).toMatchObject({ error: 'invalid_request', state: 'the-state' });
});

test('posts the answer to the site where it asks for form_post, and says on the page where it goes', async () => {
  const emta = await freshEmta();
  const fieldsOf = (screen: Awaited<ReturnType<ReturnType<typeof visitorOf>['walk']>>) =>
    Object.fromEntries(
      screen
        .$('form input[type=hidden]')
        .toArray()
        .map((input) => [screen.$(input).attr('name') ?? '', screen.$(input).attr('value') ?? '']),
    );
  const visitor = visitorOf(emta, 'plain-man');
  const granted = await visitor.walk('end', { response_mode: 'form_post' });
  expect([granted.page, granted.status, granted.$('form').attr('action')]).toEqual(['return', 200, callback]);
  expect(fieldsOf(granted)).toEqual({ code: expect.any(String), state: 'the-state', iss: emta.issuer });
  expect(granted.headers['content-security-policy']).not.toContain('form-action');
  expect((await redeem(emta, fieldsOf(granted).code ?? '')).status).toBe(200);

  const consent = await visitor.walk('consent', { response_mode: 'form_post' });
  const refused = await visitor.decide(consent, 'refuse');
  expect([refused.page, refused.$('form').attr('action')]).toEqual(['return', callback]);
  expect(fieldsOf(refused)).toMatchObject({ error: 'access_denied', state: 'the-state', iss: emta.issuer });
  expect(fieldsOf(await visitor.browser.open(consent.url))).toEqual(fieldsOf(refused));
});

test('leaves iss out of the answers to a client that asked for it so', async () => {
  const emta = await freshEmta({ clients: [{ ...site, emta_iss_parameter: false }] });
  const visitor = visitorOf(emta, 'plain-man');
  const granted = returned(await visitor.walk('end'));
  expect([Object.keys(granted).toSorted(), granted.state]).toEqual([['code', 'state', 'to'], 'the-state']);
  const refused = returned(await visitor.decide(await visitor.walk('consent'), 'refuse'));
  expect(Object.keys(refused).toSorted()).toEqual(['error', 'error_description', 'state', 'to']);
});

test('returns an awkward state as it came', async () => {
  const emta = await freshEmta();
  const state = 'a b&c=d%2B+«ی»?#/\\"\u200c';
  expect(returned(await visitorOf(emta, 'plain-man').walk('end', { state }))).toMatchObject({ state });
});

const refusedRequests: readonly (readonly [string, Parameters, string])[] = [
  ['an unknown scope', { scope: 'openid user:everything' }, 'invalid_scope'],
  ['a scope that the client did not register', { scope: 'openid user:primaryEmail' }, 'invalid_scope'],
  ['neither state nor nonce nor PKCE', { state: undefined, nonce: undefined }, 'invalid_request'],
  ['an unknown response type', { response_type: 'cod' }, 'unsupported_response_type'],
  ['no response type', { response_type: undefined }, 'invalid_request'],
  ['an unknown response mode', { response_mode: 'carrier_pigeon' }, 'unsupported_response_mode'],
  ['an unknown prompt', { prompt: 'jump' }, 'invalid_request'],
  ['prompt=none beside another', { prompt: 'none login' }, 'invalid_request'],
  ['PKCE of the kind plain', { code_challenge: verifier, code_challenge_method: 'plain' }, 'invalid_request'],
  ['a max_age below zero', { max_age: '-1' }, 'invalid_request'],
  ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
  ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
];

test.each(refusedRequests)('tells the site of %s', async (_what, params, error) => {
  const emta = await freshEmta();
  const screen = await emta.browser().open(emta.authorizationUrl(params));
  const back = returned(screen);
  expect(back).toMatchObject({ to: callback, error, iss: emta.issuer });
  expect(back.state).toBe('state' in params ? undefined : 'the-state');
});

test('tells the site in the fragment that it gives no answers there', async () => {
  const emta = await freshEmta();
  const screen = await emta.browser().open(emta.authorizationUrl({ response_mode: 'fragment' }));
  expect(Object.fromEntries(new URLSearchParams(screen.left?.hash.slice(1)))).toMatchObject({
    error: 'unsupported_response_mode',
    state: 'the-state',
    iss: emta.issuer,
  });
});

test.each([
  ['state', { nonce: undefined }],
  ['nonce', { state: undefined }],
  ['PKCE', { state: undefined, nonce: undefined, code_challenge: challenge, code_challenge_method: 'S256' }],
])('is content with %s alone', async (_what, params) => {
  const emta = await freshEmta();
  expect((await visitorOf(emta, 'plain-man').begin(params)).page).toBe('mobile');
});
