import { languageOf } from '../oidc/language.ts';
import type { KoaContextWithOIDC } from '../oidc/library.ts';
import type { Renderer } from './render.ts';
import { showPage } from './show.ts';

/** Pages of RP-initiated logout: the question, and that it is done. */
export function logoutRenderer({ render }: { readonly render: Renderer }) {
  return async (ctx: KoaContextWithOIDC, what: 'asks' | 'done'): Promise<void> => {
    const lang = languageOf(ctx.oidc.params?.ui_locales);
    const action = ctx.oidc.urlFor('end_session_confirm');
    const xsrf = String(ctx.oidc.session?.state?.secret ?? '');
    showPage(ctx, render, { lang, name: 'emta/logout', model: what === 'asks' ? { form: { action, xsrf } } : {} });
  };
}
