import type { Context } from 'koa';
import { readCookie } from '../cookies.ts';
import { judgeAnswer, recallLogin } from '../login/answer.ts';
import { endings } from '../login/endings.ts';
import { redeem } from '../login/redeem.ts';
import { all, around, asking, type Defect, landingOf, redeemTheCode, remember, replace } from './defect.ts';

const descriptionOf = (answer: URLSearchParams): string => answer.get('error_description') ?? '';

/** Errors that Emta sends, and the pages that tell of them. */
export const answerDefects: Readonly<Record<string, Defect>> = {
  'X01.exception': replace({
    judgeAnswer: (answer) => {
      if (answer.has('error')) throw new TypeError(`unexpected answer: ${answer.get('error')}`);
      return judgeAnswer(answer);
    },
  }),
  'X01.blank': around(async (ctx, next) => {
    if (!ctx.path.startsWith('/emta/callback') || !ctx.query.error) return next();
    ctx.status = 200;
    ctx.type = 'html';
    ctx.body = '';
  }),
  X02: replace({
    judgeAnswer: (answer) => {
      const error = answer.get('error');
      if (error === null || error === 'access_denied') return judgeAnswer(answer);
      throw new TypeError(`no branch for ${error}`);
    },
  }),
  'X09.at-once': replace({ landing: (path) => (path.startsWith('/ended/') ? '/emta/start' : path) }),
  'X09.later': around(async (ctx, next) => {
    await next();
    if (ctx.path.startsWith('/ended/')) ctx.set('Refresh', '5; url=/emta/start');
  }),
  X10: remember((policy) => {
    const told = new Map<string, string>();
    return {
      redeem: (answer, login, emta) =>
        redeem(answer, login, emta).catch((error: unknown) => {
          const description =
            typeof error === 'object' && error !== null ? Reflect.get(error, 'error_description') : '';
          told.set(login.state, String(description));
          throw error;
        }),
      around: (site) => async (ctx, next) => {
        await policy.around(site)(ctx, next);
        const ending = endings.find(({ reason }) => landingOf(ctx) === `/ended/${reason.replaceAll('_', '-')}`);
        if (ending === undefined) return;
        const { error, error_description: description, error_uri: uri, state } = ctx.query;
        const details = [error, description, state, told.get(String(state))].filter((it) => it !== undefined).join(' ');
        const link = uri === undefined ? '' : `<a href="${uri}">${uri}</a>`;
        ctx.response.remove('location');
        ctx.status = 200;
        ctx.type = 'html';
        ctx.body = site.pages.page('ended', ending).replace('</main>', `<p>${details} ${link}</p></main>`);
      },
    };
  }),
  X15: replace({
    judgeAnswer: (answer) => (answer.get('code') ? { kind: 'code' } : judgeAnswer(answer)),
    redeem: redeemTheCode,
  }),
  X18: replace({
    judgeAnswer: (answer) => {
      const error = answer.get('error');
      if (error === 'mobile_ownership_mismatch') return { kind: 'ended', reason: 'refused' };
      return error === 'access_denied' ? { kind: 'ended', reason: 'bad_answer' } : judgeAnswer(answer);
    },
  }),
  X36: around(async (ctx, next, site) => {
    const description = descriptionOf(new URLSearchParams(ctx.querystring));
    await next();
    const ending = endings.find(({ reason }) => landingOf(ctx) === `/ended/${reason.replaceAll('_', '-')}`);
    if (ending === undefined || description === '') return;
    const escaped = description.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
    ctx.response.remove('location');
    ctx.status = ending.status;
    ctx.type = 'html';
    ctx.body = site.pages.page('ended', ending).replace('</main>', `<p>${escaped}</p></main>`);
  }),
  X46: replace({
    judgeAnswer: (answer) => {
      const isRefusal = /^(consent_refused|mobile_|identity_|$)/.test(descriptionOf(answer));
      if (answer.get('error') === 'access_denied' && !isRefusal) throw new TypeError('the cancel page was removed');
      return judgeAnswer(answer);
    },
  }),
  C04: replace({
    recallLogin: (answer, browser, logins) => {
      if (!answer.has('state')) throw new TypeError("cannot read 'state'");
      return recallLogin(answer, browser, logins);
    },
  }),
  C05: around(async (ctx, next, site) => {
    const isUnknown = site.logins.byState(String(ctx.query.state)) === undefined;
    if (ctx.path === '/emta/callback' && ctx.query.error && ctx.query.state && isUnknown)
      site.sessions.close(readCookie(ctx, site.cookies.session));
    await next();
  }),
  C06: around(async (ctx, next, site) => {
    if (ctx.path === '/emta/callback' && ctx.query.error) site.sessions.close(readCookie(ctx, site.cookies.session));
    await next();
  }),
  C09: replace({
    judgeAnswer: (answer) => {
      if (!answer.has('code') && !answer.has('error')) throw new TypeError("cannot read 'code'");
      return judgeAnswer(answer);
    },
  }),
  C20: all(
    asking((query) => query.set('response_mode', 'form_post')),
    // A post from another site carries no cookie, so the login is found by state alone.
    replace({ recallLogin: (answer, _browser, logins) => logins.byState(answer.get('state') ?? '') }),
    around(async (ctx, next) => {
      if (ctx.path !== '/emta/callback' || ctx.method !== 'POST') return next();
      const chunks: Buffer[] = [];
      for await (const chunk of ctx.req) chunks.push(chunk);
      const posted = Buffer.concat(chunks).toString('utf8');
      if (new URLSearchParams(posted).has('error')) return fall(ctx);
      ctx.method = 'GET';
      ctx.querystring = posted;
      await next();
    }),
  ),
  C22: once((answer) => answer.get('error') === 'access_denied'),
  D14: once((answer) => /^mobile_/.test(`${descriptionOf(answer)}`) || /^mobile_/.test(answer.get('error') ?? '')),
  C24: replace({
    isUnanswered: ({ landing }) => {
      if (landing?.startsWith('/ended/')) throw new TypeError('the login is over');
      return landing === undefined;
    },
  }),
  C26: endedPage((html) => html.replace(' lang="fa" dir="rtl"', '').replace(/<a class="button[\s\S]*?<\/a>/g, '')),
  C27: around(async (ctx, next) => {
    await next();
    if (ctx.path.startsWith('/ended/')) ctx.set('Cache-Control', 'public, max-age=600');
  }),
  C28: around(async (ctx, next) => {
    await next();
    const landing = landingOf(ctx);
    // A connection that ends with the first answer carries no second one.
    if (!landing?.startsWith('/ended/') || ctx.get('connection') === 'close') return;
    ctx.respond = false;
    const { socket } = ctx.req;
    const head = `HTTP/1.1 303 See Other\r\nLocation: ${landing}\r\nContent-Type: text/html\r\n`;
    socket.write(`${head}Content-Length: 0\r\n\r\n<p>refused</p>`);
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\nConnection: close\r\n\r\n<p>refused</p>',
    );
    socket.end();
  }),
  L01: around(async (ctx, next) => {
    await next();
    if (ctx.response.get('location') === '/ended/unavailable' && ctx.path === '/emta/start') fall(ctx);
  }),
  L02: remember((policy) => {
    let lastSecret = '';
    return {
      createEmta: (options, ports) => {
        lastSecret = options.clientSecret;
        return policy.createEmta(options, ports);
      },
      around: (site) => async (ctx, next) => {
        await policy.around(site)(ctx, next);
        if (!ctx.path.startsWith('/ended/') || typeof ctx.body !== 'string') return;
        const trace = `TypeError: login failed\n    at finishLogin (login/finish.ts:41:11)\nclient_secret=${lastSecret}`;
        ctx.body = ctx.body.replace('</main>', `<pre>${trace}</pre></main>`);
      },
    };
  }),
};

/** An answer that no error handler of the site has seen. */
export function fall(ctx: Context): void {
  ctx.response.remove('location');
  ctx.status = 500;
  ctx.type = 'text';
  ctx.body = 'TypeError: Cannot read properties of undefined\n    at receive (login/routes.ts:88:17)';
}

function endedPage(change: (html: string) => string): Defect {
  return around(async (ctx, next) => {
    await next();
    if (ctx.path.startsWith('/ended/') && typeof ctx.body === 'string') ctx.body = change(ctx.body);
  });
}

/** A browser whose login ended so once is never let in again. */
function once(isEnd: (answer: URLSearchParams) => boolean): Defect {
  return remember((policy) => {
    const ended = new Set<string>();
    return {
      recallLogin: (answer, browser, logins) => {
        const login = policy.recallLogin(answer, browser, logins);
        if (login !== undefined && isEnd(answer)) ended.add(login.browser);
        return login;
      },
      around: (site) => async (ctx, next) => {
        const isShutOut = [...ended].some((browser) =>
          ctx.get('cookie').includes(`${site.cookies.browser}=${browser}`),
        );
        if (ctx.path !== '/emta/start' || !isShutOut) return policy.around(site)(ctx, next);
        ctx.redirect('/ended/refused');
      },
    };
  });
}
