import { createHash, randomBytes } from 'node:crypto';
import { AuthorizationCode } from 'simple-oauth2';
import { fetchMembers } from './fetch-members.ts';
import { endOf, LoginEnded, type Members, personOfResources } from './identity.ts';
import {
  backChannelSeconds,
  plainScope,
  type RelyingPartyKind,
  type RelyingPartyOptions,
  type RunningRelyingParty,
} from './relying-party.ts';
import { answerUrl, createShop, recall, remember, type Shop, signIn, useSession } from './shop.ts';

type Redeem = (code: string, verifier: string | undefined, callbackUrl: string) => Promise<Members>;

/** The real Emta's face with the defence that is left without an ID token: PKCE. */
export const plainWithSimpleOauth2: RelyingPartyKind = {
  id: 'simple-oauth2',
  what: "simple-oauth2 for Emta's own face: state and PKCE, then the two resources",
  face: 'resources',
  correct: true,
  start: (options) => startPlain(options, { pkce: true, redeem: withSimpleOauth2(options) }),
};

/** As the public clients of the real Emta are written, apart from their known slips. */
export const plainWithoutPkce: RelyingPartyKind = {
  id: 'plain-without-pkce',
  what: "fetch alone for Emta's own face: state, no PKCE, then the two resources",
  face: 'resources',
  correct: false,
  knownBad: {
    F04: 'nothing ties the code to the browser that asked for it',
    E04: 'sends no code_challenge',
  },
  start: (options) => startPlain(options, { pkce: false, redeem: byHand(options) }),
};

interface PlainSettings {
  readonly pkce: boolean;
  readonly redeem: Redeem;
  /** Puts up routes that come before those of the login. */
  readonly prepare?: (shop: Shop) => void;
}

/** A relying party of Emta's own face. */
export async function startPlain(
  options: RelyingPartyOptions,
  { pkce, redeem, prepare }: PlainSettings,
): Promise<RunningRelyingParty> {
  const { issuer, clientId } = options;
  const shop = await createShop(options);
  const session = useSession(shop);
  prepare?.(shop);

  shop.app.get('/login', (request, response) => {
    const state = randomBytes(16).toString('base64url');
    const verifier = randomBytes(32).toString('base64url');
    remember(request, state, pkce ? { verifier } : {});
    const url = new URL(`${issuer}/oauth/authorize`);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: shop.callbackUrl,
      scope: plainScope,
      state,
    })) {
      url.searchParams.set(name, value);
    }
    if (pkce) {
      url.searchParams.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'));
      url.searchParams.set('code_challenge_method', 'S256');
    }
    response.redirect(303, url.href);
  });

  shop.app.get('/callback', async (request, response) => {
    const { login } = recall(request);
    const answer = answerUrl(shop, request).searchParams;
    const named = answer.get('iss');
    if (named !== null && named !== issuer) throw new LoginEnded('bad-answer');
    const error = answer.get('error');
    if (error !== null) throw new LoginEnded(endOf(error, answer.get('error_description') ?? ''));
    const code = answer.get('code');
    // Some providers refuse with neither an error nor a code.
    if (code === null) throw new LoginEnded('refused');
    const { access_token: token, token_type: type } = await redeem(code, login.verifier, shop.callbackUrl);
    if (typeof token !== 'string' || String(type).toLowerCase() !== 'bearer') throw new LoginEnded('bad-answer');
    const init = { headers: { authorization: `Bearer ${token}` } };
    const identity = await fetchMembers(`${issuer}/service/v1/user/identity/general`, init);
    const mobile = await fetchMembers(`${issuer}/service/v1/user/primaryMobileNumber`, init);
    await signIn(shop, request, response, personOfResources(identity, mobile));
  });

  return shop.open({
    ...session,
    kind: pkce ? plainWithSimpleOauth2 : plainWithoutPkce,
    authMethod: 'client_secret_post',
  });
}

function withSimpleOauth2({ issuer, clientId, clientSecret }: RelyingPartyOptions): Redeem {
  const client = new AuthorizationCode({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: issuer, tokenPath: '/service/v1/oauth/token', authorizePath: '/oauth/authorize' },
    options: { authorizationMethod: 'body' },
    http: { timeout: backChannelSeconds * 1000 },
  });
  return async (code, verifier, callbackUrl) => {
    const parameters = {
      code,
      redirect_uri: callbackUrl,
      ...(verifier === undefined ? {} : { code_verifier: verifier }),
    };
    const { token } = await client.getToken(parameters);
    if ('error' in token) throw new LoginEnded('bad-answer');
    return token;
  };
}

/** The token request with fetch alone. */
export function byHand({ issuer, clientId, clientSecret }: RelyingPartyOptions): Redeem {
  return (code, verifier, callbackUrl) =>
    fetchMembers(`${issuer}/service/v1/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callbackUrl,
        client_id: clientId,
        client_secret: clientSecret,
        ...(verifier === undefined ? {} : { code_verifier: verifier }),
      }),
    });
}
