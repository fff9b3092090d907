import { randomBytes } from 'node:crypto';
import type { Response as Reply, Request } from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { endOf, LoginEnded, personOfClaims } from './identity.ts';
import { backChannelSeconds, oidcScope, type RelyingPartyKind, type RelyingPartyOptions } from './relying-party.ts';
import { createShop, type Shop } from './shop.ts';

/** What of `@auth/core` is used here; its own types bring those of a browser's window into every file of a program. */
interface AuthCore {
  readonly Auth: (request: globalThis.Request, config: object) => Promise<Response>;
  readonly customFetch: symbol;
  readonly skipCSRFCheck: symbol;
}
interface SignIn {
  readonly token: Readonly<Record<string, unknown>>;
  readonly account?: { readonly id_token?: string } | null;
  readonly profile?: Readonly<Record<string, unknown>>;
}
interface Read {
  readonly session: { readonly expires: string };
  readonly token: Readonly<Record<string, unknown>>;
}
const nameOfCore: string = '@auth/core';

/**
 * Auth.js as its manual sets up a provider of one's own. It keeps no session on the server: who is signed in stands in
 * an encrypted cookie. It leaves the signature of the ID token to TLS, so over http the site looks at it itself.
 */
export const authJs: RelyingPartyKind = {
  id: 'auth-js',
  what: 'Auth.js with PKCE, state and nonce, its session in an encrypted cookie, the signature checked when it is made',
  face: 'oidc',
  correct: true,
  start,
};

async function start(options: RelyingPartyOptions) {
  const shop = await createShop(options);
  const core: AuthCore = await import(nameOfCore);
  const config = configOf(shop, options, core);
  /** Hands a request to Auth.js, as its adapters do. */
  const ask = async (request: Request, method: string, path: string, form?: Readonly<Record<string, string>>) => {
    const headers = { cookie: request.headers.cookie ?? '', host: new URL(shop.origin).host };
    const body = form === undefined ? {} : { body: new URLSearchParams(form) };
    return core.Auth(new globalThis.Request(`${shop.origin}${path}`, { method, headers, ...body }), config);
  };
  const pass = async (answer: Response, reply: Reply) => {
    for (const cookie of answer.headers.getSetCookie()) reply.append('set-cookie', cookie);
    const to = answer.headers.get('location');
    if (to === null) reply.status(answer.status).send(await answer.text());
    else reply.redirect(303, to);
  };

  shop.app.use(async (request, reply, next) => {
    const session: unknown = await (await ask(request, 'GET', '/auth/session')).json();
    reply.locals.account = typeof session === 'object' && session !== null && Reflect.get(session, 'account');
    next();
  });
  shop.app.get('/login', async (request, reply) =>
    pass(await ask(request, 'POST', '/auth/signin/emta', { callbackUrl: '/account' }), reply),
  );
  shop.app.get('/auth/callback/emta', async (request, reply) => {
    const { code, error, error_description: description } = request.query;
    // What the citizen is told depends on the error, which Auth.js keeps to itself.
    if (error !== undefined) throw new LoginEnded(endOf(String(error), String(description ?? '')));
    if (code === undefined) throw new LoginEnded('refused');
    await pass(await ask(request, 'GET', request.originalUrl), reply);
  });
  shop.app.get('/ended', () => {
    throw new LoginEnded('bad-answer');
  });

  return shop.open({
    kind: authJs,
    authMethod: 'client_secret_basic',
    callbackPath: '/auth/callback/emta',
    accountOf: (request) => {
      const account: unknown = request.res?.locals.account;
      return typeof account === 'string' ? account : undefined;
    },
    async signOut(request, reply) {
      const answer = await ask(request, 'POST', '/auth/signout', { callbackUrl: '/' });
      for (const cookie of answer.headers.getSetCookie()) reply.append('set-cookie', cookie);
    },
  });
}

function configOf(
  shop: Shop,
  { issuer, clientId, clientSecret }: RelyingPartyOptions,
  { customFetch, skipCSRFCheck }: AuthCore,
) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/oauth/jwks`));
  const rules = { issuer, audience: clientId, algorithms: ['RS256'], clockTolerance: 150 };
  return {
    basePath: '/auth',
    secret: randomBytes(32).toString('hex'),
    trustHost: true,
    skipCSRFCheck,
    logger: { error: () => undefined, warn: () => undefined, debug: () => undefined },
    pages: { signIn: '/ended', error: '/ended' },
    providers: [
      {
        id: 'emta',
        name: 'Emta',
        type: 'oidc',
        issuer,
        clientId,
        clientSecret,
        checks: ['pkce', 'state', 'nonce'],
        idToken: false,
        authorization: { params: { scope: oidcScope } },
        [customFetch]: (url: string, init: RequestInit) =>
          fetch(url, { ...init, signal: AbortSignal.timeout(backChannelSeconds * 1000) }),
      },
    ],
    callbacks: {
      async jwt({ token, account, profile }: SignIn) {
        if (account === null || account === undefined) return token;
        const { payload } = await jwtVerify(account.id_token ?? '', keys, rules);
        return { account: shop.admit(personOfClaims(payload, { ...profile })) };
      },
      session: ({ session, token }: Read) => ({ expires: session.expires, account: token.account }),
    },
  };
}
