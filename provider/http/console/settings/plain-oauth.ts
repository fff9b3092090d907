import { type Facts, json, lines } from './facts.ts';

/** Without `openid` it is plain OAuth 2.0, as the real Emta speaks it. */
export function plainOauth({ issuer, id, secret, redirectUri, scopes }: Facts): string {
  return lines(
    `EMTA_AUTHORIZE_URL=${issuer}/oauth/authorize`,
    `EMTA_TOKEN_URL=${issuer}/service/v1/oauth/token`,
    `EMTA_IDENTITY_URL=${issuer}/service/v1/user/identity/general`,
    `EMTA_MOBILE_URL=${issuer}/service/v1/user/primaryMobileNumber`,
    `EMTA_CLIENT_ID=${id}`,
    secret !== '' && `EMTA_CLIENT_SECRET=${json(secret)}`,
    `EMTA_REDIRECT_URI=${redirectUri}`,
    `EMTA_SCOPE=${json(scopes.filter((scope) => scope !== 'openid').join(' '))}`,
  );
}
