import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { auth, requiresAuth } from 'express-openid-connect';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { callback, freshEmta, site, type TestEmta } from './fresh-emta.ts';
import { type Visitor, visitorOf } from './visitor.ts';
import { clientOf } from './wire.ts';

const scope = 'openid user:identity:general user:primaryMobileNumber';
const secret = site.client_secret ?? '';

/** Walks from a library's own authorization request to the end. */
async function walkFrom(visitor: Visitor, url: URL, decision: 'grant' | 'refuse' = 'grant'): Promise<URL> {
  const mobile = await visitor.browser.open(url.href);
  const verification = await visitor.solve(await visitor.giveMobile(mobile));
  const { left } = await visitor.decide(await visitor.verify(verification), decision);
  if (!left) throw new Error('expected to be led back to the site');
  return left;
}

async function withOpenIdClient(emta: TestEmta) {
  const config = await client.discovery(new URL(emta.issuer), site.client_id, secret, undefined, {
    execute: [client.allowInsecureRequests],
  });
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    max_age: '600',
  });
  return { config, url, checks: { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600 } };
}

test('openid-client is content with the OIDC face', async () => {
  const emta = await freshEmta();
  const { config, url, checks } = await withOpenIdClient(emta);
  const back = await walkFrom(visitorOf(emta, 'plain-man'), url);
  const tokens = await client.authorizationCodeGrant(config, back, checks);
  const sub = tokens.claims()?.sub ?? '';
  const told = await client.fetchUserInfo(config, tokens.access_token, sub);
  expect(told).toMatchObject({ sub, national_code: '9991001026', phone_number_verified: true });
  await client.tokenRevocation(config, tokens.access_token);
  await expect(client.fetchUserInfo(config, tokens.access_token, sub)).rejects.toMatchObject({ status: 401 });
});

test('openid-client reads the refusal, and that it is for it', async () => {
  const emta = await freshEmta();
  const { config, url, checks } = await withOpenIdClient(emta);
  const back = await walkFrom(visitorOf(emta, 'refuser'), url, 'refuse');
  await expect(client.authorizationCodeGrant(config, back, checks)).rejects.toMatchObject({
    code: 'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
    error: 'access_denied',
  });
});

test('openid-client pushes its request, signs its assertion and gets a refresh token', async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const jwk = await crypto.subtle.exportKey('jwk', publicKey);
  const emta = await freshEmta({
    clients: [
      clientOf('signer', {
        client_secret: undefined,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        scope: `${scope} offline_access`,
        jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, kid: 'made-up', alg: 'ES256', use: 'sig' }] },
      }),
    ],
  });
  const config = await client.discovery(
    new URL(emta.issuer),
    'signer',
    undefined,
    client.PrivateKeyJwt({ key: privateKey, kid: 'made-up' }),
    { execute: [client.allowInsecureRequests] },
  );
  const expectedState = client.randomState();
  const url = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: callback,
    scope: `${scope} offline_access`,
    prompt: 'consent',
    state: expectedState,
  });
  const back = await walkFrom(visitorOf(emta, 'married-woman'), url);
  const tokens = await client.authorizationCodeGrant(config, back, { expectedState });
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(renewed.claims()?.sub).toBe(tokens.claims()?.sub);
  const described = await client.tokenIntrospection(config, renewed.access_token);
  expect(described).toMatchObject({ active: true, client_id: 'signer' });
});

test('oauth4webapi is content with the OIDC face, and with plain OAuth 2.0', async () => {
  const emta = await freshEmta();
  const issuer = new URL(emta.issuer);
  const insecure = { [oauth.allowInsecureRequests]: true } as const;
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  const shop = { client_id: site.client_id };
  for (const scopes of [scope, 'user:identity:general']) {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const url = new URL(as.authorization_endpoint ?? '');
    const isOpenId = scopes.startsWith('openid');
    url.search = new URLSearchParams({
      client_id: shop.client_id,
      redirect_uri: callback,
      response_type: 'code',
      scope: scopes,
      state,
      ...(isOpenId && { nonce }),
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const back = await walkFrom(visitorOf(emta, 'plain-man'), url);
    const params = oauth.validateAuthResponse(as, shop, back, state);
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      shop,
      oauth.ClientSecretPost(secret),
      params,
      callback,
      verifier,
      insecure,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      shop,
      response,
      isOpenId ? { expectedNonce: nonce, requireIdToken: true } : {},
    );
    if (isOpenId) {
      await oauth.validateApplicationLevelSignature(as, response, insecure);
      const told = await oauth.processUserInfoResponse(
        as,
        shop,
        oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '',
        await oauth.userInfoRequest(as, shop, tokens.access_token, insecure),
      );
      expect(told).toMatchObject({ family_name: 'فرهمند' });
    } else {
      const address = new URL('/service/v1/user/identity/general', issuer);
      const answer = await oauth.protectedResourceRequest(
        tokens.access_token,
        'GET',
        address,
        undefined,
        undefined,
        insecure,
      );
      expect(await answer.json()).toMatchObject({ family: 'فرهمند' });
    }
  }
});

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

/** A port that a server will answer at, before it is known what it answers. */
async function listening(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

test('express-openid-connect signs somebody in and shows who it is', async () => {
  const { server, origin } = await listening();
  const emta = await freshEmta({
    clients: [
      clientOf('shop', { redirect_uris: [`${origin}/callback`], token_endpoint_auth_method: 'client_secret_basic' }),
    ],
  });
  const app = express();
  app.use(
    auth({
      issuerBaseURL: emta.issuer,
      baseURL: origin,
      clientID: 'shop',
      clientSecret: 'made-up-secret-of-shop',
      secret: 'made-up-secret-of-the-session-cookie',
      authRequired: false,
      authorizationParams: { response_type: 'code', scope },
    }),
  );
  app.get('/profile', requiresAuth(), async (request, response) => {
    response.json(await request.oidc.fetchUserInfo());
  });
  server.on('request', app);

  const visitor = visitorOf(emta, 'plain-man');
  const start = await visitor.browser.send(`${origin}/profile`);
  const back = await walkFrom(visitor, new URL(String(start.headers.location)));
  const signedIn = await visitor.browser.send(back.href);
  expect([signedIn.status, signedIn.headers.location]).toEqual([302, '/profile']);
  const profile = await visitor.browser.send(`${origin}/profile`);
  expect(JSON.parse(String(profile.body))).toMatchObject({ national_code: '9991001026', family_name: 'فرهمند' });
});
