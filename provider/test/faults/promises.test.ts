import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compactVerify, exportJWK, generateKeyPair, importJWK, importX509, SignJWT } from 'jose';
import { movedTokenPath } from '../../faults/metadata.ts';
import { type Lab, openLab, redirectUri, secret } from './lab.ts';
import { call } from './machine-call.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const verifier = 'a-verifier-that-is-long-enough-for-rfc-7636-4-1';
const her = () => ({ mobile: lab.persona('married-woman').typed.mobile });

function headerOf(token: string | undefined): { readonly kid?: string } {
  return JSON.parse(Buffer.from((token ?? '').split('.')[0] ?? '', 'base64url').toString());
}

async function publishedKids(): Promise<readonly string[]> {
  const got = await call(`${lab.issuer}/oauth/jwks`);
  return JSON.parse(got.kind === 'answered' ? got.body : '').keys.map(({ kid }: { kid: string }) => kid);
}

test('refuses PKCE by plain as long as the metadata do not offer it', async () => {
  const { seen } = await lab.login({ params: { code_challenge: verifier, code_challenge_method: 'plain' }, verifier });
  expect([seen.get('callback error'), seen.get('token status')]).toEqual(['invalid_request', undefined]);
});

test.each(['discovery.plain_only', 'discovery.s256_and_plain'])(
  '%s: PKCE by plain works and is checked',
  async (fault) => {
    const armed = await lab.arm(fault, { issuer: true });
    const params = { code_challenge: verifier, code_challenge_method: 'plain' };
    expect((await lab.login({ params, verifier })).seen.get('token status')).toBe('200');
    // RFC 7636 4.3: plain is the default.
    expect((await lab.login({ params: { code_challenge: verifier }, verifier })).seen.get('token status')).toBe('200');
    const wrong = await lab.login({ params, verifier: verifier.toUpperCase() });
    expect([wrong.seen.get('token status'), wrong.seen.get('token error')]).toEqual(['400', '"invalid_grant"']);
    const { exchanges } = await lab.control('GET', `/exchanges?journey=${wrong.journey}`);
    expect(exchanges[0].request.query).toMatchObject(params);
    await armed.disarm();
  },
);

test('PKCE by plain works in a pushed request', async () => {
  const armed = await lab.arm('discovery.plain_only', { issuer: true });
  const request = {
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: redirectUri,
    scope: 'openid',
    state: 'posted',
    code_challenge: verifier,
    code_challenge_method: 'plain',
  };
  const pushed = await call(`${lab.issuer}/oauth/par`, { form: { ...request, client_secret: secret } });
  expect(pushed).toMatchObject({ kind: 'answered', status: 201 });
  const { request_uri } = JSON.parse(pushed.kind === 'answered' ? pushed.body : '');
  const { seen } = await lab.login({ params: { request_uri }, verifier });
  expect(seen.get('token status')).toBe('200');
  await armed.disarm();
});

test('the moved token endpoint answers while it is named, and only then', async () => {
  const post = () => call(`${lab.issuer}${movedTokenPath}`, { form: { grant_type: 'authorization_code' } });
  expect(await post()).toMatchObject({ status: 404 });
  const armed = await lab.arm('discovery.token_endpoint_moved', { issuer: true });
  expect(await post()).toMatchObject({ status: 401 });
  const { seen, journey } = await lab.login();
  expect(seen.get('token status')).toBe('200');
  const { exchanges } = await lab.control('GET', `/exchanges?journey=${journey}`);
  const [asked] = exchanges.filter(({ endpoint }: { endpoint: string }) => endpoint === 'token');
  expect(asked.request.url).toBe(movedTokenPath);
  await armed.disarm();
  expect(await post()).toMatchObject({ status: 404 });
});

test('a client assertion may name the moved token endpoint as its audience', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'own', alg: 'RS256', use: 'sig' }];
  await lab.control('PUT', '/clients/key-shop', {
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys },
  });
  const assertion = await new SignJWT({ jti: 'once' })
    .setProtectedHeader({ alg: 'RS256', kid: 'own' })
    .setIssuer('key-shop')
    .setSubject('key-shop')
    .setAudience(`${lab.issuer}${movedTokenPath}`)
    .setExpirationTime('1m')
    .sign(privateKey);
  const armed = await lab.arm('discovery.token_endpoint_moved', { issuer: true });
  const got = await call(`${lab.issuer}${movedTokenPath}`, {
    form: {
      grant_type: 'authorization_code',
      code: 'never-issued',
      redirect_uri: redirectUri,
      client_id: 'key-shop',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  });
  expect(got.kind === 'answered' && JSON.parse(got.body).error).toBe('invalid_grant');
  await armed.disarm();
});

