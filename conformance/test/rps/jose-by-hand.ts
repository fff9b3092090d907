import { createHash, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { fetchMembers } from './fetch-members.ts';
import { endOf, LoginEnded, type Members, personOfClaims } from './identity.ts';
import { oidcScope, type RelyingPartyKind, type RelyingPartyOptions } from './relying-party.ts';
import { answerUrl, createShop, recall, remember, signIn, useSession } from './shop.ts';

/** No OAuth library at all: the standards read line by line, and jose for the signature. */
export const byHandWithJose: RelyingPartyKind = {
  id: 'jose-by-hand',
  what: 'no OAuth library: fetch for the protocol, jose for the signature',
  face: 'oidc',
  correct: true,
  start,
};

interface Metadata {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userinfoEndpoint: string;
  readonly keysAt: string;
  readonly sendsIssuer: boolean;
}

async function start(options: RelyingPartyOptions) {
  const { issuer, clientId, clientSecret } = options;
  const shop = await createShop(options);
  const session = useSession(shop);
  const keySets = new Map<string, JWTVerifyGetKey>();
  let known: Metadata | undefined;

  shop.app.get('/login', async (request, response) => {
    known = await metadataOf(issuer);
    const state = randomText();
    const nonce = randomText();
    const verifier = randomText();
    remember(request, state, { nonce, verifier });
    const url = new URL(known.authorizationEndpoint);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: shop.callbackUrl,
      scope: oidcScope,
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })) {
      url.searchParams.set(name, value);
    }
    response.redirect(303, url.href);
  });

  shop.app.get('/callback', async (request, response) => {
    const { login } = recall(request);
    const metadata = known ?? (await metadataOf(issuer));
    const code = codeOf(answerUrl(shop, request).searchParams, metadata, issuer);
    const tokens = await fetchMembers(metadata.tokenEndpoint, {
      method: 'POST',
      headers: { authorization: basic(clientId, clientSecret) },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: shop.callbackUrl,
        code_verifier: login.verifier ?? '',
      }),
    });
    const { access_token: accessToken, id_token: idToken, token_type: type } = tokens;
    const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
    if (!isBearer || typeof accessToken !== 'string' || typeof idToken !== 'string') {
      throw new LoginEnded('bad-answer');
    }
    const keys = keySets.get(metadata.keysAt) ?? createRemoteJWKSet(new URL(metadata.keysAt));
    keySets.set(metadata.keysAt, keys);
    const claims = await validate(idToken, keys, { issuer, clientId, nonce: login.nonce ?? '' });
    const headers = { authorization: `Bearer ${accessToken}` };
    const userinfo = await fetchMembers(metadata.userinfoEndpoint, { headers });
    await signIn(shop, request, response, personOfClaims(claims, userinfo));
  });

  return shop.open({ ...session, kind: byHandWithJose, authMethod: 'client_secret_basic' });
}

/** OIDC Discovery 4.3: the metadata must name the very issuer they were asked of. */
async function metadataOf(issuer: string): Promise<Metadata> {
  const raw = await fetchMembers(`${issuer}/.well-known/openid-configuration`).catch((cause: unknown) => {
    throw new LoginEnded('unavailable', { cause });
  });
  const { authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri } = raw;
  if (
    raw.issuer !== issuer ||
    typeof authorization_endpoint !== 'string' ||
    typeof token_endpoint !== 'string' ||
    typeof userinfo_endpoint !== 'string' ||
    typeof jwks_uri !== 'string'
  ) {
    throw new LoginEnded('unavailable');
  }
  return {
    authorizationEndpoint: authorization_endpoint,
    tokenEndpoint: token_endpoint,
    userinfoEndpoint: userinfo_endpoint,
    keysAt: jwks_uri,
    sendsIssuer: raw.authorization_response_iss_parameter_supported === true,
  };
}

/** The code of an answer whose state was found; RFC 9207 2.4 first, then the error, then the code. */
function codeOf(answer: URLSearchParams, metadata: Metadata, issuer: string): string {
  const named = answer.getAll('iss');
  const fits = named.length === 0 ? !metadata.sendsIssuer : named.length === 1 && named[0] === issuer;
  if (!fits) throw new LoginEnded('bad-answer');
  const error = answer.get('error');
  if (error !== null) throw new LoginEnded(endOf(error, answer.get('error_description') ?? ''));
  const [code, ...more] = answer.getAll('code');
  // Some providers refuse with neither an error nor a code.
  if (code === undefined) throw new LoginEnded('refused');
  if (more.length > 0) throw new LoginEnded('bad-answer');
  return code;
}

/** OIDC Core 3.1.3.7, with the signature checked whatever the transport. */
async function validate(
  idToken: string,
  keys: JWTVerifyGetKey,
  expected: { readonly issuer: string; readonly clientId: string; readonly nonce: string },
): Promise<Members> {
  const { payload } = await jwtVerify(idToken, keys, {
    issuer: expected.issuer,
    audience: expected.clientId,
    algorithms: ['RS256', 'PS256', 'ES256'],
    requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
    clockTolerance: 150,
  });
  const { aud, azp, nonce } = payload;
  const alone = typeof aud === 'string' || aud?.length === 1;
  if (nonce !== expected.nonce || !alone || (azp !== undefined && azp !== expected.clientId)) {
    throw new LoginEnded('bad-answer');
  }
  return payload;
}

/** RFC 6749 2.3.1: both parts are form-encoded before they are joined. */
function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}
