import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { loadCatalogue } from '../catalogue.ts';
import { type EmbeddedEmta, startEmbeddedEmta } from '../embedded.ts';
import { parseRelyingParty, type RelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';
import { createSaleSite } from '../sale-site/create.ts';
import type { RowVerdict } from '../verdict.ts';
import { seedOf } from './seed.ts';

export const saleSiteFolder = join(process.cwd(), 'conformance', 'sale-site');

/** The sale site in this process, registered at an Emta of its own, and the text of a file that names its driver. */
export interface StagedSite {
  readonly emta: EmbeddedEmta;
  readonly fileText: string;
  readonly server: Server;
  close(): Promise<void>;
}

export async function stageSaleSite(
  driver: 'http' | 'browser' | { readonly command: readonly string[] },
  defects: readonly string[] = [],
): Promise<StagedSite> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { launch: _, ...shipped }: Record<string, unknown> = JSON.parse(
    readFileSync(join(saleSiteFolder, 'emta-rp.json'), 'utf8'),
  );
  const fileText = JSON.stringify({ ...shipped, driver }).replaceAll('$' + '{port}', String(port));
  const emta = await startEmbeddedEmta({ port: 0 });
  const { client } = parseRelyingParty(fileText, 'emta-rp.json');
  const { callback } = await createSaleSite({
    baseUrl: `http://127.0.0.1:${port}`,
    issuer: emta.issuer,
    clientId: client.client_id,
    clientSecret: client.client_secret ?? '',
    smsGateway: `${emta.issuer}/_emta/v1/messages`,
    driverHooks: true,
    defects,
    // a defect that throws is seen in its verdict
    log: () => undefined,
  });
  server.on('request', callback);
  return {
    emta,
    fileText,
    server,
    async close() {
      server.closeAllConnections();
      server.close();
      await emta.close();
    },
  };
}

/** Rows by verdict, and the verdicts themselves. */
export interface Judged {
  readonly rows: Readonly<Record<string, readonly string[]>>;
  readonly verdicts: readonly RowVerdict[];
}

/** Judges a relying party by a few rows. */
export async function judge(rp: RelyingParty, emta: EmbeddedEmta, only: readonly string[]): Promise<Judged> {
  const run = await openRun({
    rp,
    emta: emta.issuer,
    seed: seedOf('drivers'),
    profile: 'audit',
    only,
    skipWaits: true,
  });
  const verdicts: RowVerdict[] = [];
  try {
    for (const { id } of loadCatalogue()) if (only.includes(id)) verdicts.push(await run.verdictOf(id));
  } finally {
    await run.close();
  }
  const rows: Record<string, string[]> = {};
  for (const { id, verdict } of verdicts) rows[verdict] = [...(rows[verdict] ?? []), id];
  return { rows, verdicts };
}
