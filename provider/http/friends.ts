import type { Context, Middleware } from 'koa';

export interface Guard {
  /** Needed where the server listens beyond loopback: in `Authorization: Bearer …`, or by signing in to the console. */
  readonly token?: string;
  /** Host names under which this server is asked for, without port. */
  readonly hosts: readonly string[];
}

export interface Stranger {
  readonly status: 401 | 403;
  readonly error: 'foreign_host' | 'foreign_origin' | 'token_needed';
  readonly message: string;
}

export const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Names that only DNS rebinding leads here by. */
export function foreignHost(ctx: Context, { hosts }: Pick<Guard, 'hosts'>): Stranger | undefined {
  const host = ctx.host.replace(/:\d+$/, '');
  if ([...LOOPBACK, ...hosts].includes(host)) return undefined;
  return { status: 403, error: 'foreign_host', message: `"${host}" is not a name of this server` };
}

/** Web pages of other origins, another port of this machine among them. */
export function foreignOrigin(ctx: Context): Stranger | undefined {
  const origin = ctx.get('origin');
  const site = ctx.get('sec-fetch-site');
  // A page that gives no referrer gives no origin either; the browser then says by itself that it is ours.
  const isOwnOrigin =
    origin === '' ||
    (origin === 'null' && site === 'same-origin') ||
    (URL.canParse(origin) && new URL(origin).host === ctx.host);
  if (isOwnOrigin && site !== 'cross-site' && site !== 'same-site') return undefined;
  return {
    status: 403,
    error: 'foreign_origin',
    message: 'a page of another origin may not use the control interface',
  };
}

/** Refuses web pages of other origins, foreign names, and strangers without the token. */
export function onlyFriends(guard: Guard): Middleware {
  return async (ctx, next) => {
    const stranger = foreignHost(ctx, guard) ?? foreignOrigin(ctx) ?? withoutToken(ctx, guard);
    if (!stranger) return next();
    const { status, error, message } = stranger;
    if (status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="emta control"');
    ctx.status = status;
    ctx.body = { error, message };
  };
}

function withoutToken(ctx: Context, { token }: Guard): Stranger | undefined {
  if (token === undefined || ctx.get('authorization') === `Bearer ${token}`) return undefined;
  return {
    status: 401,
    error: 'token_needed',
    message: 'expected the control token in the Authorization header',
  };
}
