import type { Context } from 'koa';
import type { ClientRegistry } from '../oidc/clients.ts';
import type { KoaContextWithOIDC } from '../oidc/library.ts';
import { pageHeaders } from './headers.ts';
import type { Renderer } from './render.ts';

/** Pages of RP-initiated logout: the question, the way on for who is not signed in, and that it is done. */
export function logoutRenderer({ render, clients }: { readonly render: Renderer; readonly clients: ClientRegistry }) {
  return async (ctx: KoaContextWithOIDC, what: 'asks' | 'passes' | 'done'): Promise<void> => {
    await pageHeaders(ctx as unknown as Context, async () => undefined);
    ctx.type = 'html';
    ctx.body = await pageOf(ctx, what);
  };

  async function pageOf(ctx: KoaContextWithOIDC, what: 'asks' | 'passes' | 'done'): Promise<string> {
    if (what === 'done') return render.page('emta/logout', 'fa', {});
    const action = ctx.oidc.urlFor('end_session_confirm');
    const xsrf = String(ctx.oidc.session?.state?.secret ?? '');
    if (what === 'asks') return render.page('emta/logout', 'fa', { form: { action, xsrf } });
    const clientId = ctx.oidc.client?.clientId ?? '';
    return render.page('emta/return', 'fa', {
      message: { key: 'emta.logout.done' },
      client: (await clients.find(clientId))?.client_name ?? clientId,
      action,
      fields: [
        { name: 'xsrf', value: xsrf },
        { name: 'logout', value: 'yes' },
      ],
    });
  }
}
