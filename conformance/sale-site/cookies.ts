import type { Context } from 'koa';

export interface CookieFlags {
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: 'lax' | 'strict' | 'none' | undefined;
}

/** The two cookies of the site. Ports do not part cookies, so their names begin with the site's own prefix. */
export interface Cookies {
  readonly session: string;
  readonly browser: string;
}

export function cookieNames(isSecure: boolean): Cookies {
  const prefix = isSecure ? '__Host-ikco_' : 'ikco_';
  return { session: `${prefix}session`, browser: `${prefix}browser` };
}

/** Lax, not Strict: the citizen comes back from Emta by a navigation that starts on another site. */
export function cookieFlags(isSecure: boolean): CookieFlags {
  return { httpOnly: true, secure: isSecure, sameSite: 'lax' };
}

export function readCookie(ctx: Context, name: string): string | undefined {
  const found = (ctx.get('cookie') || '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

export function writeCookie(ctx: Context, name: string, value: string, flags: CookieFlags, maxAge?: number): void {
  const parts = [`${name}=${value}`, 'Path=/'];
  if (maxAge !== undefined) parts.push(`Max-Age=${maxAge}`);
  if (flags.httpOnly) parts.push('HttpOnly');
  if (flags.secure) parts.push('Secure');
  if (flags.sameSite !== undefined) parts.push(`SameSite=${flags.sameSite}`);
  ctx.append('Set-Cookie', parts.join('; '));
}
