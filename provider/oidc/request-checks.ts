import type { KoaContextWithOIDC } from 'oidc-provider';
import { allScopes, type ClientRegistry } from './clients.ts';
import { needsUnknownLevel } from './levels.ts';
import { errors } from './library.ts';
import { isRelaxed, type Relaxation } from './strictness.ts';

/** The way of an answer that Emta knows. */
export const responseModes = ['query', 'form_post'] as const;

/** What Emta asks of an authorization request beyond oidc-provider's own checks; refusals go to the relying party. */
export function requestChecks({
  clients,
  relaxed,
}: {
  readonly clients: ClientRegistry;
  readonly relaxed: readonly Relaxation[];
}): (ctx: KoaContextWithOIDC) => Promise<void> {
  return async function checkRequest(ctx) {
    const { params, client } = ctx.oidc;
    if (!params || !client) return;
    const registered = await clients.find(client.clientId);
    const off = (check: Relaxation) => isRelaxed(check, relaxed, registered);

    if (!sentBy(ctx).redirect_uri && !sentBy(ctx).request_uri && !off('redirect-uri')) {
      throw new errors.InvalidRedirectUri();
    }
    if (params.response_mode && !responseModes.some((mode) => mode === params.response_mode)) {
      throw new errors.UnsupportedResponseMode();
    }
    const unknown = unknownScope(ctx);
    if (unknown !== undefined && !off('scope')) {
      throw new errors.InvalidScope('requested scope is unknown', unknown);
    }
    const isBound = ['state', 'nonce', 'code_challenge'].some((name) => Boolean(params[name]));
    if (!isBound && !off('request-binding')) {
      // RFC 9700 2.1: one of the three must bind the answer to the browser, or it can be forged.
      throw new errors.InvalidRequest('expected at least one of state, nonce and code_challenge, got none');
    }
    if (client.clientAuthMethod === 'none' && !params.code_challenge && !off('pkce')) {
      throw new errors.InvalidRequest('expected code_challenge of a client without a secret, got none');
    }
    if (needsUnknownLevel(params)) {
      throw new errors.UnmetAuthenticationRequirements('none of the required acr values can be reached');
    }
  };
}

/** The first scope as sent that Emta does not have; oidc-provider drops these from its own parameters. */
function unknownScope(ctx: KoaContextWithOIDC): string | undefined {
  return String(sentBy(ctx).scope ?? '')
    .split(' ')
    .find((scope) => scope !== '' && !(allScopes as readonly string[]).includes(scope));
}

function sentBy(ctx: KoaContextWithOIDC): Readonly<Record<string, unknown>> {
  return { ...(ctx.method === 'POST' ? ctx.oidc.body : ctx.query) };
}
