import type { Client } from '../../oidc/clients.ts';

/** Settings of one library, ready to paste. */
export interface LibrarySettings {
  readonly library: string;
  /** Where it goes. */
  readonly file: string;
  readonly text: string;
}

/** What a relying party needs to know, as the libraries it may use want to be told. */
export function librarySettings(client: Client, issuer: string): readonly LibrarySettings[] {
  const facts = factsOf(client, issuer);
  return [
    { library: 'openid-client', file: 'login.js', text: openidClient(facts) },
    { library: 'Auth.js', file: 'auth.ts', text: authJs(facts) },
    { library: 'express-openid-connect', file: 'app.js', text: expressOpenidConnect(facts) },
    { library: 'Spring Security', file: 'application.yml', text: springSecurity(facts) },
    { library: 'ASP.NET Core', file: 'Program.cs', text: aspNetCore(facts) },
    { library: 'Laravel Socialite', file: 'config/services.php', text: laravelSocialite(facts) },
    { library: 'Authlib (Django)', file: 'settings.py', text: authlib(facts) },
    { library: 'mod_auth_openidc', file: 'httpd.conf', text: modAuthOpenidc(facts) },
    { library: 'OAuth 2.0', file: '.env', text: plainOauth(facts) },
  ];
}

interface Facts {
  readonly issuer: string;
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
  readonly method: string;
  readonly scopes: readonly string[];
  readonly isPlainHttp: boolean;
}

function factsOf(client: Client, issuer: string): Facts {
  return {
    issuer,
    id: client.client_id,
    secret: client.client_secret ?? '',
    redirectUri: client.redirect_uris[0] ?? '',
    method: client.token_endpoint_auth_method,
    scopes: client.scope.split(' '),
    isPlainHttp: issuer.startsWith('http:'),
  };
}

const lines = (...parts: readonly (string | false)[]): string => parts.filter((part) => part !== false).join('\n');
const js = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const json = (text: string): string => JSON.stringify(text);
const pathOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).pathname : uri);

