import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Exchange } from '../../driver/emta-wire.ts';
import { emta, madeHop, madeSeen, madeTrace, shop } from '../../test/made-seen.ts';
import { verifierMatches } from './pkce.ts';

const verifier = 'a'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');
const asked = madeHop(`${emta}/oauth/authorize?client_id=shop&code_challenge=${challenge}&code_challenge_method=S256`);
const token: Exchange = {
  seq: 1,
  at: '2026-01-01T00:00:00Z',
  endpoint: 'token',
  request: { method: 'POST', url: '/token', query: {}, headers: {}, form: { code: 'c1', code_verifier: verifier } },
  response: { status: 200, headers: {}, body: '{}' },
  delivered: [],
};

test.each([
  ['in an address', madeHop(`${shop}/cb?code=c1&state=s`)],
  ['in a form', madeHop(`${shop}/cb`, { method: 'POST', requestBody: 'code=c1&state=s' })],
])('finds the token request of a code that came %s', (_how, back) => {
  const login = madeTrace(`${shop}/account`, '<p>welcome', { before: [asked, back] });
  const seen = madeSeen({ traces: { login }, exchanges: [token] });
  expect(verifierMatches('login').match(seen)).toMatchObject([{ points: 'for' }]);
});
