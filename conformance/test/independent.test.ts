import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startEmbeddedEmta } from '../embedded.ts';
import { relyingParties } from './rps/index.ts';
import type { RelyingPartyKind } from './rps/relying-party.ts';
import { seedOf } from './seed.ts';

// Relying parties that were not written for the harness, certified by the command line as their owner would. Most of a
// run is waiting for keys to cool down, so all of them run beside each other.

const cli = join(process.cwd(), 'dist', 'conformance', 'cli.js');
const minutes = 60_000;

/** One of each face, and the worst, are held to the rules of the scheme too; the others to what standards demand. */
const strictly = ['oauth4webapi', 'simple-oauth2', 'passport-openidconnect'];

if (!existsSync(cli)) throw new Error('expected dist/conformance/cli.js, which `npm run build` makes, got nothing');
const folder = mkdtempSync(join(tmpdir(), 'emta-mock-independent-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Certified {
  readonly exitCode: unknown;
  readonly text: string;
  /** Row ids by verdict. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

async function certify(kind: RelyingPartyKind): Promise<Certified> {
  const emta = await startEmbeddedEmta({ port: 0 });
  const clientId = `shop-${kind.id}`;
  const clientSecret = `made-up-secret-of-${kind.id}`;
  const { close, ...members } = await kind.start({ issuer: emta.issuer, clientId, clientSecret, port: 0 });
  try {
    const file = join(folder, `${kind.id}.json`);
    const report = join(folder, `${kind.id}.report.json`);
    writeFileSync(file, JSON.stringify(members));
    const profile = strictly.includes(kind.id) ? 'emta-strict' : 'core-must';
    const args = [cli, 'certify', file, '--emta', emta.issuer, '--profile', profile, '--report', report];
    const child = spawn(process.execPath, [
      ...args,
      '--seed',
      seedOf(kind.id),
      '--run-by',
      'the tests of the harness',
      '--key',
      join(folder, `${kind.id}.pem`),
    ]);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (more) => (text += more));
    const [exitCode] = await once(child, 'close');
    return { exitCode, text, rows: existsSync(report) ? rowsOf(readFileSync(report, 'utf8')) : {} };
  } finally {
    await close();
    await emta.close();
  }
}

function rowsOf(report: string): Readonly<Record<string, readonly string[]>> {
  const { rows }: { rows: readonly { id: string; verdict: string }[] } = JSON.parse(report);
  const byVerdict: Record<string, string[]> = {};
  for (const { id, verdict } of rows) byVerdict[verdict] = [...(byVerdict[verdict] ?? []), id];
  return byVerdict;
}

/**
 * Libraries believe a key set for some minutes, so that over http a key withdrawn a minute ago still signs in: a finding
 * of medium severity, which stands on the report's first page and denies nobody the certificate.
 */
const keptByLibraries = ['K04'];

const right = relyingParties.filter(({ correct }) => correct);
const wrong = relyingParties.filter(({ correct }) => !correct);

/** As many at once as two cores can walk while the others wait. */
const atOnce = 4;
const results = new Map<string, PromiseSettledResult<Certified>>();

// Not `test.concurrent`, which runs beside the hooks instead of between them.
beforeAll(async () => {
  const waiting = [...relyingParties];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [result] = await Promise.allSettled([certify(next)]);
      results.set(next.id, result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}, 45 * minutes);

function resultOf({ id }: RelyingPartyKind): Certified {
  const result = results.get(id);
  if (result?.status !== 'fulfilled') throw new Error(`the run of ${id} broke off`, { cause: result?.reason });
  return result.value;
}

test('at least four of them are right, each made with another library', () => {
  expect(right.length).toBeGreaterThanOrEqual(4);
  expect(wrong.length).toBeGreaterThanOrEqual(1);
});

test.each(right)('$id is certified, with no exception made for it', (kind) => {
  const { exitCode, text, rows } = resultOf(kind);
  const failed = (rows.fail ?? []).filter((id) => !keptByLibraries.includes(id));
  expect({ failed, text: exitCode === 0 ? '' : text }).toEqual({ failed: [], text: '' });
  expect(exitCode).toBe(0);
  expect(text).toContain('\nrun by the tests of the harness\n');
  expect(rows.pass?.length).toBeGreaterThan(70);
});

test.each(wrong)('$id is not certified, and fails in just the rows that it is known to be bad at', (kind) => {
  const { exitCode, rows } = resultOf(kind);
  const judged = Object.values(rows).flat();
  const knownBad = Object.keys(kind.knownBad ?? {}).filter((id) => judged.includes(id));
  const others = (rows.fail ?? []).filter((id) => !keptByLibraries.includes(id) || knownBad.includes(id));
  expect(others.sort()).toEqual(knownBad.sort());
  expect(exitCode).toBe(1);
});
