import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that should never have been made. */
export interface Trapped {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The attacker's host: answers everything, forgets nothing. */
export interface Trap {
  readonly origin: string;
  /** All requests whose path begins with this case's own address. */
  visitsOf(mark: string): readonly Trapped[];
  close(): Promise<void>;
}

/** Listens on a free port of loopback. Every case gets an address of its own under it, `origin/mark`. */
export async function openTrap(): Promise<Trap> {
  const visits: Trapped[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      );
      visits.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      response.writeHead(404, { 'content-type': 'application/json', connection: 'close' }).end('{"error":"not_found"}');
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    visitsOf: (mark) => visits.filter(({ url }) => url.startsWith(`/${mark}`)),
    close: () =>
      new Promise((done, fail) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? done() : fail(error)));
      }),
  };
}
