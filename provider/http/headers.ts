import type { Context, Middleware } from 'koa';

/**
 * No `form-action`: browsers apply it to every redirect after a post, and the citizen's way leads on to the relying
 * party and from there to wherever it likes.
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = Object.entries({
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
});

/** What every page says to the browser about itself. */
export function setPageHeaders({ res }: Pick<Context, 'res'>): void {
  for (const [name, value] of HEADERS) res.setHeader(name, value);
}

export const pageHeaders: Middleware = (ctx, next) => {
  setPageHeaders(ctx);
  return next();
};
