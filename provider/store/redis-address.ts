import { EmtaError } from '../kernel/errors.ts';

/** Where Redis is and how it lets us in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** For messages: host and port, never the password. */
  readonly shown: string;
}

/** Reads `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. */
export function parseRedisAddress(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    // What cannot be read may still hold a password.
    const got = text.includes('@') ? 'something else' : `"${text}"`;
    throw new EmtaError('bad_option', `expected a URL such as "redis://127.0.0.1:6379", got ${got}`);
  }
  const path = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  if (path === undefined) {
    throw new EmtaError('bad_option', `expected the path of the URL to be a database's number, got "${url.pathname}"`);
  }
  const port = url.port === '' ? 6379 : Number(url.port);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    tls: url.protocol === 'rediss:',
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    database: Number(path),
    shown: `${url.hostname}:${port}`,
  };
}
