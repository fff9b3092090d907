import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import session from 'express-session';
import { LoginEnded, type Person } from './identity.ts';
import { accountPage, type End, endPage, endPages, homePage } from './pages.ts';
import {
  oidcScope,
  plainScope,
  type RelyingPartyKind,
  type RelyingPartyOptions,
  type RunningRelyingParty,
} from './relying-party.ts';

declare module 'express-session' {
  interface SessionData {
    /** Key of the account of who is signed in. */
    account: string;
    /** Logins that wait for their answer, by state; each is used once. */
    pending: Record<string, PendingLogin>;
  }
}

/** What one login must find again when its answer comes; it lives in the session of the browser that started it. */
export interface PendingLogin {
  readonly nonce?: string;
  readonly verifier?: string;
}

/** A person who was here before, or is for the first time. */
interface Account extends Person {
  readonly isNew: boolean;
}

/** The part of a shop that does not depend on a library: accounts, pages, and a session unless the library brings one. */
export interface Shop {
  readonly app: Express;
  readonly origin: string;
  readonly callbackUrl: string;
  /** Stores what is known of a person and answers the account's key. */
  admit(person: Person): string;
  /** Who an account's key stands for. */
  find(key: string | undefined): Person | undefined;
  /** Ends the login without a session. */
  show(response: Response, end: End): void;
  /** Puts up the pages and answers what `emta-rp.json` says of this shop. */
  open(settings: ShopSettings): RunningRelyingParty;
}

export interface ShopSettings {
  readonly kind: RelyingPartyKind;
  /** How the library shows the secret at the token endpoint. */
  readonly authMethod: RunningRelyingParty['client']['token_endpoint_auth_method'];
  /** Where the library wants its callback; `/callback` unless it cares. */
  readonly callbackPath?: string;
  /** Key of the account that a request is signed in as. */
  readonly accountOf: (request: Request) => string | undefined;
  readonly signOut: (request: Request, response: Response) => Promise<void> | void;
}

/** Listens, so that the address is known, and waits for `open` to put up its pages. */
export async function createShop({ clientId, clientSecret, port }: RelyingPartyOptions): Promise<Shop> {
  const app = express();
  const server = createServer(app).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
  const accounts = new Map<string, Account>();
  app.disable('x-powered-by');
  const callbacks = new Set(['/callback']);
  app.use(guard(origin, callbacks));

  const show = (response: Response, end: End): void => {
    response.status(endPages[end].status).send(endPage(end));
  };
  return {
    app,
    origin,
    callbackUrl: `${origin}/callback`,
    admit(person) {
      accounts.set(person.key, { ...person, isNew: !accounts.has(person.key) });
      return person.key;
    },
    find: (key) => accounts.get(key ?? ''),
    show,
    open({ kind, authMethod, callbackPath = '/callback', accountOf, signOut }) {
      const oidc = kind.face === 'oidc';
      callbacks.add(callbackPath);
      const signedIn = (request: Request): Account | undefined => accounts.get(accountOf(request) ?? '');
      app.get('/', (_request, response) => {
        response.send(homePage());
      });
      app.get('/account', (request, response) => {
        const person = signedIn(request);
        if (person === undefined) show(response, 'signed-out');
        else response.send(accountPage(person));
      });
      app.get('/api/me', (request, response) => {
        const person = signedIn(request);
        if (person === undefined) response.status(401).json({});
        else response.json({ id: person.key });
      });
      app.get('/api/mobile', (request, response) => {
        const mobile = signedIn(request)?.mobile;
        if (mobile === undefined) response.status(404).json({});
        else response.json({ mobile });
      });
      app.post('/logout', async (request, response) => {
        await signOut(request, response);
        response.redirect(303, '/');
      });
      app.use((_request, response) => show(response, 'not-found'));
      app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
        show(response, error instanceof LoginEnded ? error.end : 'bad-answer');
      });
      return {
        name: kind.id,
        version: '1.0.0',
        start_url: `${origin}/login`,
        protected_url: `${origin}/account`,
        session_url: { url: `${origin}/api/me`, signed_in: 'json:$.id' },
        logout_url: { url: `${origin}/logout`, method: 'POST' },
        mobile_status: { url: `${origin}/api/mobile`, verified: 'status:200' },
        refusal: { text: endPages.refused.text },
        mismatch: { text: endPages.mismatch.text },
        capabilities: { oidc },
        client: {
          client_id: clientId,
          client_secret: clientSecret,
          redirect_uris: [`${origin}${callbackPath}`],
          token_endpoint_auth_method: authMethod,
          scope: oidc ? oidcScope : plainScope,
        },
        async close() {
          server.closeAllConnections();
          server.close();
          await once(server, 'close');
        },
      };
    },
  };
}

