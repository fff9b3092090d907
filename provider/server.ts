import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEmta, type Emta } from './app.ts';
import { EmtaError } from './kernel/errors.ts';
import type { EmtaOptions } from './options.ts';

export interface ListenOptions extends Omit<EmtaOptions, 'issuer'> {
  /** TCP port; 0 takes a free one. Default 4299. */
  readonly port?: number;
  /** Address to bind to. Default: loopback. */
  readonly host?: string;
  /** Default: `http://localhost:` and the port. */
  readonly issuer?: string;
}

export interface RunningEmta extends Emta {
  readonly port: number;
}

const DEFAULT_PORT = 4299;
const LOOPBACK = '127.0.0.1';

/** Starts Emta and answers once a login would work. Throws `bad_option` when the port is taken. */
export async function startEmta(options: ListenOptions = {}): Promise<RunningEmta> {
  const { port: wanted = DEFAULT_PORT, host = LOOPBACK, issuer, ...rest } = options;
  let emta: Emta | undefined;
  const server = createServer((req, res) => {
    if (!emta) {
      res.writeHead(503, { 'Retry-After': '1' }).end();
      return;
    }
    void emta.handler(req, res);
  });
  const port = await listen(server, wanted, host);
  emta = await createEmta({ ...rest, issuer: issuer ?? `http://localhost:${port}` });
  const running = emta;
  return {
    ...running,
    port,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
      await running.close();
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const known =
        cause.code === 'EADDRINUSE'
          ? new EmtaError('bad_option', `expected "port" to be free, got ${port}, which is in use`, {
              cause,
              hint: 'stop what listens there, or choose another port with --port',
            })
          : cause;
      reject(known);
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
