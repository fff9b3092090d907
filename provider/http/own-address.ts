import type Koa from 'koa';

/**
 * Makes an application build every address from the issuer, whatever the `Host` of a request says: a name that somebody
 * made up never comes back in an address, and behind a proxy that ends TLS cookies are still `Secure`.
 */
export function speakAsIssuer(app: Pick<Koa, 'request'>, issuer: string): void {
  const { protocol, origin } = new URL(issuer);
  const scheme = protocol.slice(0, -1);
  Object.defineProperties(app.request, {
    protocol: { configurable: true, get: () => scheme },
    href: {
      configurable: true,
      get(this: Koa.Request) {
        return `${origin}${pathOf(this.originalUrl)}`;
      },
    },
  });
}

/** RFC 9112 3.2.2: a request may name the whole address, of which only the path is ours to believe. */
function pathOf(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return `${pathname}${search}`;
}
