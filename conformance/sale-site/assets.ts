import type { Middleware } from 'koa';
import send from 'koa-send';

const year = 365 * 24 * 60 * 60 * 1000;

/** Styles, fonts and pictures. Their addresses change with their content, so browsers may keep them. */
export function assets(root: string): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/assets/')) return next();
    await send(ctx, ctx.path.slice('/assets'.length), { root, maxage: year, immutable: true });
  };
}
