import * as oauth from 'oauth4webapi';
import { endOf, LoginEnded, personOfClaims } from './identity.ts';
import { backChannelSeconds, oidcScope, type RelyingPartyKind, type RelyingPartyOptions } from './relying-party.ts';
import { answerUrl, createShop, recall, remember, signIn, useSession } from './shop.ts';

/** Written by hand with every check that the library offers, and the ID token's signature besides. */
export const byHandWithOauth4webapi: RelyingPartyKind = {
  id: 'oauth4webapi',
  what: 'oauth4webapi, each step by hand: state, nonce, PKCE, iss, signature, subject of userinfo',
  face: 'oidc',
  correct: true,
  start,
};

async function start(options: RelyingPartyOptions) {
  const { issuer, clientId, clientSecret } = options;
  const shop = await createShop(options);
  const session = useSession(shop);
  const client: oauth.Client = { client_id: clientId };
  const insecure = new URL(issuer).protocol === 'http:';
  const transport = () => ({
    [oauth.allowInsecureRequests]: insecure,
    signal: AbortSignal.timeout(backChannelSeconds * 1000),
  });
  let known: oauth.AuthorizationServer | undefined;

  /** The metadata, asked for anew at each login; the same object while nothing changed, since keys are kept with it. */
  const metadata = async (): Promise<oauth.AuthorizationServer> => {
    const answer = await oauth.discoveryRequest(new URL(issuer), transport());
    const fresh = await oauth.processDiscoveryResponse(new URL(issuer), answer);
    if (known === undefined || JSON.stringify(known) !== JSON.stringify(fresh)) known = fresh;
    return known;
  };

  shop.app.get('/login', async (request, response) => {
    const server = await metadata().catch((cause: unknown) => {
      throw new LoginEnded('unavailable', { cause });
    });
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const verifier = oauth.generateRandomCodeVerifier();
    remember(request, state, { nonce, verifier });
    const url = new URL(server.authorization_endpoint ?? '');
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: shop.callbackUrl,
      scope: oidcScope,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })) {
      url.searchParams.set(name, value);
    }
    response.redirect(303, url.href);
  });

  shop.app.get('/callback', async (request, response) => {
    const { state, login } = recall(request);
    const server = known ?? (await metadata());
    const parameters = answerTo(server, client, answerUrl(shop, request), state);
    const { claims, accessToken } = await redeem(server, parameters, login.verifier ?? '', login.nonce ?? '');
    const answer = await oauth.userInfoRequest(server, client, accessToken, transport());
    const userinfo = await oauth.processUserInfoResponse(server, client, claims.sub, answer);
    await signIn(shop, request, response, personOfClaims(claims, userinfo));
  });

  const redeem = async (
    server: oauth.AuthorizationServer,
    parameters: URLSearchParams,
    verifier: string,
    nonce: string,
  ): Promise<{ claims: oauth.IDToken; accessToken: string }> => {
    const answer = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic(clientSecret),
      parameters,
      shop.callbackUrl,
      verifier,
      transport(),
    );
    if ('error' in (await membersOf(answer))) throw new LoginEnded('bad-answer');
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, answer, transport());
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    const isOurs = claims?.azp === undefined || claims.azp === clientId;
    if (claims === undefined || !isOurs || tokens.token_type !== 'bearer') throw new LoginEnded('bad-answer');
    return { claims, accessToken: tokens.access_token };
  };

  return shop.open({ ...session, kind: byHandWithOauth4webapi, authMethod: 'client_secret_basic' });
}

/** The answer's parameters when it answers this state and holds a code; else the end that its error stands for. */
function answerTo(server: oauth.AuthorizationServer, client: oauth.Client, url: URL, state: string): URLSearchParams {
  try {
    const parameters = oauth.validateAuthResponse(server, client, url, state);
    // Some providers refuse with neither an error nor a code.
    if (!parameters.has('code')) throw new LoginEnded('refused');
    return parameters;
  } catch (error) {
    if (!(error instanceof oauth.AuthorizationResponseError)) throw error;
    throw new LoginEnded(endOf(error.error, error.error_description), { cause: error });
  }
}

async function membersOf(answer: Response): Promise<object> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => ({}));
  return typeof body === 'object' && body !== null ? body : {};
}
