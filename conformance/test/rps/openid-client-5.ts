import { type Client, custom, errors, generators, Issuer } from 'openid-client-5';
import { endOf, LoginEnded, personOfClaims } from './identity.ts';
import { backChannelSeconds, oidcScope, type RelyingPartyKind, type RelyingPartyOptions } from './relying-party.ts';
import { answerUrl, createShop, recall, remember, signIn, useSession } from './shop.ts';

/** The generation before 6, another code base altogether and still what much of the world runs. */
export const openidClient5: RelyingPartyKind = {
  id: 'openid-client-5',
  what: 'openid-client 5 with state, nonce and PKCE; it checks the signature by itself',
  face: 'oidc',
  correct: true,
  start,
};

async function start(options: RelyingPartyOptions) {
  const { issuer, clientId, clientSecret } = options;
  const shop = await createShop(options);
  const session = useSession(shop);
  let known: Client | undefined;

  /** Asked for anew at each login; keys are kept with the issuer, so it stays while nothing changed. */
  const client = async (): Promise<Client> => {
    const fresh = await Issuer.discover(issuer);
    if (fresh.issuer !== issuer) throw new LoginEnded('unavailable');
    if (known === undefined || JSON.stringify(known.issuer.metadata) !== JSON.stringify(fresh.metadata)) {
      fresh[custom.http_options] = () => ({ timeout: backChannelSeconds * 1000 });
      known = new fresh.Client({ client_id: clientId, client_secret: clientSecret, redirect_uris: [shop.callbackUrl] });
      known[custom.http_options] = () => ({ timeout: backChannelSeconds * 1000 });
      known[custom.clock_tolerance] = 30;
    }
    return known;
  };

  shop.app.get('/login', async (request, response) => {
    const ready = await client().catch((cause: unknown) => {
      throw new LoginEnded('unavailable', { cause });
    });
    const state = generators.state();
    const nonce = generators.nonce();
    const verifier = generators.codeVerifier();
    remember(request, state, { nonce, verifier });
    const url = ready.authorizationUrl({
      redirect_uri: shop.callbackUrl,
      scope: oidcScope,
      state,
      nonce,
      code_challenge: generators.codeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    response.redirect(303, url);
  });

  shop.app.get('/callback', async (request, response) => {
    const { state, login } = recall(request);
    const ready = known ?? (await client());
    const { searchParams } = answerUrl(shop, request);
    if (!searchParams.has('code') && !searchParams.has('error')) throw new LoginEnded('refused');
    const parameters = Object.fromEntries(searchParams);
    const checks = { state, nonce: login.nonce ?? '', code_verifier: login.verifier ?? '', response_type: 'code' };
    const tokens = await ready.callback(shop.callbackUrl, parameters, checks).catch((error: unknown) => {
      // The library throws the same class for an error of the token endpoint, which carries the response.
      if (!(error instanceof errors.OPError) || error.response !== undefined) throw error;
      throw new LoginEnded(endOf(error.error ?? '', error.error_description), { cause: error });
    });
    if (tokens.token_type?.toLowerCase() !== 'bearer') throw new LoginEnded('bad-answer');
    const userinfo = await ready.userinfo(tokens);
    await signIn(shop, request, response, personOfClaims(tokens.claims(), userinfo));
  });

  return shop.open({ ...session, kind: openidClient5, authMethod: 'client_secret_basic' });
}
