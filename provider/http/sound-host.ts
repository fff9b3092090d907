import type { Middleware } from 'koa';

/** RFC 9112 3.2: a request whose `Host` is no name is refused, before anybody builds an address from it. */
export function soundHost(): Middleware {
  // Nearly all ask for the same.
  let known: string | undefined;
  return (ctx, next) => {
    const { host } = ctx;
    if (host === known) return next();
    if (URL.canParse(`http://${host}/`)) {
      known = host;
      return next();
    }
    ctx.status = 400;
    ctx.body = { error: 'invalid_request', error_description: 'expected the name of this server in the Host header' };
    return undefined;
  };
}
