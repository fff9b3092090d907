import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSaleSite } from '../create.ts';
import type { SaleSiteOptions } from '../options.ts';
import { client, type StubEmta } from './stub-emta.ts';

export interface RunningSite {
  readonly url: string;
  readonly messages: { readonly to: string; readonly text: string }[];
  readonly logged: { readonly doing: string; readonly error: unknown }[];
  readonly clock: { now(): number; advance(seconds: number): void };
  close(): Promise<void>;
}

/** A sale site of its own on a free port, with an outbox in place of a gateway. */
export async function startSite(emta: StubEmta, options: Partial<SaleSiteOptions> = {}): Promise<RunningSite> {
  const messages: { to: string; text: string }[] = [];
  const logged: { doing: string; error: unknown }[] = [];
  let ahead = 0;
  const clock = {
    now: () => Date.now() + ahead,
    advance(seconds: number) {
      ahead += seconds * 1000;
    },
  };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { callback } = await createSaleSite({
    baseUrl: url,
    issuer: emta.issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    driverHooks: true,
    smsGateway: async (to, text) => {
      messages.push({ to, text });
    },
    log: (doing, error) => logged.push({ doing, error }),
    clock,
    ...options,
  });
  server.on('request', callback);
  return {
    url,
    messages,
    logged,
    clock,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
