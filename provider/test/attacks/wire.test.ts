import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { exchange } from '../browser.ts';
import { freshEmta } from '../fresh-emta.ts';
import { sendRaw } from './raw.ts';

const victim = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** What two servers in a row may take for different requests (RFC 9112 11.2). Each is to be one refusal. */
test.each([
  [
    'both lengths',
    'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths', 'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n'],
  ['a length with a sign', 'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\nabc'],
  ['a length in other digits', 'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x3\r\n\r\nabc'],
  [
    'an encoding that is none',
    'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'chunked twice, not last',
    'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
  ],
  [
    'a space before the colon',
    'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a header that goes on in the next line', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n X: folded\r\n\r\n'],
  ['a chunk of no size', 'POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n'],
  ['a nought in a header', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n'],
  ['a line feed alone in a value', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: a\rX-B: b\r\n\r\n'],
  ['no version that there is', 'GET /healthz HTTP/3.7\r\nHost: localhost\r\n\r\n'],
])('a request with %s is refused, and nothing behind it is answered', async (_what, bytes) => {
  const emta = await freshEmta();
  const { statuses } = await sendRaw(emta.issuer, bytes + victim);
  expect(statuses).toEqual([400]);
});

test('a body that ends where it says leaves the next request its own', async () => {
  const emta = await freshEmta();
  const body = 'GET /_emta/v1/ HTTP/1.1\r\nHost: evil.example\r\n\r\n';
  const smuggling = `POST /oauth/par HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const { statuses } = await sendRaw(
    emta.issuer,
    `${smuggling}${victim.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
  );
  expect(statuses).toHaveLength(2);
  expect(statuses[1]).toBe(200);
});

test('a request without a Host, or with two, is refused', async () => {
  const emta = await freshEmta();
  expect((await sendRaw(emta.issuer, 'GET /healthz HTTP/1.1\r\n\r\n')).statuses).toEqual([400]);
  const two =
    'GET /.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
  expect((await sendRaw(emta.issuer, two)).text).not.toContain('evil.example');
});

test('sixteen kilobytes of headers are too many', async () => {
  const emta = await freshEmta();
  const { statuses } = await sendRaw(
    emta.issuer,
    `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
  );
  expect(statuses).toEqual([431]);
});

test.each([
  ['/journey/unknown/mobile', 17_000],
  ['/service/v1/oauth/token', 200_000],
  ['/oauth/par', 200_000],
  ['/_emta/v1/messages', 1_100_000],
])('%s refuses a form of %i bytes', async (path, size) => {
  const emta = await freshEmta();
  const answer = await exchange(`${emta.issuer}${path}`, { a: 'x'.repeat(size) }, {});
  // oidc-provider calls it a bad request.
  expect(answer.status).toBe(/oauth/.test(path) ? 400 : 413);
});

test('a form that announces more than anybody types is not waited for', async () => {
  const emta = await freshEmta();
  const bytes =
    'POST /journey/unknown/mobile HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 999999999\r\n\r\na=';
  expect((await sendRaw(emta.issuer, bytes)).statuses).toEqual([413]);
});

test('while two hundred clients send half a request, or none, others are served, and stopping does not wait for them', async () => {
  const emta = await freshEmta();
  const port = Number(new URL(emta.issuer).port);
  const halves = [
    'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
    'POST /journey/x/mobile HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nmobile=',
    '',
  ];
  const slow = Array.from({ length: 200 }, (_, index) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(halves[index % halves.length] ?? '');
    return socket;
  });
  expect((await exchange(`${emta.issuer}/healthz`, undefined, {})).status).toBe(200);
  // a wait for any of them would outlast this test
  await emta.close();
  for (const socket of slow) socket.destroy();
});

test('a client that closes its own half of the connection still gets its answer', async () => {
  const emta = await freshEmta();
  const socket = connect({ port: Number(new URL(emta.issuer).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.end(victim);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});
