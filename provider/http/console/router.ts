import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Random } from '../../kernel/ports.ts';
import type { ControlPorts } from '../control/ports.ts';
import { operationRunner } from '../control/run-operation.ts';
import { foreignHost, foreignOrigin, type Guard } from '../friends.ts';
import type { Renderer } from '../render.ts';
import { citizenPages } from './citizens.ts';
import { clientPages } from './clients.ts';
import { faultPages } from './faults.ts';
import { eventStream, type Feed } from './feed.ts';
import { instancePages } from './instance.ts';
import { type ConsolePorts, createKit } from './kit.ts';
import { livePages } from './live.ts';
import { numberPages } from './numbers.ts';
import type { SignInPage } from './pages.ts';
import { phonePages } from './phone.ts';
import { createSessions } from './session.ts';

export interface ConsoleOptions {
  readonly control: ControlPorts;
  readonly feed: Feed;
  readonly render: Renderer;
  readonly guard: Guard;
  /** The same for every process. */
  readonly secret: string;
  readonly random: Random;
  readonly publishedKeys: ConsolePorts['publishedKeys'];
}

export interface Console {
  readonly router: Router;
  /** Ends the streams of open pages, which would keep the server up. */
  close(): void;
}

/** The developer's pages under `/_emta/`. Their forms do what the control interface does, under the same guard. */
export function createConsole(options: ConsoleOptions): Console {
  const { control, feed, render, guard, secret, random, publishedKeys } = options;
  const address = new URL(control.issuer);
  const home = `${address.pathname.replace(/\/$/, '')}/_emta/`;
  const token = guard.token;
  const sessions = createSessions({
    secret,
    random,
    path: home,
    port: address.port,
    ...(token !== undefined && { token }),
  });
  const streams = new AbortController();
  const router = new Router({ strict: true });
  const kit = createKit(router, {
    control,
    feed,
    render,
    run: operationRunner(control),
    sessions,
    guard,
    home,
    publishedKeys,
  });

  // Without the slash at its end the links of the page would lead elsewhere.
  router.get('/_emta', (ctx) => ctx.redirect(home));
  livePages(kit);
  phonePages(kit);
  citizenPages(kit);
  numberPages(kit);
  clientPages(kit);
  faultPages(kit);
  instancePages(kit);

  router.get('/_emta/events', (ctx) => {
    const stranger = foreignHost(ctx, guard) ?? foreignOrigin(ctx);
    if (stranger || !sessions.of(ctx).isFriend) {
      ctx.status = stranger?.status ?? 401;
      return;
    }
    const from = Number(ctx.get('last-event-id') || ctx.query.after || 0);
    const gone = new AbortController();
    ctx.req.once('close', () => gone.abort());
    ctx.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
    const signal = AbortSignal.any([gone.signal, streams.signal]);
    ctx.body = Readable.from(eventStream(feed, Number.isSafeInteger(from) && from > 0 ? from : 0, signal));
  });

  router.get('/_emta/sign-in', (ctx) => {
    const session = sessions.of(ctx);
    if (session.isFriend) return ctx.redirect(home);
    ctx.type = 'html';
    ctx.set('Referrer-Policy', 'same-origin');
    ctx.body = render.page('console/sign-in', session.lang, signInPage(session.csrf, session.lang, false));
  });

  router.post('/_emta/sign-in', (ctx) => {
    const stranger = foreignHost(ctx, guard) ?? foreignOrigin(ctx);
    const { body } = ctx.request as { readonly body?: Readonly<Record<string, unknown>> };
    if (stranger || !sessions.isOwnForm(ctx, String(body?.csrf ?? ''))) {
      ctx.status = 403;
      return;
    }
    if (sessions.signIn(ctx, String(body?.token ?? ''))) {
      ctx.status = 303;
      ctx.redirect(home);
      ctx.body = '';
      return;
    }
    const session = sessions.of(ctx);
    ctx.status = 401;
    ctx.type = 'html';
    ctx.set('Referrer-Policy', 'same-origin');
    ctx.body = render.page('console/sign-in', session.lang, signInPage(session.csrf, session.lang, true));
  });

  return { router, close: () => streams.abort() };

  function signInPage(csrf: string, lang: 'fa' | 'en', isWrong: boolean): SignInPage {
    return {
      csrf,
      action: `${home}sign-in`,
      otherLanguage: `${home}sign-in?lang=${lang === 'fa' ? 'en' : 'fa'}`,
      isWrong,
    };
  }
}
