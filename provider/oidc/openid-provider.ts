import type { AccountClaims, Configuration, KoaContextWithOIDC, Provider as OpenIdProvider } from 'oidc-provider';
import { scopeClaims } from '../claims/index.ts';
import type { SigningKey } from '../faults/tamper.ts';
import type { Store } from '../kernel/ports.ts';
import { adapterFor } from './adapter.ts';
import { allScopes, type ClientRegistry } from './clients.ts';
import { errors, interactionPolicy, Provider } from './library.ts';
import type { Login, Logins } from './logins.ts';
import { isRelaxed, type Relaxation } from './strictness.ts';

/** Levels of assurance: the number is theirs to use; it is also theirs in the register, and so is the identity. */
export const acrValues = ['urn:emta:loa:mobile', 'urn:emta:loa:identity'] as const;

export interface OpenIdProviderOptions {
  readonly issuer: string;
  readonly store: Store;
  readonly clients: ClientRegistry;
  readonly logins: Logins;
  readonly key: SigningKey;
  readonly cookieKeys: readonly string[];
  readonly relaxed: readonly Relaxation[];
  /** Puts the claims into the ID token too. */
  readonly claimsInIdToken: boolean;
  /** Anybody may register a client. */
  readonly dynamicRegistration: boolean;
  /** A browser that signed in before need not do so again. */
  readonly rememberLogin: boolean;
  /** A client that was granted before is not asked about again. */
  readonly rememberConsent: boolean;
  /** Starts the journey of an interaction and answers its path. */
  readonly startJourney: (ctx: KoaContextWithOIDC, interaction: StartedInteraction) => Promise<string>;
  readonly claimsOf: (login: Login, scopes: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
  readonly renderError: (
    ctx: KoaContextWithOIDC,
    out: { readonly error: string; readonly error_description?: string | undefined },
    error: Error,
  ) => Promise<void>;
}

export interface StartedInteraction {
  readonly uid: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** oidc-provider, set to speak as Emta does (design: section 3). Both faces share it. */
export function createOpenIdProvider(options: OpenIdProviderOptions): OpenIdProvider {
  const { store, clients, logins, relaxed } = options;
  const configuration = {
    adapter: (model: string) => adapterFor(model, store, clients),
    acrValues: [...acrValues],
    claims: Object.fromEntries(
      [['openid', ['sub']], ...Object.entries(scopeClaims)].map(([scope, names]) => [
        scope,
        [...(names as readonly string[])],
      ]),
    ),
    scopes: [...allScopes],
    clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
    clientBasedCORS: () => true,
    conformIdTokenClaims: !options.claimsInIdToken,
    cookies: {
      // Ports do not separate cookies: a relying party on the same host shares the jar, so every name says whose it is.
      names: { session: 'emta_session', interaction: 'emta_interaction', resume: 'emta_resume' },
      keys: [...options.cookieKeys],
      short: { signed: true, httpOnly: true, sameSite: 'lax', overwrite: true },
      long: { signed: true, httpOnly: true, sameSite: 'lax', overwrite: true },
    },
    expiresWithSession: () => false,
    extraParams: { emta: checkRequest },
    features: {
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: options.dynamicRegistration },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: true },
      userinfo: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    findAccount: async (ctx, sub, token) => {
      const grantId = token && 'grantId' in token ? token.grantId : ctx.oidc.result?.consent?.grantId;
      const login = (grantId && (await logins.byGrant(grantId))) || (await logins.bySub(sub));
      if (!login || login.sub !== sub) return undefined;
      return {
        accountId: sub,
        claims: async (_use: string, scope: string) =>
          ({ sub, ...(await options.claimsOf(login, scope.split(' '))) }) as AccountClaims,
      };
    },
    interactions: {
      policy: policy(options),
      url: (ctx, interaction) => options.startJourney(ctx, interaction),
    },
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    jwks: { keys: [options.key.privateJwk] },
    loadExistingGrant: async (ctx) => {
      const { client, provider, result, session } = ctx.oidc;
      const remembered = options.rememberConsent && client && session ? session.grantIdFor(client.clientId) : undefined;
      const grantId = result?.consent?.grantId ?? remembered;
      return grantId ? provider.Grant.find(grantId) : undefined;
    },
    pairwiseIdentifier: async (_ctx, accountId, client) => logins.subOf(`${client.sectorIdentifier}:${accountId}`),
    pkce: { required: () => false },
    renderError: options.renderError,
    responseTypes: ['code'],
    rotateRefreshToken: true,
    routes: {
      authorization: '/oauth/authorize',
      end_session: '/oauth/logout',
      introspection: '/service/v1/oauth/introspect',
      jwks: '/oauth/jwks',
      pushed_authorization_request: '/oauth/par',
      registration: '/oauth/register',
      revocation: '/service/v1/oauth/revoke',
      token: '/service/v1/oauth/token',
      userinfo: '/service/v1/oauth/userinfo',
    },
    subjectTypes: ['public', 'pairwise'],
    ttl: {
      AccessToken: 15 * MINUTE,
      AuthorizationCode: MINUTE,
      Grant: DAY,
      IdToken: 15 * MINUTE,
      // The journey has a shorter life of its own; its expired page needs the interaction.
      Interaction: 2 * HOUR,
      RefreshToken: DAY,
      Session: DAY,
    },
  } satisfies Configuration;

  const provider = new Provider(options.issuer, configuration);
  if (!options.rememberLogin) {
    // Each authorization request is a journey of its own, so nothing of it stays in the browser.
    provider.on('authorization.success', (ctx) => {
      const { session } = ctx.oidc;
      if (!session) return;
      delete session.accountId;
      delete session.loginTs;
      delete session.authorizations;
    });
  }
  return provider;

  /** Runs after oidc-provider's own checks of a request, so that an error can go to the relying party. */
  async function checkRequest(ctx: KoaContextWithOIDC): Promise<void> {
    const { params, client } = ctx.oidc;
    if (!params || !client) return;
    const registered = await clients.find(client.clientId);
    const off = (check: Relaxation) => isRelaxed(check, relaxed, registered);
    // As it was asked for: oidc-provider leaves out what it does not know, and says nothing.
    const sent = ctx.oidc.body?.scope ?? ctx.query.scope ?? params.scope;
    const asked = String(sent ?? '')
      .split(' ')
      .filter(Boolean);
    const allowed = new Set((client.scope ?? allScopes.join(' ')).split(' '));
    const unknown = asked.find((scope) => !allowed.has(scope));
    if (unknown !== undefined && !off('scope')) {
      throw new errors.InvalidScope('requested scope is unknown or not registered for this client', unknown);
    }
    const isBound = ['state', 'nonce', 'code_challenge'].some((name) => Boolean(params[name]));
    if (!isBound && !off('request-binding')) {
      // RFC 9700 2.1: one of the three must bind the answer to the browser, or it can be forged.
      throw new errors.InvalidRequest('expected at least one of state, nonce and code_challenge, got none');
    }
  }
}

function policy({ rememberLogin }: OpenIdProviderOptions) {
  const prompts = interactionPolicy.base();
  const { Check } = interactionPolicy;
  if (!rememberLogin) {
    prompts
      .get('login')
      ?.checks.add(
        new Check(
          'journey',
          'every request is a journey of its own',
          'login_required',
          (ctx) => !ctx.oidc.result?.login,
        ),
      );
  }
  return prompts;
}
