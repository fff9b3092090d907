import Router from '@koa/router';
import type { Middleware } from 'koa';

/**
 * OIDC Core 3.1.2.1: the authorization endpoint takes GET and POST. oidc-provider takes POST only with cookies that
 * every site may send, so the same request is asked for again by GET.
 */
export function authorizeByPost(basePath: string, parseBody: Middleware): Router {
  const router = new Router();
  router.post('/oauth/authorize', parseBody, (ctx) => {
    const { rawBody = '' } = ctx.request as { readonly rawBody?: string };
    ctx.status = 303;
    ctx.redirect(`${basePath}/oauth/authorize?${new URLSearchParams(rawBody)}`);
    ctx.body = '';
  });
  return router;
}
