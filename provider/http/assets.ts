import type { Middleware } from 'koa';
import type send from 'koa-send';
import { whenNeeded } from '../kernel/when-needed.ts';

const sender = whenNeeded<typeof send>('koa-send');

const DAY = 86_400_000;

/** The files under `views/assets`: styles, fonts, pictures and the few scripts. Their addresses change with their content. */
export function assets(root: string): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    try {
      await sender()(ctx, ctx.path.slice('/assets'.length), { root, maxage: DAY });
      ctx.set('X-Content-Type-Options', 'nosniff');
    } catch (error) {
      if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error;
      ctx.status = 404;
    }
  };
}
