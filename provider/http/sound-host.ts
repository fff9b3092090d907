import type { Middleware } from 'koa';

/** RFC 9112 3.2: a request whose `Host` is no name is refused, before anybody builds an address from it. */
export const soundHost: Middleware = async (ctx, next) => {
  if (URL.canParse(`http://${ctx.host}/`)) return next();
  ctx.status = 400;
  ctx.body = { error: 'invalid_request', error_description: 'expected the name of this server in the Host header' };
};
