import * as client from 'openid-client';
import type { Emta } from './emta.ts';
import type { Login } from './logins.ts';

const scopes = 'user:identity:general user:primaryMobileNumber';

/** Where the browser is sent. What the citizen typed stays here: no code or number goes into an address. */
export async function authorizationRequest(login: Login, emta: Emta): Promise<URL> {
  return client.buildAuthorizationUrl(await emta.configuration(), {
    response_type: 'code',
    redirect_uri: login.redirectUri,
    scope: emta.face === 'oidc' ? `openid ${scopes}` : scopes,
    state: login.state,
    code_challenge: await client.calculatePKCECodeChallenge(login.verifier),
    code_challenge_method: 'S256',
    ...(emta.face === 'oidc' ? { nonce: login.nonce } : {}),
  });
}
