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
  ['!oidc', false, 'applies when not oidc; oidc is true (observed)'],
  ['oidc && (nonce && launch)', false, 'applies when oidc and (nonce and launch); nonce is false (assumed)'],
  ['!(nonce && oidc)', true, ''],
  ['launch', false, 'applies when launch; the file has no "launch"'],
  ['!session_url', false, 'applies when not session_url; the file has "session_url"'],
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
