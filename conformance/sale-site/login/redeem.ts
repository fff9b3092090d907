import { createHash } from 'node:crypto';
import * as client from 'openid-client';
import type { Emta } from './emta.ts';
import type { Login } from './logins.ts';
import { LoginEnded } from './reason.ts';

export type Claims = Readonly<Record<string, unknown>>;

export interface Tokens {
  readonly accessToken: string;
  /** The ID token's claims, once every check has passed; none on the resources face. */
  readonly idToken?: Claims;
}

/** Trades a code for tokens. openid-client checks `iss`, state, PKCE, nonce, signature, issuer, audience and times. */
export async function redeem(answer: URLSearchParams, login: Login, emta: Emta): Promise<Tokens> {
  const address = new URL(login.redirectUri);
  address.search = answer.toString();
  const tokens = await client.authorizationCodeGrant(await emta.configuration(), address, {
    pkceCodeVerifier: login.verifier,
    expectedState: login.state,
    ...(emta.face === 'oidc' ? { expectedNonce: login.nonce, idTokenExpected: true } : {}),
  });
  // A success that also says it failed did not succeed.
  if ('error' in tokens) throw new LoginEnded('bad_answer');
  const idToken = tokens.claims();
  if (emta.face === 'oauth2' || idToken === undefined) return { accessToken: tokens.access_token };
  return { accessToken: tokens.access_token, idToken: { ...idToken } };
}

const minute = 60;
/** Seconds an ID token may seem to come from the future; clocks of honest servers differ by less. */
const aheadAtMost = 3 * minute;
const oldAtMost = 60 * minute;

/** What openid-client leaves to the site: OIDC Core 2 (`sub`), 3.1.3.7 rules 3, 5, 10, and 3.1.3.8 (`at_hash`). */
export function isIdTokenSound({ idToken, accessToken }: Tokens, clientId: string, now: number): boolean {
  if (idToken === undefined) return false;
  const { sub, azp, aud, iat, at_hash: hash } = idToken;
  const age = now / 1000 - Number(iat);
  return (
    typeof sub === 'string' &&
    /^[\x20-\x7e]{1,255}$/.test(sub) &&
    (azp === undefined || azp === clientId) &&
    (!Array.isArray(aud) || aud.length === 1) &&
    age > -aheadAtMost &&
    age < oldAtMost &&
    (hash === undefined || hash === halfHash(accessToken))
  );
}

function halfHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
}
