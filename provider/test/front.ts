import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands before several processes of one issuer: each request goes to the next of them. */
export interface Front {
  readonly issuer: string;
  /** Ports of the processes, in the order they are asked; may be changed at any time. */
  readonly ports: number[];
  close(): Promise<void>;
}

/** A reverse proxy on a free port of loopback that takes turns, as a balancer without affinity does. */
export async function openFront(): Promise<Front> {
  const ports: number[] = [];
  let turn = 0;
  const server = createServer((req, res) => {
    const port = ports[turn % ports.length];
    turn += 1;
    if (port === undefined) {
      res.writeHead(502).end();
      return;
    }
    const onward = request(
      { host: '127.0.0.1', port, method: req.method, path: req.url, headers: req.headers, agent: false },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      },
    );
    onward.on('error', () => res.headersSent || res.writeHead(502).end());
    req.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    issuer: `http://localhost:${(server.address() as AddressInfo).port}`,
    ports,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
