import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { decide } from '../certification.ts';
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

const open = (only?: readonly string[], start = origin) =>
  openRun({
    rp: parseRelyingParty(
      JSON.stringify({
        name: 'shop',
        version: '1',
        start_url: `${start}/login`,
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

test("asks somebody else's site for the token and for nothing else, and says with each row what to put there", async () => {
  const run = await open();
  const verdicts = await Promise.all(run.rows.map(({ id }) => run.verdictOf(id)));
  const because = `the owner of ${host} has not agreed; to agree, answer GET ${origin}/.well-known/emta-conformance with the line "${consentToken('shop', origin)}"`;
  expect(new Set(verdicts.map((row) => `${row.verdict}: ${row.because.en}`))).toEqual(
    new Set([`inconclusive: ${because}`]),
  );
  const { defects } = await run.close();
  const demanded = run.rows.map(({ id }) => id);
  const decision = decide({ profile: 'audit', verdicts, demanded, partial: false, baseline: [], defects });
  expect(decision).toMatchObject({ outcome: 'inconclusive', exitCode: 3 });
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
  const run = await open(['A01']);
  expect((await run.verdictOf('A01')).verdict).toBe('inconclusive');
  await run.close();
  expect(asked).toEqual(['GET /.well-known/emta-conformance']);
});

test('asks at the address of the file that is least surely his own', async () => {
  const run = await open(['A01'], origin.replace(host, '127.0.0.1'));
  expect((await run.verdictOf('A01')).because.en).toContain(`the owner of ${host} has not agreed`);
  await run.close();
  expect(asked).toEqual(['GET /.well-known/emta-conformance']);
});
