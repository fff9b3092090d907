import { createHash, createHmac, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { Emta } from '../login/emta.ts';
import type { Login } from '../login/logins.ts';
import { LoginEnded } from '../login/reason.ts';
import { isRecord } from '../login/records.ts';
import type { Claims, Tokens } from '../login/redeem.ts';
import type { Policy } from '../policy.ts';

/** A check of the token answer or of the ID token that a defect may leave out. */
export type Check =
  | 'verifier'
  | 'patience'
  | 'redirect'
  | 'token_type'
  | 'error_member'
  | 'id_token'
  | 'signature'
  | 'alg'
  | 'crit'
  | 'iss'
  | 'aud'
  | 'further_aud'
  | 'azp'
  | 'exp'
  | 'iat'
  | 'nbf'
  | 'sub'
  | 'nonce'
  | 'at_hash';

export interface Leniency {
  readonly skip?: readonly Check[];
  /** Accepts a signature that the sound check refuses. */
  readonly alsoAccepts?: (jwt: Jwt, keys: readonly JsonWebKey[], emta: Emta) => Promise<boolean>;
  readonly acceptsNonce?: (nonce: unknown, login: Login) => boolean;
  /** Seconds by which a token may have expired. */
  readonly tolerance?: number;
  /** Refuses an answer that a sound site takes. */
  readonly refuses?: (body: Claims, jwt: Jwt | undefined) => boolean;
  readonly parse?: (json: string) => Claims;
  readonly keys?: KeySource;
  /** Changes the token request. */
  readonly request?: (request: TokenRequest, emta: Emta) => TokenRequest;
}

export interface TokenRequest {
  readonly url: string;
  readonly form: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Jwt {
  readonly text: string;
  readonly header: Claims;
  readonly claims: Claims;
}

/** Where keys come from: the key set believed with the metadata, unless a defect has a way of its own. */
export type KeySource = (jwksUri: string, emta: Emta, jwt: Jwt) => Promise<readonly JsonWebKey[]>;

/** The token request and the ID token's checks written out one by one, so that a defect can leave one out. */
export function lenient(leniency: Leniency): Pick<Policy, 'redeem' | 'isIdTokenSound'> {
  const keysOf = leniency.keys ?? keysBelievedWithMetadata();
  return {
    redeem: (answer, login, emta) => redeemLeniently(answer, login, emta, leniency, keysOf),
    // The checks of the two are one list here.
    isIdTokenSound: () => true,
  };
}

async function redeemLeniently(
  answer: URLSearchParams,
  login: Login,
  emta: Emta,
  leniency: Leniency,
  keysOf: KeySource,
): Promise<Tokens> {
  const skips = new Set(leniency.skip);
  const metadata = (await emta.configuration()).serverMetadata();
  const sound: TokenRequest = {
    url: metadata.token_endpoint ?? '',
    form: new URLSearchParams({
      grant_type: 'authorization_code',
      code: answer.get('code') ?? '',
      redirect_uri: login.redirectUri,
      client_id: emta.clientId,
      client_secret: emta.clientSecret,
      ...(skips.has('verifier') ? {} : { code_verifier: login.verifier }),
    }),
    headers: {},
  };
  const body = await post(leniency.request?.(sound, emta) ?? sound, skips);
  const jwt = typeof body.id_token === 'string' ? decode(body.id_token, leniency.parse ?? parseRecord) : undefined;
  const accessToken = body.access_token;
  demand(typeof accessToken === 'string' && accessToken !== '');
  if (!skips.has('token_type')) demand(String(body.token_type).toLowerCase() === 'bearer');
  if (!skips.has('error_member')) demand(!('error' in body));
  demand(leniency.refuses?.(body, jwt) !== true);
  if (emta.face === 'oauth2') return { accessToken: String(accessToken) };
  if (jwt === undefined) {
    demand(skips.has('id_token'));
    return { accessToken: String(accessToken), idToken: {} };
  }
  checkClaims(jwt.claims, { login, emta, accessToken: String(accessToken), skips, leniency });
  await checkSignature(jwt, { emta, jwksUri: metadata.jwks_uri ?? '', skips, leniency, keysOf });
  return { accessToken: String(accessToken), idToken: jwt.claims };
}

async function post({ url, form, headers }: TokenRequest, skips: ReadonlySet<Check>): Promise<Claims> {
  const response = await fetch(url, {
    method: 'POST',
    body: form,
    headers: { accept: 'application/json', ...headers },
    redirect: 'manual',
    ...(skips.has('patience') ? {} : { signal: AbortSignal.timeout(5000) }),
  });
  const text = await response.text();
  const location = response.headers.get('location');
  if (skips.has('redirect') && response.status >= 300 && response.status < 400 && location !== null) {
    return post({ url: new URL(location, url).href, form, headers }, new Set());
  }
  if (response.status !== 200) throw new LoginEnded(response.status >= 500 ? 'unavailable' : 'bad_answer');
  demand(/^application\/json\b/i.test(response.headers.get('content-type') ?? ''));
  return parseRecord(text);
}

interface ClaimChecks {
  readonly login: Login;
  readonly emta: Emta;
  readonly accessToken: string;
  readonly skips: ReadonlySet<Check>;
  readonly leniency: Leniency;
}

function checkClaims(claims: Claims, { login, emta, accessToken, skips, leniency }: ClaimChecks): void {
  const now = emta.clock.now() / 1000;
  const { aud, azp, exp, iat, nbf, sub, nonce, at_hash: hash } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  const checks: Readonly<Partial<Record<Check, () => boolean>>> = {
    iss: () => claims.iss === emta.issuer,
    aud: () => audiences.includes(emta.clientId),
    further_aud: () => skips.has('aud') || audiences.every((one) => one === emta.clientId),
    azp: () => azp === undefined || azp === emta.clientId,
    exp: () => typeof exp === 'number' && exp > now - (leniency.tolerance ?? 30),
    iat: () => typeof iat === 'number',
    nbf: () => nbf === undefined || (typeof nbf === 'number' && nbf < now + 30),
    sub: () => typeof sub === 'string' && /^[\x20-\x7e]{1,255}$/.test(sub),
    nonce: () => leniency.acceptsNonce?.(nonce, login) ?? nonce === login.nonce,
    at_hash: () => hash === undefined || hash === halfHash(accessToken),
  };
  for (const [name, isFine] of Object.entries(checks)) {
    const isSkipped = [...skips].some((skipped) => skipped === name);
    demand(isSkipped || isFine());
  }
  // A time of issue that is there must make sense, whatever else is skipped.
  if (typeof iat === 'number') demand(iat < now + 180 && iat > now - 3600);
}

interface SignatureChecks {
  readonly emta: Emta;
  readonly jwksUri: string;
  readonly skips: ReadonlySet<Check>;
  readonly leniency: Leniency;
  readonly keysOf: KeySource;
}

async function checkSignature(jwt: Jwt, { emta, jwksUri, skips, leniency, keysOf }: SignatureChecks): Promise<void> {
  demand(jwt.header.crit === undefined || skips.has('crit'));
  if (skips.has('signature')) {
    demand(skips.has('alg') || jwt.header.alg === 'RS256');
    return;
  }
  const keys = await keysOf(jwksUri, emta, jwt);
  const isSound = jwt.header.alg === 'RS256' && isSignedByOneOf(jwt, keys);
  demand(isSound || ((await leniency.alsoAccepts?.(jwt, keys, emta)) ?? false));
}

/** Whether a key of the set made the signature; a `kid` names which. */
export function isSignedByOneOf({ text, header }: Jwt, keys: readonly JsonWebKey[]): boolean {
  const dot = text.lastIndexOf('.');
  const signature = Buffer.from(text.slice(dot + 1), 'base64url');
  return keys
    .filter(({ kid, kty }) => kty === 'RSA' && (header.kid === undefined || header.kid === kid))
    .some((jwk) => verify('RSA-SHA256', Buffer.from(text.slice(0, dot)), publicKey(jwk), signature));
}

function publicKey(jwk: JsonWebKey): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** Whether a MAC over the token was made with one of these keys. */
export function isMacBy({ text }: Jwt, secrets: readonly (string | Uint8Array)[]): boolean {
  const dot = text.lastIndexOf('.');
  return secrets.some(
    (secret) => createHmac('sha256', secret).update(text.slice(0, dot)).digest('base64url') === text.slice(dot + 1),
  );
}

/** The forms of a public key that a confused library may take for a secret. */
export function bytesOf(jwk: JsonWebKey): readonly (string | Uint8Array)[] {
  const key = publicKey(jwk);
  const pem = String(key.export({ type: 'spki', format: 'pem' }));
  return [pem, pem.trimEnd(), key.export({ type: 'spki', format: 'der' })];
}

/** Fetches the key set once for each belief in the metadata, as the sound site does. */
function keysBelievedWithMetadata(): KeySource {
  const known = new WeakMap<object, Promise<readonly JsonWebKey[]>>();
  return async (jwksUri, emta) => {
    const configuration = await emta.configuration();
    const keys = known.get(configuration) ?? fetchKeys(jwksUri);
    known.set(configuration, keys);
    return keys.catch((error: unknown) => {
      known.delete(configuration);
      throw error;
    });
  };
}

export async function fetchKeys(jwksUri: string): Promise<readonly JsonWebKey[]> {
  const response = await fetch(jwksUri, { signal: AbortSignal.timeout(5000) });
  const text = await response.text();
  if (response.status !== 200) throw new LoginEnded('unavailable', response.status);
  const { keys } = parseRecord(text);
  return Array.isArray(keys) ? keys.filter(isRecord) : [];
}

function decode(text: string, parse: (json: string) => Claims): Jwt {
  const [header = '', claims = ''] = text.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  return { text, header: parseRecord(header), claims: parse(claims) };
}

function parseRecord(json: string): Claims {
  try {
    const record: unknown = JSON.parse(json);
    if (isRecord(record)) return record;
  } catch (error) {
    throw new LoginEnded('bad_answer', error);
  }
  throw new LoginEnded('bad_answer');
}

function halfHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
}

function demand(isFine: boolean): void {
  if (!isFine) throw new LoginEnded('bad_answer');
}
