import { Cookie, CookieJar, MemoryCookieStore } from 'tough-cookie';
import { systemClock } from '../clock.ts';

/** How a request came about, as far as SameSite cares. */
export interface CookieContext {
  /** The page that caused the request lies on the same site, or the citizen typed the address. */
  readonly sameSite: boolean;
  readonly method: string;
  readonly now: number;
}

/** A cookie as it lies in a jar. */
export interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: 'strict' | 'lax' | 'none' | 'unset';
  readonly hostOnly: boolean;
}

/** The cookies of one browser. */
export interface Jar {
  /** The value of the Cookie header, and the names in it; none gives an empty text. */
  headerFor(
    url: string,
    context: CookieContext,
  ): Promise<{ readonly header: string; readonly names: readonly string[] }>;
  store(url: string, setCookies: readonly string[], now: number): Promise<void>;
  cookiesAt(url: string): Promise<readonly StoredCookie[]>;
  /** All cookies, wherever they belong. */
  all(): Promise<readonly StoredCookie[]>;
  /** Takes a cookie out. */
  drop(cookie: Pick<StoredCookie, 'name' | 'domain' | 'path'>): Promise<void>;
  /** Puts a cookie of another jar, or of an earlier time, into this one. */
  put(cookie: StoredCookie): Promise<void>;
  copy(): Promise<Jar>;
}

/** Chrome sends a cookie without SameSite on a cross-site POST for its first two minutes. */
const LAX_ALLOWING_UNSAFE = 120_000;
/** What Chrome refuses to store: name and value together. */
export const MAX_COOKIE_BYTES = 4096;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function sameSiteOf(cookie: Cookie): StoredCookie['sameSite'] {
  const value = cookie.sameSite?.toLowerCase();
  return value === 'strict' || value === 'lax' || value === 'none' ? value : 'unset';
}

const stored = (cookie: Cookie): StoredCookie => ({
  name: cookie.key,
  value: cookie.value,
  domain: cookie.domain ?? '',
  path: cookie.path ?? '/',
  httpOnly: cookie.httpOnly,
  secure: cookie.secure,
  sameSite: sameSiteOf(cookie),
  hostOnly: cookie.hostOnly ?? true,
});

function isSent(cookie: Cookie, context: CookieContext): boolean {
  if (context.sameSite) return true;
  const isSafe = safeMethods.has(context.method);
  switch (sameSiteOf(cookie)) {
    case 'strict':
      return false;
    case 'lax':
      return isSafe;
    case 'none':
      return true;
    case 'unset':
      return (
        isSafe || context.now - (cookie.creation instanceof Date ? cookie.creation.getTime() : 0) < LAX_ALLOWING_UNSAFE
      );
  }
}

/** A browser of today keeps no `SameSite=None` without Secure, and none longer than 4096 bytes. */
function isKept(cookie: Cookie): boolean {
  if (sameSiteOf(cookie) === 'none' && !cookie.secure) return false;
  return Buffer.byteLength(cookie.key) + Buffer.byteLength(cookie.value) <= MAX_COOKIE_BYTES;
}

function jarAround(cookies: CookieJar): Jar {
  return {
    async headerFor(url, context) {
      const sent = (await cookies.getCookies(url)).filter((cookie) => isSent(cookie, context));
      return {
        header: sent.map((cookie) => cookie.cookieString()).join('; '),
        names: sent.map((cookie) => cookie.key),
      };
    },
    async store(url, setCookies, now) {
      for (const line of setCookies) {
        const cookie = Cookie.parse(line, { loose: true });
        if (cookie === undefined || !isKept(cookie)) continue;
        await cookies.setCookie(cookie, url, { ignoreError: true, now: new Date(now) });
      }
    },
    cookiesAt: async (url) => (await cookies.getCookies(url)).map(stored),
    async all() {
      const { cookies: raw } = await cookies.serialize();
      return raw.flatMap((one) => {
        const cookie = Cookie.fromJSON(one);
        return cookie === undefined ? [] : [stored(cookie)];
      });
    },
    async drop({ name, domain, path }) {
      await cookies.store.removeCookie(domain, path, name);
    },
    async put({ name, value, domain, path, httpOnly, secure, sameSite, hostOnly }) {
      await cookies.store.putCookie(
        new Cookie({
          key: name,
          value,
          domain,
          path,
          httpOnly,
          secure,
          hostOnly,
          ...(sameSite === 'unset' ? {} : { sameSite }),
          creation: new Date(systemClock.now()),
          lastAccessed: new Date(systemClock.now()),
        }),
      );
    },
    copy: async () => jarAround(await cookies.clone()),
  };
}

/** An empty jar. `Secure` cookies pass on loopback, as in a browser; `localhost` and `127.0.0.1` are two hosts. */
export function emptyJar(): Jar {
  return jarAround(
    new CookieJar(new MemoryCookieStore(), {
      rejectPublicSuffixes: false,
      looseMode: true,
      allowSecureOnLocal: true,
      enforceSecureOriginOnStorage: true,
    }),
  );
}
