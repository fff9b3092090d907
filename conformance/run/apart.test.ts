import { expect, test } from '@jest/globals';
import { parseRelyingParty } from '../rp-file.ts';
import { takesIssuer } from './apart.ts';

const site = 'http://127.0.0.1:${port}';
const fileWith = (launch: object | undefined, origin = site) =>
  parseRelyingParty(
    JSON.stringify({
      name: 'shop',
      version: '1.0.0',
      start_url: `${origin}/login`,
      protected_url: `${origin}/account`,
      client: { client_id: 'shop', client_secret: 'made-up', redirect_uris: [`${origin}/cb`] },
      ...(launch === undefined ? {} : { launch }),
    }),
    'emta-rp.json',
  );
const launch = { command: ['node', 'shop.js'], ready_url: `${site}/` };

test.each([
  ['by its environment', fileWith({ ...launch, env: { ISSUER: '${issuer}' } }), true],
  ['by its command', fileWith({ ...launch, command: ['node', 'shop.js', '--issuer=${issuer}/'] }), true],
  ['by a file of its own that nobody fills in', fileWith(launch), false],
  ['from whoever started it', fileWith(undefined, 'http://127.0.0.1:8080'), false],
  [
    'on the one port that it has',
    fileWith(
      { command: ['node', 'shop.js'], env: { ISSUER: '${issuer}' }, ready_url: 'http://127.0.0.1:8080/' },
      'http://127.0.0.1:8080',
    ),
    false,
  ],
])('whether a copy takes another issuer, where the site learns it %s', (_how, rp, expected) => {
  expect(takesIssuer(rp)).toBe(expected);
});
