import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import { emptyJar } from './jar.ts';
import { sitesApart } from './site.ts';
import { createUserAgent, type UserAgentOptions } from './user-agent.ts';

const running: { close(done: () => void): unknown; closeAllConnections?(): void }[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections?.();
    await new Promise<void>((done) => server.close(() => done()));
  }
});

async function serve(
  listener: RequestListener,
): Promise<{ readonly origin: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request);
    listener(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  running.push(server);
  const address = server.address();
  return { origin: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, asked };
}

async function serveBytes(answer: string): Promise<string> {
  const server = createRawServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  running.push(server);
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
}

const agentWith = (more: Partial<UserAgentOptions> = {}) =>
  createUserAgent({ sites: sitesApart([]), locale: 'fa', now: () => 1_700_000_000_000, hosts: new Set(), ...more });

const html = { 'content-type': 'text/html' };

test('connections stay open for the next request where they are said to, and nowhere else', async () => {
  const answer: RequestListener = (_request, response) => response.writeHead(200, html).end('hello');
  const [emta, site] = [await serve(answer), await serve(answer)];
  const agent = agentWith({ keepsOpen: (origin) => origin === emta.origin });
  for (const { origin } of [emta, site])
    for (const path of ['one', 'two'])
      expect((await agent.visit(emptyJar(), { method: 'GET', url: `${origin}/${path}` })).page?.text).toBe('hello');
  const connections = ({ asked }: typeof emta) => new Set(asked.map(({ socket }) => socket)).size;
  expect([connections(emta), connections(site)]).toEqual([1, 2]);
});

test('it looks like somebody who types an address', async () => {
  const { origin, asked } = await serve((_request, response) => response.writeHead(200, html).end('hello'));
  const trace = await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/` });
  expect(trace.page?.text).toBe('hello');
  expect(asked[0]?.headers).toMatchObject({
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-user': '?1',
    'sec-fetch-site': 'none',
    'upgrade-insecure-requests': '1',
    'accept-language': expect.stringMatching(/^fa/),
    'user-agent': expect.stringMatching(/^Mozilla\/5\.0 .*Chrome\/\d+/),
  });
});

test.each([301, 302, 303, 307, 308])('a %d after a POST is followed as a browser does', async (status) => {
  const { origin, asked } = await serve((request, response) =>
    request.url === '/next'
      ? response.writeHead(200, html).end('there')
      : response.writeHead(status, { location: '/next' }).end(),
  );
  const trace = await agentWith().visit(emptyJar(), { method: 'POST', url: `${origin}/`, form: [['a', '1']] });
  expect(trace.page?.text).toBe('there');
  expect(asked.map(({ method }) => method)).toEqual(['POST', status >= 307 ? 'POST' : 'GET']);
  expect(trace.hops[1]?.requestBody).toBe(status >= 307 ? 'a=1' : '');
});

test('cookies of one hop go along with the next, and a foreign origin counts as another site', async () => {
  const { origin, asked } = await serve((request, response) =>
    request.url === '/set'
      ? response
          .writeHead(302, { location: '/read', 'set-cookie': ['lax=1; SameSite=Lax', 'strict=1; SameSite=Strict'] })
          .end()
      : response.writeHead(200, html).end('read'),
  );
  const emta = 'http://127.0.0.1:1';
  await agentWith({ sites: sitesApart([emta]) }).visit(
    emptyJar(),
    { method: 'GET', url: `${origin}/set` },
    { from: `${emta}/journey/x`, cause: 'redirect' },
  );
  expect(asked[1]?.headers.cookie).toBe('lax=1');
  expect(asked[1]?.headers['sec-fetch-site']).toBe('cross-site');
});

test('a refresh without delay is followed, one of a second is left standing', async () => {
  const { origin } = await serve((request, response) =>
    request.url === '/there'
      ? response.writeHead(200, html).end('there')
      : response
          .writeHead(200, html)
          .end(`<meta http-equiv="refresh" content="${request.url === '/now' ? 0 : 1}; url=/there">wait`),
  );
  const agent = agentWith();
  expect((await agent.visit(emptyJar(), { method: 'GET', url: `${origin}/now` })).page?.text).toBe('there');
  const later = await agent.visit(emptyJar(), { method: 'GET', url: `${origin}/later` });
  expect(later.page).toMatchObject({ text: 'wait', refresh: { seconds: 1, url: `${origin}/there` } });
});

test('a form that a script sends is sent', async () => {
  const { origin, asked } = await serve((request, response) =>
    request.method === 'POST'
      ? response.writeHead(200, html).end('sent')
      : response
          .writeHead(200, html)
          .end(
            '<form method="post" action="/cb"><input type="hidden" name="code" value="c"></form><script>document.forms[0].submit()</script>',
          ),
  );
  const trace = await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/` });
  expect(trace.page?.text).toBe('sent');
  expect(trace.hops[1]).toMatchObject({ method: 'POST', cause: 'script', requestBody: 'code=c' });
  expect(asked[1]?.headers).toMatchObject({
    origin,
    referer: `${origin}/`,
    'content-type': 'application/x-www-form-urlencoded',
  });
});

