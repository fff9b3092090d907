import type { Context, Middleware } from 'koa';

type Handler = (ctx: Context) => Promise<void> | void;

/** The places below one journey, found by one look: `/journey/{uid}` and what follows it. */
export interface JourneyPaths {
  get(path: string, handler: Handler): void;
  post(path: string, handler: Handler): void;
  routes(): Middleware;
}

const BASE = '/journey/:uid';
const PATH = /^\/journey\/([\w-]+)(\/[^?]*)?$/;

export function journeyPaths(): JourneyPaths {
  const handlers = new Map<string, Handler>();
  const add = (method: string, path: string, handler: Handler): void => {
    if (!path.startsWith(BASE)) throw new TypeError(`expected "path" to begin with ${BASE}, got "${path}"`);
    handlers.set(`${method} ${path.slice(BASE.length)}`, handler);
  };
  return {
    get: (path, handler) => add('GET', path, handler),
    post: (path, handler) => add('POST', path, handler),
    routes: () => async (ctx, next) => {
      const [, uid, place = ''] = PATH.exec(ctx.path) ?? [];
      const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
      const handler = uid === undefined ? undefined : handlers.get(`${method} ${place}`);
      if (uid === undefined || handler === undefined) return next();
      ctx.params = { uid };
      await handler(ctx);
    },
  };
}
