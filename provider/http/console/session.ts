import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import type { Random } from '../../kernel/ports.ts';
import type { Lang } from '../message.ts';

/** One browser at the console. Nothing is kept here: the cookie proves itself. */
export interface ConsoleSession {
  readonly csrf: string;
  readonly lang: Lang;
  /** False where a control token is set and this browser has not given it. */
  readonly isFriend: boolean;
}

export interface Sessions {
  /** The session of this request; one without gets a new one. */
  of(ctx: Context): ConsoleSession;
  /** Whether the posted value belongs to the cookie that came with it. */
  isOwnForm(ctx: Context, csrf: string): boolean;
  /** Takes the control token; answers whether it was the right one. */
  signIn(ctx: Context, token: string): boolean;
}

interface SessionOptions {
  /** The same for every process. */
  readonly secret: string;
  readonly token?: string;
  readonly random: Random;
  /** Path of the console, with a slash at its end. */
  readonly path: string;
  /** Tells apart two Emtas on ports of one host, which share the cookie jar. */
  readonly port: string;
}

export function createSessions({ secret, token, random, path, port }: SessionOptions): Sessions {
  const cookie = `emta_console${port && `_${port}`}`;
  const langCookie = `${cookie}_lang`;

  const sign = (purpose: string, id: string) =>
    createHmac('sha256', secret).update(`console ${purpose} ${id}`).digest('base64url');
  /** What somebody who knows the token can have; without a token everybody is somebody. */
  const proofOf = (id: string) => sign(`friend ${token ?? ''}`, id);
  const guestOf = (id: string) => sign('guest', id);

  function read(ctx: Context): { readonly id: string; readonly isFriend: boolean } | undefined {
    const [id = '', proof = ''] = (ctx.cookies.get(cookie) ?? '').split('.');
    if (id === '') return undefined;
    if (equal(proof, proofOf(id))) return { id, isFriend: true };
    return equal(proof, guestOf(id)) ? { id, isFriend: token === undefined } : undefined;
  }

  function write(ctx: Context, name: string, value: string): void {
    ctx.cookies.set(name, value, {
      path,
      httpOnly: true,
      sameSite: 'lax',
      secure: ctx.secure,
      signed: false,
      overwrite: true,
    });
  }

  return {
    of(ctx) {
      const known = read(ctx);
      const id = known?.id ?? random.id();
      const isFriend = known?.isFriend ?? token === undefined;
      if (!known) write(ctx, cookie, `${id}.${isFriend ? proofOf(id) : guestOf(id)}`);
      const asked = ctx.query.lang;
      const chosen = asked === 'fa' || asked === 'en' ? asked : undefined;
      if (chosen) write(ctx, langCookie, chosen);
      const lang: Lang = chosen ?? (ctx.cookies.get(langCookie) === 'en' ? 'en' : 'fa');
      return { csrf: sign('csrf', id), lang, isFriend };
    },

    isOwnForm(ctx, csrf) {
      const known = read(ctx);
      return known !== undefined && equal(csrf, sign('csrf', known.id));
    },

    signIn(ctx, given) {
      const known = read(ctx);
      if (!known || token === undefined || !equal(given, token)) return false;
      // Another id, so that nobody who planted the old one is signed in with it.
      const id = random.id();
      write(ctx, cookie, `${id}.${proofOf(id)}`);
      return true;
    },
  };
}

function equal(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
