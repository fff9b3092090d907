import Router from '@koa/router';
import type { Middleware } from 'koa';

/**
 * OIDC Core 3.1.2.1 and RP-Initiated Logout 2: these endpoints take GET and POST. oidc-provider takes POST only with
 * cookies that every site may send, so the same request is asked for again by GET.
 */
const PATHS = ['/oauth/authorize', '/oauth/logout'];

export function askedByPost(basePath: string, parseBody: Middleware): Router {
  const router = new Router();
  router.post(PATHS, parseBody, (ctx) => {
    const { rawBody = '' } = ctx.request as { readonly rawBody?: string };
    ctx.status = 303;
    ctx.redirect(`${basePath}${ctx.path}?${new URLSearchParams(rawBody)}`);
    ctx.body = '';
  });
  return router;
}
