import { type Facts, js, lines } from './facts.ts';

export function openidClient({ issuer, id, secret, redirectUri, method, scopes, isPlainHttp }: Facts): string {
  const auth: Readonly<Record<string, string>> = {
    client_secret_post: `client.ClientSecretPost(${js(secret)})`,
    client_secret_basic: `client.ClientSecretBasic(${js(secret)})`,
    none: 'client.None()',
    private_key_jwt: 'client.PrivateKeyJwt(privateKey)',
  };
  return lines(
    "import * as client from 'openid-client';",
    '',
    'const config = await client.discovery(',
    `  new URL(${js(issuer)}),`,
    `  ${js(id)},`,
    '  {},',
    `  ${auth[method] ?? ''},`,
    isPlainHttp
      ? '  { execute: [client.enableNonRepudiationChecks, client.allowInsecureRequests] }, // http, on this machine alone'
      : '  { execute: [client.enableNonRepudiationChecks] },',
    ');',
    'const codeVerifier = client.randomPKCECodeVerifier();',
    'const state = client.randomState();',
    'const nonce = client.randomNonce();',
    'const loginUrl = client.buildAuthorizationUrl(config, {',
    `  redirect_uri: ${js(redirectUri)},`,
    `  scope: ${js(scopes.join(' '))},`,
    '  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),',
    "  code_challenge_method: 'S256',",
    '  state,',
    '  nonce,',
    '});',
  );
}
