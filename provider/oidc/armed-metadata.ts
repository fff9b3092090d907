import { createHash } from 'node:crypto';
import type { KoaContextWithOIDC, Provider as OpenIdProvider } from 'oidc-provider';
import type { Arming } from '../faults/arming.ts';
import { movedTokenPath } from '../faults/metadata.ts';
import { Provider } from './library.ts';

const TOKEN_PATH = '/service/v1/oauth/token';
const REQUEST_PATHS = ['/oauth/authorize', '/oauth/par'];
const PLAIN_OFFERED = ['discovery.s256_and_plain', 'discovery.plain_only'];

type Params = NonNullable<KoaContextWithOIDC['oidc']['params']>;

/**
 * Keeps what tampered metadata promise: the moved token endpoint answers, and PKCE by `plain` works, as long as the
 * fault that says so is armed. oidc-provider knows neither.
 */
export function honourArmedMetadata(
  provider: OpenIdProvider,
  { issuer, arming }: { readonly issuer: string; readonly arming: Pick<Arming, 'find'> },
): void {
  const isArmed = async (...ids: readonly string[]) =>
    (await arming.find('discovery', {})).some(({ fault }) => ids.includes(fault));
  const takesPlain = new WeakSet<object>();
  const isMoved = new WeakSet<object>();
  const isNoted = (requests: WeakSet<object>) => Provider.ctx !== undefined && requests.has(Provider.ctx.req);

  provider.use(async (ctx, next) => {
    if (ctx.path === movedTokenPath && (await isArmed('discovery.token_endpoint_moved'))) {
      ctx.path = TOKEN_PATH;
      isMoved.add(ctx.req);
    } else if (REQUEST_PATHS.includes(ctx.path) && (await isArmed(...PLAIN_OFFERED))) {
      takesPlain.add(ctx.req);
    }
    await next();
  });

  // Parameters come by query, by form and by pushed request; all pass here once they are read.
  const assembled = new WeakMap<object, Params | undefined>();
  const { prototype } = provider.OIDCContext;
  Object.defineProperty(prototype, 'params', {
    configurable: true,
    get(this: KoaContextWithOIDC['oidc']) {
      return assembled.get(this);
    },
    set(this: KoaContextWithOIDC['oidc'], params: Params | undefined) {
      if (params && isNoted(takesPlain)) hashPlainChallenge(params);
      assembled.set(this, params);
    },
  });

  const audienceOf = prototype.clientJwtAuthExpectedAudience;
  prototype.clientJwtAuthExpectedAudience = function (this: KoaContextWithOIDC['oidc']) {
    const audience = audienceOf.call(this);
    return isNoted(isMoved) ? new Set([...audience, `${issuer}${movedTokenPath}`]) : audience;
  };
}

/**
 * RFC 7636 4.2, 4.3: by `plain`, the default, the challenge is the verifier. So S256 of the challenge is what S256 of
 * the verifier has to match.
 */
function hashPlainChallenge(params: Params): void {
  const { code_challenge: challenge, code_challenge_method: method = 'plain' } = params;
  if (typeof challenge !== 'string' || method !== 'plain') return;
  params.code_challenge = createHash('sha256').update(challenge).digest('base64url');
  params.code_challenge_method = 'S256';
}
