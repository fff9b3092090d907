import type { Middleware } from 'koa';
import type { AuthorizationAnswer } from '../faults/tamper.ts';
import { errorKinds, isEmtaError } from '../kernel/errors.ts';
import type { Log, Random } from '../kernel/ports.ts';
import { type ClientRegistry, clientName } from '../oidc/clients.ts';
import { languageOf } from '../oidc/language.ts';
import type { KoaContextWithOIDC } from '../oidc/library.ts';
import type { Lang, MessageKey } from './pages.ts';
import type { Renderer } from './render.ts';
import { showPage } from './show.ts';

interface PagePorts {
  readonly render: Renderer;
  readonly clients: ClientRegistry;
  /** Whether pages tell developers what was wrong. */
  readonly tellsDevelopers: boolean;
  /** Address of the journey with this id, where it has ended. */
  readonly endedJourney: (uid: string) => Promise<string | undefined>;
}

/** The page for a request that may not be answered by a redirect: unknown client, wrong redirect URI, lost journey. */
export function errorRenderer({ render, tellsDevelopers, endedJourney }: Omit<PagePorts, 'clients'>) {
  return async (
    ctx: KoaContextWithOIDC,
    out: { readonly error: string; readonly error_description?: string | undefined },
  ): Promise<void> => {
    // A browser that asks for its answer twice finds the request gone, but its journey knows what the answer was.
    // Where this end failed, nothing is gone: reloading asks for the answer again.
    const isGone = ctx.oidc.route === 'resume' && ctx.status < 500;
    const ended = isGone ? await endedJourney(String(ctx.params.uid)) : undefined;
    if (ended) {
      ctx.status = 303;
      ctx.redirect(ended);
      return;
    }
    showPage(ctx, render, {
      lang: languageOf(ctx.oidc.params?.ui_locales ?? ctx.query.ui_locales),
      name: 'emta/error',
      model: {
        reason: ctx.status < 500 ? 'bad_request' : 'internal',
        title: { key: 'emta.error.title' },
        message: { key: messageFor(ctx.status) },
        actions: [],
        ...(tellsDevelopers && { detail: detailOf(ctx, out) }),
      },
    });
  };
}

/** What an error that is never sent to the relying party blames. */
const blamed: Readonly<Record<string, 'client_id' | 'redirect_uri'>> = {
  invalid_client: 'client_id',
  invalid_redirect_uri: 'redirect_uri',
};

/** The error with the parameter it blames and what came in it, for developers. */
function detailOf(
  ctx: KoaContextWithOIDC,
  {
    error,
    error_description: description,
  }: { readonly error: string; readonly error_description?: string | undefined },
): string {
  const told = [error, description].filter(Boolean).join(': ');
  const name = blamed[error];
  const came = name && ctx.oidc.params?.[name];
  if (name === undefined) return told;
  return `${told}; expected "${name}" as it is registered, got ${typeof came === 'string' ? `"${came}"` : 'none'}`;
}

/** The page that carries an answer by POST, or that keeps the citizen at Emta with a link to the site's own address. */
export function answerRenderer({ render, clients }: Pick<PagePorts, 'render' | 'clients'>) {
  return async (
    ctx: KoaContextWithOIDC,
    { mode, redirectUri, params }: AuthorizationAnswer,
    lang: Lang,
  ): Promise<void> => {
    const clientId = ctx.oidc.client?.clientId ?? String(ctx.oidc.params?.client_id ?? '');
    const registered = await clients.find(clientId);
    const client = registered ? clientName(registered, lang) : clientId;
    if (mode === 'form_post') {
      const key = params.has('code') ? 'emta.return.granted' : 'emta.return.refused';
      const fields = [...params].map(([name, value]) => ({ name, value }));
      const model = { message: { key, params: { client } }, client, action: redirectUri, fields } as const;
      return showPage(ctx, render, { lang, name: 'emta/return', model });
    }
    showPage(ctx, render, {
      lang,
      name: 'emta/error',
      model: {
        reason: 'stays',
        title: { key: 'emta.error.title' },
        message: { key: 'emta.error.ownership' },
        actions: [],
        exit: { kind: 'link', client, href: registered?.client_uri ?? `${new URL(redirectUri).origin}/` },
      },
    });
  };
}

/** Turns whatever was thrown into a page or JSON with a reference, and notes it under that reference. */
export function lastResort({ render, log, random }: { render: Renderer; log: Log; random: Random }): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.req.destroyed && isHangUp(error)) {
        // Nobody is left to be answered, and this end did not fail.
        ctx.respond = false;
        return;
      }
      const trace = random.id().slice(0, 10);
      const status = statusOf(error);
      ctx.status = status;
      if (status >= 500) log.error({ err: error, trace, path: ctx.path }, 'a request failed');
      if (status === 503) ctx.set('Retry-After', '1');
      if (ctx.accepts('html', 'json') === 'json' || ctx.path.startsWith('/_emta/v1')) {
        ctx.body = {
          error: status < 500 ? 'bad_request' : isEmtaError(error) ? error.code : 'internal',
          message: status < 500 ? String((error as Error).message) : summaryOf(error),
          trace,
        };
        return;
      }
      showPage(ctx, render, {
        lang: 'fa',
        name: 'emta/error',
        model: {
          reason: status < 500 ? 'bad_request' : 'internal',
          title: { key: 'emta.error.title' },
          message: { key: messageFor(status) },
          actions: [],
          trace,
        },
      });
    }
  };
}

function messageFor(status: number): MessageKey {
  if (status === 503) return 'emta.error.registry_down';
  return status < 500 ? 'emta.error.bad_request' : 'emta.error.internal';
}

/** What strangers may know; the rest is in the log. */
function summaryOf(error: unknown): string {
  return isEmtaError(error) ? errorKinds[error.code].summary : 'internal error';
}

/** Codes of zlib: a body that is not what its Content-Encoding says. */
const UNPACKING = /^(Z_|ERR__ERROR_|ERR_BROTLI_)/;

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function isHangUp(error: unknown): boolean {
  return ['ECONNRESET', 'ECONNABORTED'].includes(codeOf(error));
}

function statusOf(error: unknown): number {
  if (isEmtaError(error)) return error.status;
  if (UNPACKING.test(codeOf(error))) return 400;
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
}