function openidClient({ issuer, id, secret, redirectUri, method, scopes, isPlainHttp }: Facts): string {
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

function expressOpenidConnect({ issuer, id, secret, redirectUri, method, scopes }: Facts): string {
  const origin = URL.canParse(redirectUri) ? new URL(redirectUri).origin : redirectUri;
  return lines(
    "import { auth } from 'express-openid-connect';",
    '',
    'app.use(',
    '  auth({',
    `    issuerBaseURL: ${js(issuer)},`,
    `    baseURL: ${js(origin)},`,
    `    clientID: ${js(id)},`,
    secret !== '' && `    clientSecret: ${js(secret)},`,
    `    clientAuthMethod: ${js(method)},`,
    "    secret: 'at least 32 characters of your own ......',",
    `    routes: { callback: ${js(pathOf(redirectUri))} },`,
    `    authorizationParams: { response_type: 'code', scope: ${js(scopes.join(' '))} },`,
    '  }),',
    ');',
  );
}

/** Auth.js chooses its own redirect URI, from the id of the provider. */
function authJs({ issuer, id, secret, redirectUri, method, scopes }: Facts): string {
  const own = URL.canParse(redirectUri) ? `${new URL(redirectUri).origin}/api/auth/callback/emta` : redirectUri;
  return lines(
    "import NextAuth from 'next-auth';",
    '',
    own !== redirectUri && `// Registered is ${redirectUri}; Auth.js wants ${own}: register that.`,
    'export const { handlers, signIn, signOut, auth } = NextAuth({',
    '  providers: [',
    '    {',
    "      id: 'emta',",
    "      name: 'Emta',",
    "      type: 'oidc',",
    `      issuer: ${js(issuer)},`,
    `      clientId: ${js(id)},`,
    secret !== '' && `      clientSecret: ${js(secret)},`,
    `      client: { token_endpoint_auth_method: ${js(method)} },`,
    "      checks: ['pkce', 'state', 'nonce'],",
    `      authorization: { params: { scope: ${js(scopes.join(' '))} } },`,
    '    },',
    '  ],',
    '});',
  );
}

function springSecurity({ issuer, id, secret, redirectUri, method, scopes }: Facts): string {
  return lines(
    'spring:',
    '  security:',
    '    oauth2:',
    '      client:',
    '        registration:',
    '          emta:',
    `            client-id: ${json(id)}`,
    secret !== '' && `            client-secret: ${json(secret)}`,
    `            client-authentication-method: ${method}`,
    '            authorization-grant-type: authorization_code',
    `            redirect-uri: ${json(redirectUri)}`,
    `            scope: ${json(scopes.join(','))}`,
    '        provider:',
    '          emta:',
    `            issuer-uri: ${json(issuer)}`,
    '            user-name-attribute: sub',
  );
}

function aspNetCore({ issuer, id, secret, redirectUri, method, scopes, isPlainHttp }: Facts): string {
  return lines(
    method === 'client_secret_basic' &&
      '// ASP.NET Core posts the secret: register this client with client_secret_post.',
    'builder.Services.AddAuthentication()',
    '    .AddCookie()',
    '    .AddOpenIdConnect("emta", options =>',
    '    {',
    `        options.Authority = ${json(issuer)};`,
    isPlainHttp && '        options.RequireHttpsMetadata = false; // http, on this machine alone',
    `        options.ClientId = ${json(id)};`,
    secret !== '' && `        options.ClientSecret = ${json(secret)};`,
    '        options.ResponseType = "code";',
    '        options.ResponseMode = "query";',
    '        options.UsePkce = true;',
    `        options.CallbackPath = ${json(pathOf(redirectUri))};`,
    '        options.MapInboundClaims = false;',
    '        options.GetClaimsFromUserInfoEndpoint = true;',
    '        options.Scope.Clear();',
    ...scopes.map((scope) => `        options.Scope.Add(${json(scope)});`),
    '    });',
  );
}

function laravelSocialite({ issuer, id, secret, redirectUri, scopes }: Facts): string {
  return lines(
    '// composer require kovah/laravel-socialite-oidc',
    "'oidc' => [",
    `    'base_url' => ${js(issuer)},`,
    `    'client_id' => ${js(id)},`,
    `    'client_secret' => ${js(secret)},`,
    `    'redirect' => ${js(redirectUri)},`,
    '],',
    '',
    '// In the controller. The usual scopes email and profile are unknown here, so they are replaced:',
    `return Socialite::driver('oidc')->setScopes([${scopes.map(js).join(', ')}])->redirect();`,
  );
}

function authlib({ issuer, id, secret, method, scopes }: Facts): string {
  return lines(
    'AUTHLIB_OAUTH_CLIENTS = {',
    '    "emta": {',
    `        "client_id": ${json(id)},`,
    secret !== '' && `        "client_secret": ${json(secret)},`,
    '    }',
    '}',
    '',
    '# Where the clients are made:',
    'oauth = OAuth()',
    'oauth.register(',
    '    name="emta",',
    `    server_metadata_url=${json(`${issuer}/.well-known/openid-configuration`)},`,
    '    client_kwargs={',
    `        "scope": ${json(scopes.join(' '))},`,
    `        "token_endpoint_auth_method": ${json(method)},`,
    '        "code_challenge_method": "S256",',
    '    },',
    ')',
  );
}

function modAuthOpenidc({ issuer, id, secret, redirectUri, method, scopes }: Facts): string {
  return lines(
    `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration`,
    `OIDCClientID ${id}`,
    secret !== '' && `OIDCClientSecret ${json(secret)}`,
    `OIDCRedirectURI ${redirectUri}`,
    `OIDCProviderTokenEndpointAuth ${method}`,
    `OIDCScope ${json(scopes.join(' '))}`,
    'OIDCPKCEMethod S256',
    'OIDCRemoteUserClaim sub',
    'OIDCCryptoPassphrase "a passphrase of your own"',
  );
}

/** Without `openid` it is plain OAuth 2.0, as the real Emta speaks it. */
function plainOauth({ issuer, id, secret, redirectUri, scopes }: Facts): string {
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
