import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from './clients.ts';
import { isRelaxed, type Relaxation } from './strictness.ts';

interface Refusal {
  readonly status: 400 | 401;
  readonly error: 'invalid_client' | 'invalid_grant';
  readonly description: string;
}

type Form = Readonly<Record<string, unknown>>;

/** What oidc-provider calls `invalid_request` and RFC 6749 5.2 does not, by its description. */
const CODES: Readonly<Record<string, { readonly status: number; readonly error: string }>> = {
  'no client authentication mechanism provided': { status: 401, error: 'invalid_client' },
  'requested grant type is not allowed for this client': { status: 400, error: 'unauthorized_client' },
};

/** Gives a refusal the code that the standard has for it. */
export function nameByTheStandard(ctx: KoaContextWithOIDC): void {
  const body = ctx.body as { readonly error_description?: string } | null | undefined;
  const standard = ctx.status === 400 ? CODES[body?.error_description ?? ''] : undefined;
  if (!standard) return;
  ctx.status = standard.status;
  ctx.body = { ...body, error: standard.error };
}

/**
 * What oidc-provider lets pass and Emta does not. It is seen once the answer is made, so the answer is taken back, with
 * all tokens of its grant.
 */
export async function takeBackLenientAnswer(
  ctx: KoaContextWithOIDC,
  {
    client,
    form,
    relaxed,
  }: { readonly client: Client | undefined; readonly form: Form; readonly relaxed: readonly Relaxation[] },
): Promise<void> {
  if (ctx.status >= 300 || !client) return;
  const refusal =
    (isRelaxed('client-auth-method', relaxed, client) ? undefined : wrongMethod(ctx, client, form)) ??
    (isRelaxed('redirect-uri', relaxed, client) ? undefined : missingRedirectUri(form));
  if (!refusal) return;
  const grantId = ctx.oidc.entities.Grant?.jti;
  if (grantId) {
    const { AccessToken, RefreshToken } = ctx.oidc.provider;
    await Promise.all([AccessToken.revokeByGrantId(grantId), RefreshToken.revokeByGrantId(grantId)]);
  }
  ctx.status = refusal.status;
  ctx.body = { error: refusal.error, error_description: refusal.description };
}

/** OIDC Registration 2: a client authenticates by the one method it registered; oidc-provider takes either way of a secret. */
function wrongMethod(ctx: KoaContextWithOIDC, client: Client, form: Form): Refusal | undefined {
  const inForm = form.client_secret ? 'client_secret_post' : undefined;
  const used = ctx.get('authorization') ? 'client_secret_basic' : inForm;
  return used === undefined || used === client.token_endpoint_auth_method
    ? undefined
    : { status: 401, error: 'invalid_client', description: 'client authentication failed' };
}

/** RFC 6749 4.1.3: what the authorization request named, the token request repeats. */
function missingRedirectUri({ grant_type, redirect_uri }: Form): Refusal | undefined {
  return grant_type === 'authorization_code' && !redirect_uri
    ? { status: 400, error: 'invalid_grant', description: 'grant request is invalid' }
    : undefined;
}
