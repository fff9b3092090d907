import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { servesBesideOpen } from './open-connections.ts';
import { sitesApart } from './site.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  }
});

const nothingThere: RequestListener = (_request, response) => response.writeHead(404).end('nothing here');

/** A site that serves so many connections at a time; the others are taken when one of them is closed. */
async function siteOf(workers: number, listener: RequestListener = nothingThere): Promise<string> {
  const server = createServer(listener);
  const [served] = server.listeners('connection');
  if (typeof served !== 'function') throw new Error('expected a server of http to listen to its connections');
  server.removeAllListeners('connection');
  const waiting: (() => void)[] = [];
  let busy = 0;
  server.on('connection', (socket) => {
    const take = () => {
      busy += 1;
      socket.once('close', () => {
        busy -= 1;
        waiting.shift()?.();
      });
      served.call(server, socket);
    };
    if (busy < workers) take();
    else waiting.push(take);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  servers.push(server);
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/.well-known/nothing`;
}

const agent = { sites: sitesApart([]), locale: 'fa', now: () => 1_700_000_000_000, hosts: new Set<string>() };
/** Milliseconds: none of them is waited for where the site answers. */
const patience = { soon: 150, enough: 15_000 };

test('a site that serves whoever comes may be left connections that are open', async () => {
  expect(await servesBesideOpen(await siteOf(Number.POSITIVE_INFINITY), agent, patience.enough)).toBe(true);
});

test.each([1, 4, 16])('one that serves %d at a time may not', async (workers) => {
  expect(await servesBesideOpen(await siteOf(workers), agent, patience.soon)).toBe(false);
});

test('one that closes each connection leaves none to keep', async () => {
  const closing: RequestListener = (_request, response) =>
    response.writeHead(404, { connection: 'close' }).end('nothing here');
  expect(await servesBesideOpen(await siteOf(Number.POSITIVE_INFINITY, closing), agent, patience.enough)).toBe(false);
});
