import { expect, test } from '@jest/globals';
import { emta, madeHop, madeSeen, madeTrace, shop } from '../../test/made-seen.ts';
import { isFreshEachTime } from './forgery-defence.ts';

const login = (nonce: string) =>
  madeTrace(`${shop}/account`, '<p>welcome', { before: [madeHop(`${emta}/oauth/authorize?nonce=${nonce}`)] });
const pointsOf = (nonces: readonly string[]) => {
  const traces = Object.fromEntries(nonces.map((nonce, index) => [`login.${index}`, login(nonce)]));
  return isFreshEachTime('nonce', { bits: true }).match(madeSeen({ traces }))[0]?.points;
};

test.each([
  ['16 bytes in base64url, none with a sign', ['q8Vn3kT0bYxWmZ5rLc2HdA', 'Zp4sJt7uQ1eKf9gRw6XyBv'], 'for'],
  ['16 bytes in base64url', ['q8Vn3kT0bY-WmZ5rLc2HdA', 'Zp4sJt7uQ1eKf9gRw6_yBv'], 'for'],
  ['16 bytes in hex', ['0f1e2d3c4b5a69788796a5b4c3d2e1f0', '00112233445566778899aabbccddeeff'], 'for'],
  ['a UUID', ['3f2b8c1e-9d4a-4f6b-8e7c-1a2b3c4d5e6f', '7c6d5e4f-3a2b-4c1d-9e8f-0a1b2c3d4e5f'], 'for'],
  ['20 letters and digits', ['esfuq7lbU8MAR8ITNr1E', 'Rk29xPqLm4TzVb8WcD1f'], 'against'],
  ['ten digits', ['1234567890', '9876543210'], 'against'],
  ['one and the same', ['q8Vn3kT0bYxWmZ5rLc2HdA', 'q8Vn3kT0bYxWmZ5rLc2HdA'], 'against'],
])('a nonce of %s', (_what, nonces, points) => {
  expect(pointsOf(nonces)).toBe(points);
});