/** Headers of every answer, one name for the site, no other host's requests, and nothing but GET at the callback. */
function guard(
  origin: string,
  callbacks: ReadonlySet<string>,
): (request: Request, response: Response, next: NextFunction) => void {
  const { host } = new URL(origin);
  return (request, response, next) => {
    response.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    });
    if (callbacks.has(request.path) && request.method !== 'GET') {
      response.status(405).set('Allow', 'GET').send(endPage('bad-answer'));
    } else if (request.headers.host === host) next();
    else if (request.hostname === 'localhost' && request.method === 'GET') {
      response.redirect(303, `${origin}${request.path === '/login' ? '/login' : '/'}`);
    } else response.status(421).send(endPage('bad-answer'));
  };
}

/** A session kept on the server, for libraries that bring none. */
export function useSession(shop: Shop): Pick<ShopSettings, 'accountOf' | 'signOut'> {
  const name = `shop.${new URL(shop.origin).port}`;
  const secret = randomBytes(32).toString('base64url');
  const cookie = { httpOnly: true, sameSite: 'lax' } as const;
  shop.app.use(session({ name, secret, cookie, resave: false, saveUninitialized: false }));
  return {
    accountOf: (request) => request.session.account,
    async signOut(request, response) {
      await new Promise<void>((done, failed) => request.session.destroy((error) => (error ? failed(error) : done())));
      response.clearCookie(name);
    },
  };
}

/** Remembers a login in the browser's own session. */
export function remember(request: Request, state: string, login: PendingLogin): void {
  // A browser has a handful of logins open; whoever starts more loses the oldest.
  const others = Object.entries(request.session.pending ?? {}).slice(-4);
  request.session.pending = { ...Object.fromEntries(others), [state]: login };
}

/** The pending login of this answer, taken out of the session; an answer without one was not asked for here. */
export function recall(request: Request): { readonly state: string; readonly login: PendingLogin } {
  const { state } = request.query;
  const pending = request.session.pending ?? {};
  const login = typeof state === 'string' && Object.hasOwn(pending, state) ? pending[state] : undefined;
  if (typeof state !== 'string' || login === undefined) throw new LoginEnded('bad-answer');
  request.session.pending = Object.fromEntries(Object.entries(pending).filter(([other]) => other !== state));
  return { state, login };
}

/** Signs the person in under a new session identifier. */
export async function openSession(shop: Shop, request: Request, person: Person): Promise<void> {
  const { pending } = request.session;
  await new Promise<void>((done, failed) => request.session.regenerate((error) => (error ? failed(error) : done())));
  request.session.account = shop.admit(person);
  if (pending !== undefined) request.session.pending = pending;
}

/** Signs the person in and shows the account. */
export async function signIn(shop: Shop, request: Request, response: Response, person: Person): Promise<void> {
  await openSession(shop, request, person);
  response.redirect(303, '/account');
}

/** The parameters of this answer, as the URL that Emta sent the browser to. */
export function answerUrl(shop: Shop, request: Request): URL {
  return new URL(request.originalUrl, shop.origin);
}