test('a loop ends after twelve hops and is told as one', async () => {
  const { origin, asked } = await serve((request, response) =>
    response.writeHead(302, { location: `${request.url}x` }).end(),
  );
  const trace = await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/` });
  expect(trace.ending.kind).toBe('loop');
  expect(asked).toHaveLength(12);
});

test('silence is told after the budget of the step', async () => {
  const { origin } = await serve(() => undefined);
  const trace = await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/` }, { milliseconds: 60 });
  expect(trace.ending.kind).toBe('silence');
  expect(trace.hops[0]).toMatchObject({ status: 0, statusText: 'silence' });
});

test('a closed port and a broken answer are observations', async () => {
  const closed = await agentWith().visit(emptyJar(), { method: 'GET', url: 'http://127.0.0.1:1/' });
  expect(closed.ending).toMatchObject({ kind: 'broken', code: 'ECONNREFUSED' });
  const garbled = await agentWith().visit(emptyJar(), { method: 'GET', url: await serveBytes('NONSENSE\r\n\r\n') });
  expect(garbled.ending.kind).toBe('broken');
  const short = await agentWith().visit(emptyJar(), {
    method: 'GET',
    url: await serveBytes('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'),
  });
  expect(short.ending.kind).toBe('broken');
});

test.each([
  ['of a connection that ends', 'Connection: close\r\n'],
  ['of one that goes on', ''],
])('bytes after a whole answer %s are not shown, as browsers do not, and break nothing', async (_which, header) => {
  const whole = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n${header}\r\nrefused`;
  const url = await serveBytes(`${whole}<!doctype html><p>Internal Server Error`);
  const trace = await agentWith().visit(emptyJar(), { method: 'GET', url });
  expect(trace.ending.kind).toBe('page');
  expect(trace.page?.text).toBe('refused');
});

test.each(['//evil.example/x', '/\\evil.example/x', 'https://evil.example/x', '\\\\evil.example'])(
  'a redirect to %s is written down and not followed',
  async (location) => {
    const { origin } = await serve((_request, response) => response.writeHead(302, { location }).end());
    const trace = await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/` });
    expect(trace.ending).toMatchObject({ kind: 'off-limits', url: expect.stringContaining('evil.example') });
  },
);

test('what is held back is told and not asked', async () => {
  const { origin, asked } = await serve((_request, response) =>
    response.writeHead(302, { location: '/cb?code=1' }).end(),
  );
  const trace = await agentWith().visit(
    emptyJar(),
    { method: 'GET', url: `${origin}/` },
    { holdBefore: ({ url }) => url.includes('/cb') },
  );
  expect(trace.ending).toMatchObject({ kind: 'held', next: { method: 'GET', url: `${origin}/cb?code=1` } });
  expect(asked).toHaveLength(1);
});

test('a packed body is unpacked, and one that is not what it says is an observation', async () => {
  const { origin } = await serve((request, response) =>
    response
      .writeHead(200, { ...html, 'content-encoding': 'gzip' })
      .end(request.url === '/good' ? gzipSync('packed') : 'not packed'),
  );
  expect((await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/good` })).page?.text).toBe('packed');
  expect((await agentWith().visit(emptyJar(), { method: 'GET', url: `${origin}/bad` })).ending.kind).toBe('broken');
});

test('headers of a step go to the host it began at and to no other', async () => {
  const other = await serve((_request, response) => response.writeHead(200, html).end('other'));
  const first = await serve((_request, response) => response.writeHead(302, { location: `${other.origin}/` }).end());
  await agentWith().visit(
    emptyJar(),
    { method: 'GET', url: `${first.origin}/` },
    { headers: { 'x-forwarded-host': 'evil.example' } },
  );
  expect(first.asked[0]?.headers['x-forwarded-host']).toBe('evil.example');
  expect(other.asked[0]?.headers['x-forwarded-host']).toBeUndefined();
});

test('a process too busy to see its connection made does not give localhost up', async () => {
  const { origin } = await serve((_request, response) => response.writeHead(200, html).end('hello'));
  const visit = agentWith().visit(emptyJar(), { method: 'GET', url: `http://localhost:${new URL(origin).port}/` });
  // between asking for the connection and hearing of it, longer than node waits for one of several addresses
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400));
  expect((await visit).ending).toEqual({ kind: 'page' });
});
