import type { Context, Middleware } from 'koa';
import type { Site } from './site.ts';
import { show } from './site.ts';

/** What holds for every answer: headers, one host name, no posts from elsewhere, and a page for every error. */
export function guard(site: Site): Middleware {
  const formTargets = ["'self'", ...originsOf(site)].join(' ');
  const headers = {
    'Content-Security-Policy': `default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; form-action ${formTargets}; base-uri 'none'; frame-ancestors 'none'`,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    // Not `no-referrer`, which would make browsers send `Origin: null` with the site's own forms.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    ...(site.isSecure ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
  const { host } = new URL(site.baseUrl);
  return async (ctx, next) => {
    ctx.set(headers);
    // Pages hold personal data; what is public and cacheable lies under /assets.
    if (!ctx.path.startsWith('/assets/')) ctx.set('Cache-Control', 'no-store');
    const isReading = ctx.method === 'GET' || ctx.method === 'HEAD';
    if (isReading && ctx.get('host') !== host) {
      // Cookies belong to one host name, so a login must start where it comes back to.
      return ctx.redirect(`${site.baseUrl}${ctx.url.startsWith('/') ? ctx.url : '/'}`);
    }
    if (!isReading && !isOwnForm(ctx, site.baseUrl)) return showProblem(ctx, site, 'forbidden', 403);
    try {
      await next();
    } catch (error) {
      fail(ctx, site, error);
    }
    if (ctx.status === 404 && ctx.body === undefined) showProblem(ctx, site, 'not_found', 404);
  };
}

/** Browsers say which site a form stands on; what says nothing is no browser, and carries nobody's cookies. */
function isOwnForm(ctx: Context, baseUrl: string): boolean {
  const site = ctx.get('sec-fetch-site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  const origin = ctx.get('origin');
  return origin === '' || origin === baseUrl;
}

/** Chromium applies `form-action` to redirects too, and the sign-in box posts on to Emta. */
function originsOf({ emta, otherEmta }: Site): readonly string[] {
  return [emta, otherEmta].flatMap((it) => (it === undefined ? [] : [new URL(it.issuer).origin]));
}

function fail(ctx: Context, site: Site, error: unknown): void {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    showProblem(ctx, site, 'not_found', status);
    return;
  }
  site.log(`answering ${ctx.method} ${ctx.path}`, error);
  showProblem(ctx, site, 'error', 500);
}

function showProblem(ctx: Context, site: Site, name: 'forbidden' | 'not_found' | 'error', status: number): void {
  show(ctx, site, 'ended', { reason: name, title: `site.${name}.title`, message: `site.${name}` }, status);
}
