import { expect, test } from '@jest/globals';
import { parseClient } from '../../oidc/clients.ts';
import { librarySettings } from './client-settings.ts';

const client = parseClient({
  client_id: 'shop',
  client_secret: "it's made up",
  redirect_uris: ['http://localhost:8080/login/callback'],
  scope: 'openid user:identity:general',
});
const of = (library: string, issuer = 'http://localhost:4299') =>
  librarySettings(client, issuer).find((one) => one.library === library)?.text ?? '';

test.each(librarySettings(client, 'http://localhost:4299'))(
  'the settings for $library name issuer, client and redirect URI',
  ({ text }) => {
    expect(text).toContain('http://localhost:4299');
    expect(text).toContain('shop');
    expect(text).toContain('/login/callback');
    expect(text).toContain('user:identity:general');
    expect(text).not.toMatch(/undefined|\[object/);
  },
);

test('a quote in the secret does not end the text', () => {
  expect(of('openid-client')).toContain(String.raw`client.ClientSecretPost('it\'s made up')`);
  expect(of('Spring Security')).toContain(`client-secret: "it's made up"`);
});

test('plain http is allowed by name, and only there', () => {
  expect(of('openid-client')).toContain('allowInsecureRequests');
  expect(of('openid-client', 'https://localhost:4299')).not.toContain('allowInsecureRequests');
  expect(of('ASP.NET Core')).toContain('RequireHttpsMetadata = false');
  expect(of('ASP.NET Core', 'https://localhost:4299')).not.toContain('RequireHttpsMetadata');
});

test('plain OAuth 2.0 asks for no openid', () => {
  expect(of('OAuth 2.0')).toContain('EMTA_SCOPE="user:identity:general"');
});

test('a library that answers at a path of its own asks to register that one', () => {
  expect(of('Auth.js')).toContain('http://localhost:8080/api/auth/callback/emta: register that');
  expect(of('Spring Security')).toContain('http://localhost:8080/login/oauth2/code/emta: register that');
});

test('Apache sends refusals away from exactly the redirect URI', () => {
  const [shop] = librarySettings(
    { ...client, redirect_uris: ['http://localhost/a.b/cb'] },
    'http://localhost:4299',
  ).filter(({ library }) => library === 'Apache mod_auth_openidc');
  expect(shop?.text).toContain(String.raw`RewriteRule ^/a\.b/cb$ - [R=409,L]`);
});