test('a key is published, then used, then withdrawn', async () => {
  const [active] = await publishedKids();
  const announced = await lab.arm('keys.announced', { issuer: true });
  const both = await publishedKids();
  expect(both).toEqual([active, expect.stringMatching(/^emta-next-/)]);
  const first = await lab.login();
  expect([headerOf(first.tokens?.id).kid, first.seen.get('id_token signature')]).toEqual([active, 'sound']);

  const used = await lab.arm('keys.used', { issuer: true });
  expect(await publishedKids()).toEqual(both);
  const second = await lab.login();
  expect([headerOf(second.tokens?.id).kid, second.seen.get('id_token signature')]).toEqual([both[1], 'sound']);

  await announced.disarm();
  await used.disarm();
  await lab.arm('keys.withdrawn', her());
  expect(await publishedKids()).toEqual([active]);
  const third = await lab.login();
  expect([headerOf(third.tokens?.id).kid, third.seen.get('id_token signature')]).toEqual([
    both[1],
    'by a key that is not published',
  ]);
  await lab.control('DELETE', '/armed');
});

test('keys of different labels are different, so that cases do not share a rotation', async () => {
  await lab.arm('keys.announced', { issuer: true }, { parameters: { key: 'case-1' } });
  await lab.arm('keys.announced', { issuer: true }, { parameters: { key: 'case-2' } });
  expect(await publishedKids()).toEqual([
    expect.stringMatching(/^emta-active-/),
    expect.stringMatching(/^emta-case-1-/),
    expect.stringMatching(/^emta-case-2-/),
  ]);
  await lab.control('DELETE', '/armed');
});

test('a key set that the token points to is the attacker’s, and who fetches it is seen', async () => {
  const armed = await lab.arm('id_token.jku', her());
  const { tokens, journey } = await lab.login();
  const { jku } = headerOf(tokens?.id) as { jku: string };
  const got = await call(jku);
  const [jwk] = JSON.parse(got.kind === 'answered' ? got.body : '').keys;
  await expect(compactVerify(tokens?.id ?? '', await importJWK(jwk, 'RS256'))).resolves.toBeDefined();
  const { exchanges } = await lab.control('GET', `/exchanges?journey=${journey}`);
  expect(exchanges.at(-1)).toMatchObject({
    endpoint: 'trap',
    client_id: 'shop',
    ...her(),
    request: { method: 'GET', url: new URL(jku).pathname },
    response: { status: 200 },
  });
  await armed.disarm();
});

test('a certificate that the token points to is the attacker’s', async () => {
  const armed = await lab.arm('id_token.x5u', her());
  const { tokens } = await lab.login();
  const { x5u } = headerOf(tokens?.id) as { x5u: string };
  const got = await call(x5u);
  const pem = got.kind === 'answered' ? got.body : '';
  expect(new X509Certificate(pem).subject).toContain('attacker');
  await expect(compactVerify(tokens?.id ?? '', await importX509(pem, 'RS256'))).resolves.toBeDefined();
  await armed.disarm();
});

test.each([
  ['token.redirect', 'token'],
  ['resource_identity.redirect', 'identity'],
])('%s leads into the trap, which keeps what is carried there', async (fault, place) => {
  const armed = await lab.arm(fault, her());
  const { seen, journey } = await lab.login();
  const location = seen.get(`${place} header.location`) ?? '';
  const body = { client_secret: secret, code: 'carried-along' };
  expect(await call(location, { form: body, headers: { authorization: 'Bearer carried-too' } })).toMatchObject({
    status: 200,
  });
  const { exchanges } = await lab.control('GET', `/exchanges?journey=${journey}`);
  expect(exchanges.at(-1)).toMatchObject({
    endpoint: 'trap',
    request: { method: 'POST', form: body, headers: { authorization: 'Bearer carried-too' } },
  });
  await armed.disarm();
});

test('the trap takes what is no form, and strangers', async () => {
  const since = await lab.now();
  await call(`${lab.issuer}/_emta/trap/-/somewhere?a=b`, { method: 'PUT', json: { a: ['b'] } });
  const { exchanges } = await lab.control('GET', `/exchanges?after=${since}`);
  expect(exchanges).toHaveLength(1);
  expect(exchanges[0].request).toMatchObject({ method: 'PUT', query: { a: 'b' }, form: { body: '{"a":["b"]}' } });
});
