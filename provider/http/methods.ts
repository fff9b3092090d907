import type { Middleware } from 'koa';

/** What machines may ask for, and how. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  '/.well-known/openid-configuration': ['GET', 'HEAD'],
  '/oauth/jwks': ['GET', 'HEAD'],
  '/oauth/authorize': ['GET', 'HEAD', 'POST'],
  '/oauth/logout': ['GET', 'HEAD', 'POST'],
  '/oauth/par': ['POST'],
  '/service/v1/oauth/token': ['POST'],
  '/service/v1/oauth/userinfo': ['GET', 'HEAD', 'POST'],
  '/service/v1/oauth/introspect': ['POST'],
  '/service/v1/oauth/revoke': ['POST'],
  '/service/v1/user/identity/general': ['GET', 'HEAD'],
  '/service/v1/user/primaryMobileNumber': ['GET', 'HEAD'],
  '/service/v1/user/primaryEmail': ['GET', 'HEAD'],
  '/service/v1/user/status': ['GET', 'HEAD'],
};

/** Tells a right address that was asked the wrong way from one that does not exist (RFC 9110 15.5.6). */
export const tellMethods: Middleware = async (ctx, next) => {
  await next();
  if (ctx.status !== 404 || ctx.respond === false) return;
  const allowed = METHODS[ctx.path];
  if (!allowed || allowed.includes(ctx.method)) return;
  ctx.status = 405;
  ctx.set('Allow', allowed.join(', '));
  ctx.body = { error: 'invalid_request', error_description: `expected ${allowed.join(' or ')}, got ${ctx.method}` };
};
