import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { consentToken } from '../driver/opt-in.ts';
import { type EmbeddedEmta, startEmbeddedEmta } from '../embedded.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';

/** This machine by an address that is not known for it: to the harness it is anybody's. */
const host = '[::ffff:7f00:1]';

let emta: EmbeddedEmta;
let asked: string[];
let token: string;
let origin: string;
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  if (request.url === '/.well-known/emta-conformance' && token !== '') response.end(token);
  else response.writeHead(404).end();
});

beforeEach(async () => {
  asked = [];
  token = '';
  emta = await startEmbeddedEmta({ port: 0 });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  origin = `http://${host}:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
  await emta.close();
});

const open = (only?: readonly string[]) =>
  openRun({
    rp: parseRelyingParty(
      JSON.stringify({
        name: 'shop',
        version: '1',
        start_url: `${origin}/login`,
        protected_url: `${origin}/account`,
        client: { client_id: 'shop', client_secret: 'made-up', redirect_uris: [`${origin}/cb`] },
      }),
      'emta-rp.json',
    ),
    emta: emta.issuer,
    seed: 'opt-in',
    profile: 'audit',
    ...(only === undefined ? {} : { only }),
  });

test("asks somebody else's site for the token and for nothing else, and says what to put there", async () => {
  await expect(open()).rejects.toMatchObject({
    code: 'no_opt_in',
    lines: [expect.stringContaining(consentToken('shop', origin))],
  });
  expect(asked).toEqual(['GET /.well-known/emta-conformance']);
});

test('goes on where the token is', async () => {
  token = consentToken('shop', origin);
  const run = await open(['A01', 'A06']);
  expect((await run.verdictOf('A06')).verdict).toBe('inconclusive');
  expect((await run.verdictOf('A01')).verdict).toBe('fail');
  await run.close();
  expect(asked).toContain('GET /login');
});

test('takes no other token', async () => {
  token = consentToken('another', origin);
  await expect(open()).rejects.toMatchObject({ code: 'no_opt_in' });
});
