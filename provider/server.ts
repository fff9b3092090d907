import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { createEmta, type Emta } from './app.ts';
import { EmtaError, isEmtaError } from './kernel/errors.ts';
import { createNamespaces, type Namespaces } from './namespaces.ts';
import type { EmtaOptions, ListenOptions } from './options.ts';
import { prefixedStore } from './store/prefixed.ts';
import type { CertificateAuthority } from './tls/certificate-authority.ts';

export interface RunningEmta extends Emta {
  readonly port: number;
  /** Forgets what is under `/t/NAME/`; the next request there makes an empty one. */
  dropNamespace(name: string): Promise<void>;
}

const DEFAULT_PORT = 4299;
const LOOPBACK = '127.0.0.1';

/** Starts Emta and answers once a login would work. Throws `bad_option` when the port is taken. */
export async function startEmta(options: ListenOptions = {}): Promise<RunningEmta> {
  const { port: wanted = DEFAULT_PORT, host = LOOPBACK, issuer, authority, ...rest } = options;
  let emta: Emta | undefined;
  let namespaces: Namespaces | undefined;
  const answer: RequestListener = (req, res) => {
    if (!emta) {
      res.writeHead(503, { 'Retry-After': '1' }).end();
      return;
    }
    const namespace = namespaces?.nameIn(req.url ?? '/');
    if (!namespace) {
      void emta.handler(req, res);
      return;
    }
    namespaces?.answer(namespace, req, res).catch((error: unknown) => {
      rest.log?.error({ err: error, namespace }, 'a namespace cannot be made');
      res.writeHead(503, { 'Retry-After': '1' }).end();
    });
  };
  const names = issuer ? [new URL(issuer).hostname] : [];
  const server = authority ? await tlsServer(authority, names, answer, () => emta) : createServer(answer);
  // Longer than a proxy keeps its idle connections, so that it never sends into one that is being closed.
  server.keepAliveTimeout = 75_000;
  // A request that trickles in holds one connection, and not for ever.
  server.headersTimeout = 20_000;
  server.requestTimeout = 60_000;
  // A port of one's own choice is known beforehand, and nobody need be told to wait; a worker that takes the place of one
  // that died shares the port with others that could answer.
  const port = wanted === 0 ? await listen(server, wanted, host) : wanted;
  const running = await created({
    ...rest,
    issuer: issuer ?? `${authority ? 'https' : 'http'}://localhost:${port}`,
  });
  emta = running;
  namespaces = createNamespaces((name) =>
    createEmta({
      ...rest,
      issuer: `${running.issuer}/t/${name}`,
      ...(rest.store && { store: prefixedStore(rest.store, `namespace:${name}:`) }),
    }),
  );
  if (!server.listening) await listenOrClose();
  const { drop, opened } = namespaces;
  let closed: Promise<void> | undefined;

  async function close(): Promise<void> {
    const all = [running, ...(await opened())];
    for (const each of all) each.endStreams();
    await stopListening(server);
    for (const each of all) await each.close();
  }

  return {
    ...running,
    port,
    async dropNamespace(name) {
      await drop(name);
      await rest.store?.clear(`namespace:${name}:`);
    },
    close() {
      closed ??= close();
      return closed;
    },
  };

  /** A port that leads nowhere is given back. */
  async function created(of: EmtaOptions): Promise<Emta> {
    try {
      return await createEmta(of);
    } catch (error) {
      if (server.listening) await stopListening(server);
      throw error;
    }
  }

  /** What was built for a port that somebody else has is given back. */
  async function listenOrClose(): Promise<void> {
    try {
      await listen(server, port, host);
    } catch (error) {
      await running.close();
      throw error;
    }
  }
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

const GRACE = 5_000;

/** Takes no more requests, lets those in flight finish, and after five seconds cuts what is still open. */
async function stopListening(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
  server.closeIdleConnections();
  // One that was busy then is idle once it has its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Whoever connects while the store is away is told so in words, for which there must be a connection. */
function noneWhileAway(error: unknown): readonly never[] {
  if (isEmtaError(error) && error.code === 'store_unavailable') return [];
  throw error;
}

/** Presents the right certificate, or an impostor's while a fault of TLS is armed. */
async function tlsServer(
  authority: CertificateAuthority,
  names: readonly string[],
  answer: RequestListener,
  emta: () => Emta | undefined,
): Promise<Server> {
  const sound = await authority.certificateFor(names);

  async function present(): Promise<SecureContext> {
    const arming = emta()?.control.arming;
    for (const armed of (await arming?.find('tls', {}).catch(noneWhileAway)) ?? []) {
      if (!(await arming?.markDelivered(armed.id))) continue;
      const impostor =
        armed.fault === 'tls.certificate_untrusted'
          ? await authority.untrustedCertificate(names)
          : await authority.wrongNameCertificate();
      return createSecureContext(impostor);
    }
    return createSecureContext(sound);
  }

  return createTlsServer(
    {
      ...sound,
      // Asked in every handshake that names the host, so that a fault works at once.
      SNICallback: (_name, done) => {
        present().then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    },
    answer,
  );
}
