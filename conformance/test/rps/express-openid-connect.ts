import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import { auth, type OpenidRequest, type Session, type SessionStore } from 'express-openid-connect';
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { fetchMembers } from './fetch-members.ts';
import { endOf, LoginEnded, personOfClaims } from './identity.ts';
import { backChannelSeconds, oidcScope, type RelyingPartyKind, type RelyingPartyOptions } from './relying-party.ts';
import { createShop, type Shop } from './shop.ts';

/** The middleware as its manual sets it up, with the settings that our scopes, plain loopback and Emta's errors need. */
export const expressOpenidConnect: RelyingPartyKind = {
  id: 'express-openid-connect',
  what: 'express-openid-connect with response_type code, sessions in a store, and the signature checked in afterCallback',
  face: 'oidc',
  correct: true,
  start,
};

async function start(options: RelyingPartyOptions) {
  const { issuer, clientId, clientSecret } = options;
  const shop = await createShop(options);
  const cookie = `shop.${new URL(shop.origin).port}`;
  shop.app.use(refusedWithoutCode);
  shop.app.use(
    auth({
      issuerBaseURL: issuer,
      baseURL: shop.origin,
      clientID: clientId,
      clientSecret,
      clientAuthMethod: 'client_secret_basic',
      secret: randomBytes(32).toString('hex'),
      authorizationParams: { response_type: 'code', scope: oidcScope },
      authRequired: false,
      idpLogout: false,
      routes: { login: false, logout: false, callback: '/callback' },
      session: { name: cookie, store: memoryStore(), cookie: { sameSite: 'Lax' } },
      transactionCookie: { name: `${cookie}.login`, sameSite: 'Lax' },
      enableTelemetry: false,
      httpTimeout: backChannelSeconds * 1000,
      discoveryCacheMaxAge: 1,
      afterCallback: completeSession(shop, options),
    }),
  );
  shop.app.get('/login', (_request, response) => response.oidc.login({ returnTo: `${shop.origin}/account` }));
  shop.app.use(toEnd);

  return shop.open({
    kind: expressOpenidConnect,
    authMethod: 'client_secret_basic',
    accountOf: (request) => {
      const account: unknown = request.oidc.isAuthenticated() ? Reflect.get(request, cookie)?.account : undefined;
      return typeof account === 'string' ? account : undefined;
    },
    signOut: (request) => {
      Reflect.set(request, cookie, undefined);
    },
  });
}

/** The library leaves the signature to TLS and the profile to us. */
function completeSession(
  shop: Shop,
  { issuer, clientId }: RelyingPartyOptions,
): (request: OpenidRequest, response: unknown, session: Session) => Promise<Session> {
  let known: { readonly keys: JWTVerifyGetKey; readonly userinfoEndpoint: string } | undefined;
  return async (_request, _response, session) => {
    if (session.token_type?.toLowerCase() !== 'bearer') throw new LoginEnded('bad-answer');
    if (known === undefined) {
      const metadata = await fetchMembers(`${issuer}/.well-known/openid-configuration`);
      const keys = createRemoteJWKSet(new URL(String(metadata.jwks_uri)));
      known = { keys, userinfoEndpoint: String(metadata.userinfo_endpoint) };
    }
    const { payload } = await jwtVerify(session.id_token, known.keys, {
      issuer,
      audience: clientId,
      algorithms: ['RS256'],
      clockTolerance: 150,
    });
    // Not `request.oidc.fetchUserInfo`: where somebody is signed in already, it asks with that person's token (3.4.0).
    const headers = { authorization: `Bearer ${session.access_token}` };
    const userinfo = await fetchMembers(known.userinfoEndpoint, { headers });
    return { ...session, account: shop.admit(personOfClaims(payload, userinfo)) };
  };
}

function memoryStore(): SessionStore<Session> {
  type Stored = Parameters<SessionStore<Session>['set']>[1];
  const sessions = new Map<string, Stored>();
  return {
    get: (id, done) => done(null, sessions.get(id)),
    set: (id, stored, done) => {
      sessions.set(id, stored);
      done?.();
    },
    destroy: (id, done) => {
      sessions.delete(id);
      done?.();
    },
  };
}

/** Some providers refuse with neither an error nor a code; the library would ask for a token all the same. */
const refusedWithoutCode: RequestHandler = (request, _response, next) => {
  const silent = request.path === '/callback' && !('code' in request.query) && !('error' in request.query);
  next(silent ? new LoginEnded('refused') : undefined);
};

/** The library hands over Emta's error as members of its own one. */
function toEnd(error: unknown, request: { readonly path: string }, _response: unknown, next: (error: unknown) => void) {
  if (error instanceof LoginEnded || typeof error !== 'object' || error === null) return next(error);
  if (request.path === '/login') return next(new LoginEnded('unavailable', { cause: error }));
  const code = 'error' in error ? String(error.error) : '';
  const description = 'error_description' in error ? String(error.error_description) : '';
  next(new LoginEnded(endOf(code, description), { cause: error }));
}
