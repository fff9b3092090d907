import { request } from 'node:http';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Form } from '../browser.ts';
import { authorizationUrl, freshEmta, type TestEmta } from '../fresh-emta.ts';
import { visitorOf } from '../visitor.ts';

/** One call of the control interface with headers as they are. */
function call(
  emta: TestEmta,
  path: string,
  headers: Form,
  body?: string,
): Promise<{ status: number; text: string; headers: Form }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `http://127.0.0.1:${emta.port}${path}`,
      {
        agent: false,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const paths = [
  '/_emta/v1/',
  '/_emta/v1/messages',
  '/_emta/v1/exchanges',
  '/_emta/v1/clients',
  '/_emta/v1/openapi.json',
];

test.each([
  ['a page of another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
  ['a page of another port', { Origin: 'http://localhost:4300', 'Sec-Fetch-Site': 'same-site' }],
  ['a page that hides where it is from', { Origin: 'null' }],
  ['a name that rebinding made', { Host: 'evil.example' }],
  ['a name that rebinding made, with its port', { Host: 'rebind.evil.example:4299' }],
  ['a name that only looks like ours', { Host: 'localhost.evil.example' }],
])('%s may not read or change anything', async (_what, headers) => {
  const emta = await freshEmta();
  for (const path of paths) {
    const { status, text, headers: answered } = await call(emta, path, headers);
    expect(status).toBe(403);
    expect(text).not.toContain('client_secret');
    expect(answered['access-control-allow-origin']).toBeUndefined();
  }
  const arm = JSON.stringify({ fault: 'id_token.nonce_wrong', issuer: true });
  expect((await call(emta, '/_emta/v1/armed', headers, arm)).status).toBe(403);
  expect((await emta.control('get', '/armed')).armed).toEqual([]);
});

test('a form of another site cannot stand for a call, whatever it calls itself', async () => {
  const emta = await freshEmta();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const { status } = await call(
      emta,
      '/_emta/v1/armed',
      { 'Content-Type': type, Origin: 'https://evil.example' },
      '{"fault":"id_token.nonce_wrong","issuer":true}',
    );
    expect(status).toBe(403);
  }
});

test.each([
  ['no token', {}],
  ['a wrong one', { Authorization: 'Bearer wrong' }],
  ['one that begins right', { Authorization: 'Bearer made-up-toke' }],
  ['the right one as a password', { Authorization: `Basic ${Buffer.from('x:made-up-token').toString('base64')}` }],
])('where a token is needed, %s opens nothing', async (_what, headers) => {
  const emta = await freshEmta({ controlToken: 'made-up-token' });
  for (const path of paths) expect((await call(emta, path, headers)).status).toBe(401);
  expect((await call(emta, '/_emta/v1/', { Authorization: 'Bearer made-up-token' })).status).toBe(200);
});

test('what comes from outside stands in one line of the log, masked, under an id of our own', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const emta = await freshEmta({ log });
  const visitor = visitorOf(emta, 'married-woman');
  const forged = 'x\n{"level":50,"msg":"forged"}';
  const answer = await visitor.browser.send(
    authorizationUrl(emta.issuer, { login_hint: '09070000101', state: forged }),
    undefined,
    { 'X-Request-Id': 'made-up' },
  );
  await visitor.browser.send('/%1b[31mred%0a/x');
  await visitor.walk('end');
  await emta.control('get', `/exchanges?client_id=${encodeURIComponent(forged)}`);
  expect(lines.length).toBeGreaterThan(10);
  const entries = lines.map((line) => JSON.parse(line));
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(entries.filter(({ msg }) => msg === 'forged')).toEqual([]);
  const requests = entries.filter(({ msg }) => msg === 'request');
  expect(requests.every(({ id, method, status }) => /^[\w-]{22}$/.test(id) && method && status)).toBe(true);
  expect(answer.headers['x-request-id']).not.toBe('made-up');
  const all = lines.join('');
  for (const secret of ['09070000101', '+989070000101', '9991001018', '\u001b']) expect(all).not.toContain(secret);
  expect(all).not.toMatch(/code=[\w-]{20,}[&"]/);
});

test('the metrics tell nothing of anybody', async () => {
  const emta = await freshEmta();
  await visitorOf(emta, 'married-woman').walk('end');
  const { text } = await call(emta, '/metrics', {});
  expect(text).toContain('emta_journeys_total{outcome="granted",step="consent"} 1');
  expect(text).toMatch(/emta_sms_total\{status="delivered"\} 1/);
  expect(text).toMatch(/emta_http_requests_total\{method="POST",route="\/journey\/\*\/mobile",status="303"\} 1/);
  expect(text).not.toMatch(/9070000101|9991001018|journey\/[\w-]{30}/);
});
