import { type Facts, json, lines, originOf, pathOf } from './facts.ts';

export function modAuthOpenidc({ issuer, id, secret, redirectUri, method, scopes, signedWith }: Facts): string {
  const callback = pathOf(redirectUri);
  const pattern = callback.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const page = (why: string) =>
    `"<!doctype html><title>${why}</title><p>${why}. <a href='/account'>Try again</a> <a href='/'>Home</a>"`;
  return lines(
    '# In your VirtualHost; a2enmod auth_openidc rewrite',
    `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration`,
    `OIDCClientID ${json(id)}`,
    secret !== '' && `OIDCClientSecret ${json(secret)}`,
    `OIDCRedirectURI ${redirectUri}`,
    `OIDCProviderTokenEndpointAuth ${method}`,
    `OIDCScope ${json(scopes.join(' '))}`,
    'OIDCPKCEMethod S256',
    `OIDCIDTokenSignedResponseAlg ${signedWith}`,
    'OIDCRemoteUserClaim sub',
    'OIDCCookieSameSite On',
    'OIDCStateMaxNumberOfCookies 7 true',
    'OIDCHTTPTimeoutLong 8',
    'OIDCCryptoPassphrase "a long passphrase of your own"',
    `OIDCDefaultLoggedOutURL ${originOf(redirectUri)}/`,
    '',
    '# Nobody was signed in: refused, or a mismatch. Show pages of your own. Without these lines the module takes an',
    '# error that names its issuer, as those of Emta do, for the wish of another site to start a login.',
    'RewriteEngine On',
    'RewriteCond %{QUERY_STRING} (^|&)error(_description)?=mobile_ownership_mismatch',
    `RewriteRule ^${pattern}$ - [R=409,L]`,
    'RewriteCond %{QUERY_STRING} (^|&)state=',
    'RewriteCond %{QUERY_STRING} (^|&)error=access_denied(&|$)',
    `RewriteRule ^${pattern}$ - [R=403,L]`,
    'RewriteCond %{QUERY_STRING} (^|&)error= [OR]',
    'RewriteCond %{QUERY_STRING} ^(?!(.*&)?code=)(.*&)?state=',
    `RewriteRule ^${pattern}$ - [R=400,L]`,
    `<Location ${json(callback)}>`,
    `  ErrorDocument 400 ${page('You were not signed in; please try again later')}`,
    `  ErrorDocument 403 ${page('You did not grant the sign-in')}`,
    `  ErrorDocument 409 ${page('This mobile number is not registered to you')}`,
    '  AuthType openid-connect',
    '  Require valid-user',
    '</Location>',
    '',
    '# What only those see who are signed in; OIDC_CLAIM_name and the other claims stand in its environment.',
    '<Location "/account">',
    '  AuthType openid-connect',
    '  Require valid-user',
    '</Location>',
  );
}
