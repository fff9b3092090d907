import type { AccountClaims, Configuration, KoaContextWithOIDC, Provider as OpenIdProvider } from 'oidc-provider';
import { scopeClaims, scopesOpening } from '../claims/index.ts';
import type { SigningKey } from '../faults/tamper.ts';
import type { CookieSigner } from '../kernel/cookie-signer.ts';
import type { Store } from '../kernel/ports.ts';
import { adapterFor } from './adapter.ts';
import { allScopes, type ClientRegistry } from './clients.ts';
import { acrValues } from './levels.ts';
import { errors, interactionPolicy, Provider } from './library.ts';
import type { Login, Logins } from './logins.ts';
import { requestChecks } from './request-checks.ts';
import type { Relaxation } from './strictness.ts';
import type { UsedOnce } from './used-once.ts';

export interface OpenIdProviderOptions {
  readonly issuer: string;
  readonly store: Store;
  readonly clients: ClientRegistry;
  readonly logins: Logins;
  readonly usedOnce: UsedOnce;
  readonly key: SigningKey;
  readonly cookieSigner: CookieSigner;
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
  /** The page that asks whether to sign out, or says that it is done. */
  readonly renderLogout: (ctx: KoaContextWithOIDC, what: 'asks' | 'done') => Promise<void>;
  readonly renderError: (
    ctx: KoaContextWithOIDC,
    out: { readonly error: string; readonly error_description?: string | undefined },
    error: Error,
  ) => Promise<void>;
}

export interface StartedInteraction {
  readonly uid: string;
  /** `consent` where who it is about is known from before. */
  readonly prompt: { readonly name: string };
  readonly session?: { readonly accountId?: string | undefined } | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** oidc-provider, set to speak as Emta does (design: section 3). Both faces share it. */
export function createOpenIdProvider(options: OpenIdProviderOptions): OpenIdProvider {
  const { store, clients, logins, usedOnce, relaxed } = options;
  const configuration = {
    adapter: (model: string) => adapterFor(model, { store, clients, usedOnce, relaxed }),
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
      short: { signed: true, httpOnly: true, sameSite: 'lax', overwrite: true },
      long: { signed: true, httpOnly: true, sameSite: 'lax', overwrite: true },
    },
    discovery: { ui_locales_supported: ['fa', 'en'] },
    expiresWithSession: () => false,
    extraParams: { emta: requestChecks({ clients, relaxed }) },
    features: {
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: options.dynamicRegistration },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => options.renderLogout(ctx, 'asks'),
        postLogoutSuccessSource: (ctx) => options.renderLogout(ctx, 'done'),
      },
      userinfo: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    findAccount: async (ctx, sub, token) => {
      const grantId = token && 'grantId' in token ? token.grantId : ctx.oidc.result?.consent?.grantId;
      const login = (grantId && (await logins.byGrant(grantId))) || (await logins.bySub(sub));
      if (!login || login.sub !== sub) return undefined;
      return {
        accountId: sub,
        claims: async (_use, scope, single) =>
          ({
            sub,
            ...(await options.claimsOf(login, [...scope.split(' '), ...scopesOpening(Object.keys(single))])),
          }) as AccountClaims,
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
    pairwiseIdentifier: async (_ctx, accountId, client) =>
      logins.pairwiseSubOf(accountId, String(client.sectorIdentifier)),
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
  provider.keys = options.cookieSigner;
  provider.use(async (plain, next) => {
    await next();
    const ctx = plain as unknown as KoaContextWithOIDC;
    if (ctx.oidc?.route !== 'end_session' || ctx.status !== 200 || ctx.oidc.session?.accountId) return;
    // Nobody is signed in, so there is nothing to ask.
    const { post_logout_redirect_uri: back, state } = ctx.oidc.params ?? {};
    if (typeof back !== 'string') return options.renderLogout(ctx, 'done');
    const address = new URL(back);
    if (typeof state === 'string') address.searchParams.set('state', state);
    ctx.status = 303;
    ctx.redirect(address.href);
    ctx.body = '';
  });
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
}

/** Who signed in may not be who was asked for; asking again would never end. */
const AFTER_LOGIN = {
  id_token_hint: errors.LoginRequired,
  claims_id_token_sub_value: errors.LoginRequired,
  essential_acr: errors.UnmetAuthenticationRequirements,
  essential_acrs: errors.UnmetAuthenticationRequirements,
} as const;

function policy({ rememberLogin }: OpenIdProviderOptions) {
  const prompts = interactionPolicy.base();
  const { Check } = interactionPolicy;
  for (const [reason, Refusal] of Object.entries(AFTER_LOGIN)) {
    const known = prompts.get('login')?.checks.get(reason);
    if (!known) throw new TypeError(`expected oidc-provider to have a check "${reason}"`);
    const isUnmet = known.check;
    known.check = async (ctx) => {
      const unmet = await isUnmet(ctx);
      if (unmet && ctx.oidc.result?.login) throw new Refusal(known.description);
      return unmet;
    };
  }
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
