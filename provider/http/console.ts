import Router from '@koa/router';
import { nationalForm, parseMobile } from '../registry/mobile.ts';
import type { Message, Outbox } from '../sms/outbox.ts';
import type { Lang, PhonePage } from './pages.ts';
import type { Renderer } from './render.ts';

export interface ConsolePorts {
  readonly outbox: Outbox;
  readonly render: Renderer;
  readonly basePath: string;
}

/** The developer's pages under `/_emta/`. */
export function consoleRouter({ outbox, render, basePath }: ConsolePorts): Router {
  const router = new Router();
  const home = `${basePath}/_emta/`;

  // Without the slash at its end the links of the page would lead elsewhere.
  router.get('/_emta', (ctx, next) => (ctx.path.endsWith('/') ? next() : ctx.redirect(home)));
  router.get('/_emta/', async (ctx) => {
    const lang: Lang = ctx.query.lang === 'en' ? 'en' : 'fa';
    const typed = String(ctx.query.mobile ?? '');
    const mobile = parseMobile(typed);
    const messages = await outbox.list(mobile.ok ? mobile.value : undefined);
    const address = (number: string, language: Lang) =>
      `${home}?${new URLSearchParams({ ...(number && { mobile: number }), ...(language === 'en' && { lang: 'en' }) })}`;
    const model: PhonePage = {
      reload: address(typed, lang),
      all: address('', lang),
      mobile: typed,
      otherLanguage: address(typed, lang === 'fa' ? 'en' : 'fa'),
      phones: byNumber(messages).map(([to, found]) => ({
        mobile: nationalForm(to),
        href: address(nationalForm(to), lang),
        messages: found,
      })),
    };
    ctx.type = 'html';
    ctx.body = render.page('console/phone', lang, model);
  });
  return router;
}

/** Numbers with their messages, the newest first. */
function byNumber(messages: readonly Message[]): readonly (readonly [Message['to'], readonly Message[]])[] {
  const phones = new Map<Message['to'], Message[]>();
  for (const message of [...messages].reverse()) {
    phones.set(message.to, [...(phones.get(message.to) ?? []), message]);
  }
  return [...phones];
}
