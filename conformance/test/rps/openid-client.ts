import type { Request } from 'express';
import * as oidc from 'openid-client';
import { endOf, LoginEnded, type Person, personOfClaims } from './identity.ts';
import { backChannelSeconds, oidcScope, type RelyingPartyKind, type RelyingPartyOptions } from './relying-party.ts';
import { answerUrl, createShop, recall, remember, type Shop, signIn, useSession } from './shop.ts';

/** As short as the library allows; `enableNonRepudiationChecks` makes it check the ID token's signature. */
export const openidClient: RelyingPartyKind = {
  id: 'openid-client',
  what: 'openid-client 6 with state, nonce, PKCE and its non-repudiation checks',
  face: 'oidc',
  correct: true,
  start,
};

async function start(options: RelyingPartyOptions) {
  const shop = await createShop(options);
  const session = useSession(shop);
  const logins = createLogins(shop, options);
  shop.app.get('/login', async (request, response) => response.redirect(303, (await logins.begin(request)).href));
  shop.app.get('/callback', async (request, response) => {
    await signIn(shop, request, response, await logins.complete(request, answerUrl(shop, request)));
  });

  return shop.open({ ...session, kind: openidClient, authMethod: 'client_secret_post' });
}

/** Logins with the library, whatever pages stand around them. */
export function createLogins(shop: Shop, { issuer, clientId, clientSecret }: RelyingPartyOptions) {
  const execute = [oidc.enableNonRepudiationChecks];
  if (new URL(issuer).protocol === 'http:') execute.push(oidc.allowInsecureRequests);
  let known: oidc.Configuration | undefined;

  /** Asked for anew at each login; keys are kept with the configuration, so it stays while nothing changed. */
  const configuration = async (): Promise<oidc.Configuration> => {
    const method = oidc.ClientSecretPost(clientSecret);
    const options = { execute, timeout: backChannelSeconds };
    const fresh = await oidc.discovery(new URL(issuer), clientId, undefined, method, options);
    const same = JSON.stringify(known?.serverMetadata()) === JSON.stringify(fresh.serverMetadata());
    if (known === undefined || !same) known = fresh;
    return known;
  };

  return {
    /** Remembers the login and answers where to send the browser. */
    async begin(request: Request): Promise<URL> {
      const config = await configuration().catch((cause: unknown) => {
        throw new LoginEnded('unavailable', { cause });
      });
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const verifier = oidc.randomPKCECodeVerifier();
      remember(request, state, { nonce, verifier });
      return oidc.buildAuthorizationUrl(config, {
        redirect_uri: shop.callbackUrl,
        scope: oidcScope,
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
    },

    /** Answers who came back to `url`. */
    async complete(request: Request, url: URL): Promise<Person> {
      const { state, login } = recall(request);
      const config = known ?? (await configuration());
      const silent = !url.searchParams.has('code') && !url.searchParams.has('error');
      if (silent) throw new LoginEnded('refused');
      const checks = {
        expectedState: state,
        expectedNonce: login.nonce ?? '',
        pkceCodeVerifier: login.verifier ?? '',
        idTokenExpected: true,
      };
      const tokens = await oidc.authorizationCodeGrant(config, url, checks).catch((error: unknown) => {
        if (!(error instanceof oidc.AuthorizationResponseError)) throw error;
        throw new LoginEnded(endOf(error.error, error.error_description), { cause: error });
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new LoginEnded('bad-answer');
      return personOfClaims(claims, await oidc.fetchUserInfo(config, tokens.access_token, claims.sub));
    },
  };
}
