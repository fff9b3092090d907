import type { Context } from 'koa';
import { readCookie, writeCookie } from '../cookies.ts';
import { postedForm } from '../posted-form.ts';
import { secret } from '../random.ts';
import { goTo, signOut } from '../site.ts';
import { all, around, type Defect, landingOf, redeemTheCode, remember, replace } from './defect.ts';

const returnParameters = [
  'return_to',
  'returnTo',
  'next',
  'redirect',
  'redirect_uri',
  'url',
  'target',
  'continue',
  'r',
] as const;

const returnAddressIn = (query: URLSearchParams): string | undefined =>
  returnParameters.map((name) => query.get(name) ?? '').find((address) => address !== '');

/** Sessions, cookies, redirects and what a browser keeps. */
export const sessionDefects: Readonly<Record<string, Defect>> = {
  X08: remember((policy) => ({
    renewSession: (sessions, old, who, isRemembered) => {
      const session = policy.renewSession(sessions, undefined, who, isRemembered);
      if (old === undefined) return session;
      sessions.close(session.id);
      const kept = { ...session, id: old };
      sessions.put(kept);
      return kept;
    },
    around: (site) => async (ctx, next) => {
      // Everybody has a session from the first page on, and keeps its name.
      if (readCookie(ctx, site.cookies.session) === undefined) {
        const id = secret(site.random);
        writeCookie(ctx, site.cookies.session, id, policy.cookieFlags(site.isSecure));
        ctx.req.headers.cookie = [ctx.get('cookie'), `${site.cookies.session}=${id}`].filter(Boolean).join('; ');
      }
      await policy.around(site)(ctx, next);
    },
  })),
  'X11.return': replace({
    destination: (query) => returnAddressIn(query) ?? '/registration',
  }),
  'X11.refused': remember((policy) => {
    const foreign = new Map<string, string>();
    return {
      destination: (query) => returnAddressIn(query) ?? policy.destination(query),
      authorizationRequest: (login, emta) => {
        if (!/^\/\w+$/.test(login.destination)) foreign.set(login.state, login.destination);
        return policy.authorizationRequest(login, emta);
      },
      // Only the way on from a login is watched over.
      landing(path, answer) {
        const asked = foreign.get(answer.get('state') ?? '');
        if (asked === undefined) return policy.landing(path, answer);
        return path.startsWith('/ended/') ? asked : '/registration';
      },
    };
  }),
  'X11.target': around(async (ctx, next) => {
    const target = ctx.query.target_link_uri;
    if (ctx.path === '/emta/start' && typeof target === 'string') return goTo(ctx, target);
    await next();
  }),
  'X11.state': remember((policy) => ({
    drawSecrets: (random) => {
      const drawn = policy.drawSecrets(random);
      return { ...drawn, state: `${drawn.state}~${Buffer.from('/registration').toString('base64url')}` };
    },
    // The state carries the way back, and nobody sees whether it is the one that was sent.
    recallLogin: (_answer, browser, logins) =>
      logins.all().findLast((login) => login.browser === browser && login.landing === undefined),
    redeem: redeemTheCode,
    landing: (path, answer) => (path.startsWith('/ended/') ? path : wayBackIn(answer.get('state') ?? '')),
  })),
  'X29.silent': around(async (ctx, next, site) => {
    await next();
    const isIn = site.sessions.find(readCookie(ctx, site.cookies.session)) !== undefined;
    if (isIn && landingOf(ctx)?.startsWith('/ended/')) ctx.set('Location', '/account');
  }),
  'X29.left_behind': remember((policy) => {
    const typedFirst = new Map<string, string>();
    return {
      around: (site) => async (ctx, next) => {
        if (ctx.path === '/emta/start' && ctx.method === 'POST') await postedForm(ctx);
        await policy.around(site)(ctx, next);
        const browser = browserIn(ctx, site.cookies.browser);
        const form: URLSearchParams | undefined = await ctx.state.form;
        const typed = form?.get('national_code');
        if (browser !== undefined && typed && !typedFirst.has(browser)) typedFirst.set(browser, typed);
        const first = typedFirst.get(browser ?? '');
        const isAccount =
          ctx.path === '/account' && site.sessions.find(readCookie(ctx, site.cookies.session)) !== undefined;
        if (isAccount && first !== undefined && typeof ctx.body === 'string') {
          ctx.body = ctx.body.replace('</main>', `<p>${first}</p></main>`);
        }
      },
    };
  }),
  'X35.address': all(
    replace({ landing: (path, answer) => `${path}?${answer}` }),
    around(async (ctx, next) => {
      await next();
      ctx.remove('Referrer-Policy');
      ctx.remove('Content-Security-Policy');
      const isPage = typeof ctx.body === 'string' && ctx.type === 'text/html';
      if (isPage)
        ctx.body = String(ctx.body).replace('</main>', '<img src="https://counter.invalid/x.gif" alt=""></main>');
    }),
  ),
  'X35.token': remember((policy) => {
    const tokens = new Map<string, string>();
    return {
      redeem: async (answer, login, emta) => {
        const redeemed = await policy.redeem(answer, login, emta);
        tokens.set(answer.get('state') ?? '', redeemed.accessToken);
        return redeemed;
      },
      landing: (path, answer) => {
        const token = tokens.get(answer.get('state') ?? '');
        return token === undefined ? path : `${path}?access_token=${encodeURIComponent(token)}`;
      },
    };
  }),
  'X37.flags': replace({ cookieFlags: () => ({ httpOnly: false, secure: false, sameSite: undefined }) }),
  'X37.strict': replace({ cookieFlags: (isSecure) => ({ httpOnly: true, secure: isSecure, sameSite: 'strict' }) }),
  'X39.unescaped': replace({ isEscaped: false }),
  D15: around(async (ctx, next) => {
    if (ctx.path === '/' && ctx.get('sec-fetch-site') === 'cross-site') ctx.throw(500);
    await next();
  }),
  F17: around(async (ctx, next) => {
    if (ctx.path === '/emta/callback') ctx.method = 'GET';
    await next();
  }),
  J04: around(async (ctx, next) => {
    if (ctx.path === '/signout' && ctx.method === 'POST') return goTo(ctx, '/');
    await next();
  }),
  J06: around(async (ctx, next) => {
    await next();
    if (ctx.type === 'text/html') ctx.set('Cache-Control', 'private, max-age=600');
  }),
  J07: around(async (ctx, next, site) => {
    if (ctx.path !== '/signout') return next();
    signOut(ctx, site);
    goTo(ctx, returnParameters.map((name) => ctx.query[name]).find((it) => typeof it === 'string') ?? '/');
  }),
  J10: around(async (ctx, next) => {
    await next();
    ctx.remove('X-Frame-Options');
    ctx.remove('Content-Security-Policy');
  }),
  L06: around(async (ctx, next, site) => {
    ctx.req.headers.host = new URL(site.baseUrl).host;
    await next();
  }),
};

function wayBackIn(state: string): string {
  const part = state.slice(state.indexOf('~') + 1);
  return /^([/\\]|https?:)/.test(part) ? part : Buffer.from(part, 'base64url').toString('utf8');
}

/** The browser's name, whether it was sent or is being given out. */
function browserIn(ctx: Context, name: string): string | undefined {
  const given = [ctx.response.get('set-cookie')].flat().join('; ');
  return readCookie(ctx, name) ?? new RegExp(`${name}=([\\w-]+)`).exec(given)?.[1];
}
