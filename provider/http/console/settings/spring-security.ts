import { type Facts, json, lines, originOf } from './facts.ts';

/** Spring Security answers at a path of its own, from the id of the registration. */
export function springSecurity({ issuer, id, secret, redirectUri, method, scopes }: Facts): string {
  const own = URL.canParse(redirectUri) ? `${originOf(redirectUri)}/login/oauth2/code/emta` : redirectUri;
  return lines(
    own !== redirectUri && `# Registered is ${redirectUri}; Spring Security answers at ${own}: register that.`,
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
    "            redirect-uri: '{baseUrl}/login/oauth2/code/{registrationId}'",
    `            scope: ${json(scopes.join(','))}`,
    '        provider:',
    '          emta:',
    `            issuer-uri: ${json(issuer)}`,
    '            user-name-attribute: sub',
  );
}
