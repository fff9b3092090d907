import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DefectEntry, nameOf } from '../defects/index.ts';
import { parsePeople } from '../driver/emta-wire.ts';
import type { Person } from '../driver/person.ts';
import { startEmbeddedEmta } from '../embedded.ts';
import type { RunFacts } from '../facts.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';
import { createSaleSite } from '../sale-site/create.ts';
import type { Profile, RowVerdict } from '../verdict.ts';
import { seedOf } from './seed.ts';

export interface SaleSiteRun {
  readonly verdicts: ReadonlyMap<string, RowVerdict>;
  readonly facts: RunFacts;
  /** Everybody whom Emta sent an SMS. */
  readonly people: readonly Person[];
}

export interface SaleSiteRunOptions {
  readonly defect?: DefectEntry;
  readonly face?: 'oidc' | 'oauth2';
  readonly only?: readonly string[];
  readonly profile?: Profile;
}

const fileOf = ({ defect, face }: SaleSiteRunOptions): string => {
  if (defect?.file !== undefined) return defect.file;
  return (defect?.face ?? face) === 'oauth2' ? 'emta-rp.resources.json' : 'emta-rp.json';
};

/** Certifies the reference sale site in this process, with a defect or without, against an Emta of its own. */
export async function certifySaleSite(options: SaleSiteRunOptions = {}): Promise<SaleSiteRun> {
  const { defect } = options;
  const folder = mkdtempSync(join(tmpdir(), 'emta-sale-site-'));
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const baseUrl = `http://127.0.0.1:${port}`;
  const text = readFileSync(new URL(`../sale-site/${fileOf(options)}`, import.meta.url), 'utf8');
  const { launch: _launch, second_issuer: _second, ...declared } = JSON.parse(text.replaceAll('${port}', String(port)));
  const capabilities = { ...declared.capabilities, ...defect?.capabilities };
  const parsed = parseRelyingParty(JSON.stringify({ ...declared, capabilities }), join(folder, 'emta-rp.json'));
  // what Emta is to let pass goes with the client: its owner cannot ask for that in the file
  const relaxed = defect?.relax === undefined ? {} : { emta_relax: defect.relax };
  const rp = { ...parsed, client: { ...parsed.client, ...defect?.client, ...relaxed } };
  const emta = await startEmbeddedEmta({ port: 0, helperStrip: false });
  try {
    const { callback } = await createSaleSite({
      baseUrl,
      issuer: emta.issuer,
      clientId: rp.client.client_id,
      clientSecret: rp.client.client_secret ?? '',
      face: (defect?.face ?? options.face) === 'oauth2' ? 'oauth2' : 'oidc',
      asksMobile: fileOf(options) === 'emta-rp.mobile.json',
      smsGateway: `${emta.issuer}/_emta/v1/messages`,
      driverHooks: true,
      defects: defect === undefined ? [] : [nameOf(defect)],
    });
    server.on('request', callback);
    const run = await openRun({
      rp,
      emta: emta.issuer,
      seed: seedOf('self-test'),
      profile: options.profile ?? 'audit',
      skipWaits: true,
      ...(options.only === undefined ? {} : { only: options.only }),
    });
    const verdicts = new Map<string, RowVerdict>();
    for (const { id } of run.rows) verdicts.set(id, await run.verdictOf(id));
    const people = await peopleMet(emta.issuer);
    return { verdicts, people, facts: await run.close() };
  } finally {
    await emta.close();
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function peopleMet(issuer: string): Promise<readonly Person[]> {
  const ask = async (path: string) => JSON.parse(await (await fetch(`${issuer}/_emta/v1${path}`)).text());
  const { messages }: { readonly messages: readonly { readonly to: string }[] } = await ask('/messages');
  const mobiles = [...new Set(messages.map(({ to }) => to))];
  const found = await Promise.all(mobiles.map((mobile) => ask(`/citizens?find=${encodeURIComponent(mobile)}`)));
  return found.flatMap(parsePeople);
}

/** Rows that need a copy of the relying party, which only a launched one has, and those that wait more than a minute. */
export const beyondThisProcess: readonly string[] = [
  'C02',
  'E05',
  'E06',
  'E12',
  'F13',
  'K01',
  'K02',
  'K03',
  'K04',
  'K05',
  'K07',
  'L01',
];
