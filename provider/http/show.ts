import type { Context } from 'koa';
import { setPageHeaders } from './headers.ts';
import type { Lang, Pages } from './pages.ts';
import type { Renderer } from './render.ts';

/** Answers with a page, in a language and with all that pages tell browsers about themselves. */
export function showPage<Name extends keyof Pages>(
  ctx: Pick<Context, 'res' | 'type' | 'body' | 'set'>,
  render: Renderer,
  { lang, name, model }: { readonly lang: Lang; readonly name: Name; readonly model: Pages[Name] },
): void {
  setPageHeaders(ctx);
  ctx.set('Content-Language', lang);
  ctx.type = 'html';
  ctx.body = render.page(name, lang, model);
}
