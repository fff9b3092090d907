import { expect, test } from '@jest/globals';
import { createCookieSigner } from './cookie-signer.ts';

const signer = createCookieSigner('made-up');
const signature = signer.sign('emta_interaction=one');

test('knows its own signatures', () => {
  expect(signature).toMatch(/^[\w-]{43}$/);
  expect(signer.verify('emta_interaction=one', signature)).toBe(true);
  expect(signer.index('emta_interaction=one', signature)).toBe(0);
});

test.each([
  ['of another text', 'emta_interaction=two', signature],
  ['that is empty', 'emta_interaction=one', ''],
  ['that is cut', 'emta_interaction=one', signature.slice(0, -1)],
  ['that is longer', 'emta_interaction=one', `${signature}A`],
  ['that is padded', 'emta_interaction=one', `${signature}=`],
  ['of somebody else', 'emta_interaction=one', createCookieSigner('other').sign('emta_interaction=one')],
])('refuses a signature %s', (_what, text, given) => {
  expect(signer.verify(text, given)).toBe(false);
  expect(signer.index(text, given)).toBe(-1);
});
