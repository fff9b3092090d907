/** What a browser calls a site: scheme and registrable domain, ports aside. */
export interface Sites {
  /** The site of a URL, as compared for SameSite and Sec-Fetch-Site. */
  siteOf(url: string): string;
}

const loopbackNames = new Set(['localhost', '[::1]', '::1']);

/** Whether a host name can only mean this machine. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || host.endsWith('.localhost') || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** Whether a host is an address of a private network, RFC 1918 and RFC 4193. */
export function isPrivate(host: string): boolean {
  return (
    /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}$/.test(host) ||
    /^\[f[cd][\da-f]{2}:[\da-f:.]+\]$/.test(host)
  );
}

const isAddress = (host: string) => /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/.test(host);

function registrableDomain(host: string): string {
  if (isAddress(host) || isLoopback(host)) return host;
  return host.split('.').slice(-2).join('.');
}

/**
 * Sites as in production, where Emta and the relying party never share one: on a developer's machine both are
 * `localhost` and only the port tells them apart, so the origins named here count as sites of their own.
 */
export function sitesApart(foreignOrigins: readonly string[]): Sites {
  const apart = new Set(foreignOrigins);
  return {
    siteOf(url) {
      const { origin, protocol, hostname } = new URL(url);
      return apart.has(origin) ? origin : `${protocol}//${registrableDomain(hostname)}`;
    },
  };
}
