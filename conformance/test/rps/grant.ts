import { createRequire } from 'node:module';
import type { RequestHandler } from 'express';
import { fetchMembers } from './fetch-members.ts';
import { endOf, LoginEnded, personOfClaims } from './identity.ts';
import { oidcScope, type RelyingPartyKind, type RelyingPartyOptions, signatureUnchecked } from './relying-party.ts';
import { createShop, signIn, useSession } from './shop.ts';

declare module 'express-session' {
  interface SessionData {
    /** What grant leaves for the site. */
    grant: { readonly response?: Answer };
  }
}

interface Answer {
  /** What Emta said, or a text of grant's own. */
  readonly error?: string;
  readonly error_description?: string;
  readonly access_token?: string;
  readonly jwt?: { readonly id_token?: { readonly payload: Readonly<Record<string, unknown>> } };
}

/** Its types describe a module of another kind than it is. */
const grant: { express(config: object): RequestHandler } = createRequire(import.meta.url)('grant');

const claim = 'looks at no claim of the ID token but aud and nonce';
const parameter = 'knows nothing of the parameter iss';

/** The middleware with every defence it has switched on. Nothing here is made worse on purpose. */
export const grantOfExpress: RelyingPartyKind = {
  id: 'grant',
  what: 'grant with state, nonce and PKCE, its answer kept in the session, the ID token as it decodes it',
  face: 'oidc',
  correct: false,
  knownBad: {
    C08: 'redeems the code of an answer that holds an error too',
    F10: parameter,
    F11: parameter,
    F12: parameter,
    G07: 'does not look at token_type',
    H01: claim,
    H02: claim,
    H06: 'takes an audience of several where it is one of them',
    H08: claim,
    H10: claim,
    H11: claim,
    H14: claim,
    ...signatureUnchecked,
    H29: 'does not look at crit',
  },
  start,
};

async function start(options: RelyingPartyOptions) {
  const { issuer, clientId, clientSecret } = options;
  const shop = await createShop(options);
  const session = useSession(shop);
  // Without a session grant goes on without a look at the state.
  shop.app.use('/connect/emta/callback', (request, _response, next) => {
    next(request.session.grant === undefined ? new LoginEnded('bad-answer') : undefined);
  });
  shop.app.use(
    grant.express({
      defaults: { origin: shop.origin, prefix: '/connect', transport: 'session', state: true, nonce: true, pkce: true },
      emta: {
        oauth: 2,
        authorize_url: `${issuer}/oauth/authorize`,
        access_url: `${issuer}/service/v1/oauth/token`,
        token_endpoint_auth_method: 'client_secret_basic',
        key: clientId,
        secret: clientSecret,
        scope: oidcScope,
        callback: '/welcome',
        response: ['tokens', 'jwt'],
      },
    }),
  );
  shop.app.get('/login', (_request, response) => response.redirect(303, '/connect/emta'));
  shop.app.get('/welcome', async (request, response) => {
    const answer = request.session.grant?.response ?? {};
    delete request.session.grant;
    const { error, error_description: description, jwt, access_token: token = '' } = answer;
    if (error !== undefined) throw new LoginEnded(endOf(String(error), description));
    const payload = jwt?.id_token?.payload;
    if (payload === undefined) throw new LoginEnded('bad-answer');
    const headers = { authorization: `Bearer ${token}` };
    const userinfo = await fetchMembers(`${issuer}/service/v1/oauth/userinfo`, { headers });
    await signIn(shop, request, response, personOfClaims(payload, userinfo));
  });

  return shop.open({
    ...session,
    kind: grantOfExpress,
    authMethod: 'client_secret_basic',
    callbackPath: '/connect/emta/callback',
  });
}
