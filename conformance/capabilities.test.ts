import { expect, test } from '@jest/globals';
import { applicability, parseExpression, settleCapabilities } from './capabilities.ts';

const taken = (declared: object, observed: object, name: string, face: 'oidc' | 'resources' = 'oidc') =>
  settleCapabilities(declared, observed, face).find((reading) => reading.name === name);

test('what is seen outranks what is said, and the contradiction is told', () => {
  expect(taken({ pkce: false }, { pkce: true }, 'pkce')).toMatchObject({
    name: 'pkce',
    declared: false,
    observed: true,
    taken: true,
    source: 'observed',
    contradiction: {
      en: '"capabilities.pkce" is declared false, but the relying party was seen to use it; what was seen counts',
    },
  });
});

test('what is said counts where nothing could be seen', () => {
  expect(taken({ asks_mobile: true }, {}, 'asks_mobile')).toMatchObject({
    taken: true,
    source: 'declared',
    contradiction: null,
  });
});

test('the iss parameter is assumed with metadata and not on the resources face', () => {
  expect(taken({}, {}, 'iss_param')?.taken).toBe(true);
  expect(taken({}, {}, 'iss_param', 'resources')?.taken).toBe(false);
  expect(taken({}, {}, 'signature_required')?.taken).toBe(false);
});

test.each([
  [null, true, ''],
  ['oidc', true, ''],
  [
    '!oidc',
    false,
    'about a site that does not use OpenID Connect; this one uses OpenID Connect (as was seen in this run)',
  ],
  [
    'oidc && (nonce && launch)',
    false,
    'about a site that uses OpenID Connect and sends nonce and can be started anew by the harness; this one sends no nonce (an assumption: it was not seen, and the file says nothing of capabilities.nonce)',
  ],
  ['!(nonce && oidc)', true, ''],
  [
    '!(oidc && session_url)',
    false,
    'about a site that does not use OpenID Connect or tells at no address who is signed in; this one uses OpenID Connect and tells at an address who is signed in (as was seen in this run; its file has session_url)',
  ],
  [
    'launch',
    false,
    'about a site that can be started anew by the harness; this one cannot be started anew by the harness (its file has no launch)',
  ],
  [
    '!session_url',
    false,
    'about a site that tells at no address who is signed in; this one tells at an address who is signed in (its file has session_url)',
  ],
])('%s', (expression, applies, because) => {
  const readings = settleCapabilities({}, { oidc: true }, 'oidc');
  expect(applicability(expression, readings, ['session_url'])).toMatchObject({ applies, because: { en: because } });
});

test.each([
  ['oicd', 'unknown name "oicd", did you mean "oidc"?'],
  ['oidc &&', 'it ends where a name should stand'],
  ['(oidc', 'a bracket is not closed'],
  ['oidc nonce', '"nonce" is left over'],
  ['oidc || nonce', '"|" is left over'],
])('refuses %s', (expression, why) => {
  expect(() => parseExpression(expression)).toThrow(
    `expected "applies_when" to be an expression, got "${expression}": ${why}`,
  );
});
