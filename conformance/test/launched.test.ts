import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';
import { type DefectEntry, defects, nameOf } from '../defects/index.ts';
import { startEmbeddedEmta } from '../embedded.ts';
import { loadRelyingParty } from '../rp-file.ts';
import { openRun } from '../run.ts';
import type { RowVerdict } from '../verdict.ts';
import { beyondThisProcess } from './sale-site-run.ts';
import { seedOf } from './seed.ts';

const file = fileURLToPath(new URL('../sale-site/emta-rp.json', import.meta.url));
const server = fileURLToPath(new URL('../../dist/conformance/sale-site/server.js', import.meta.url));

beforeAll(() => {
  if (!existsSync(server))
    throw new Error('expected dist/conformance/sale-site/server.js, which `npm run build` makes, got nothing');
});

/** Rows that wait more than a minute for a key cool-down. */
const slow = ['K02', 'K03', 'K04'];
const quick = beyondThisProcess.filter((id) => !slow.includes(id));

interface Otherwise {
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
}

async function runLaunched(only: readonly string[], otherwise: Otherwise = {}) {
  const declared = loadRelyingParty(file);
  if (declared.launch === undefined) throw new Error(`expected "launch" in ${file}, got none`);
  const { command = declared.launch.command } = otherwise;
  const env = { ...declared.launch.env, ...otherwise.env };
  const emta = await startEmbeddedEmta({ port: 0 });
  try {
    const rp = { ...declared, launch: { ...declared.launch, command, env } };
    const run = await openRun({ rp, emta: emta.issuer, seed: seedOf('launched'), profile: 'audit', only });
    const verdicts: RowVerdict[] = [];
    for (const { id } of run.rows) verdicts.push(await run.verdictOf(id));
    const facts = await run.close();
    expect(facts.defects).toEqual([]);
    return { verdicts, chains: facts.emta.journal };
  } finally {
    await emta.close();
  }
}

const certifyLaunched = async (...how: Parameters<typeof runLaunched>) => (await runLaunched(...how)).verdicts;

const withDefect = (defect: DefectEntry): Otherwise => ({ env: { SALE_SITE_DEFECTS: nameOf(defect) } });
const isRed = ({ verdict }: RowVerdict) => verdict === 'fail' || verdict === 'warn';
const told = ({ id, verdict, because }: RowVerdict) => `${id} ${verdict}: ${because.en}`;

/** Rows whose evidence is of an Emta that only copies use. */
const apart = (verdicts: readonly RowVerdict[]) =>
  verdicts
    .filter(({ cases = [] }) => cases.some(({ issuer = '' }) => /\/t\/copies-\w+$/.test(issuer)))
    .map(({ id }) => id);

test('the sale site passes the rows that start copies of it, those with a fault for everybody in an Emta of their own', async () => {
  const { verdicts, chains } = await runLaunched(quick);
  expect(verdicts.filter(({ verdict }) => verdict !== 'pass').map(told)).toEqual([]);
  expect(chains).toHaveLength(2);
  expect(apart(verdicts)).toEqual(['C02', 'E05', 'E06', 'K01', 'K05', 'K07', 'L01']);
}, 240_000);

test('an Emta that no copy needs is not made', async () => {
  const { verdicts, chains } = await runLaunched(['C01', 'K01']);
  expect(verdicts.filter(({ verdict }) => verdict !== 'pass').map(told)).toEqual([]);
  expect(chains).toHaveLength(1);
}, 240_000);

test('a site that cannot use an issuer with a path is judged by the issuer that it can use', async () => {
  const script = 'process.env.SALE_SITE_ISSUER = new URL(process.env.SALE_SITE_ISSUER).origin; import(process.argv[1])';
  const command = ['node', '-e', script, pathToFileURL(server).href];
  const verdicts = await certifyLaunched(['E05', 'K01', 'K05', 'K07'], { command });
  expect(verdicts.filter(({ verdict }) => verdict !== 'pass').map(told)).toEqual([]);
  expect(apart(verdicts)).toEqual([]);
}, 240_000);

const withCopies = defects.flatMap((defect) => {
  const rows = defect.rows.filter((id) => quick.includes(id) || (id === 'C02' && nameOf(defect) === 'X20.needed'));
  return rows.length === 0 ? [] : [[nameOf(defect), defect, rows] as const];
});

test.each(withCopies)(
  '%s turns red the rows that start copies',
  async (_name, defect, rows) => {
    const verdicts = await certifyLaunched(rows, withDefect(defect));
    expect(verdicts.filter((verdict) => !isRed(verdict)).map(told)).toEqual([]);
  },
  240_000,
);

test('keys that are kept for ever, or never fetched anew, turn the rows of rotation red', async () => {
  const rotations = defects.flatMap((defect) => {
    const rows = defect.rows.filter((id) => slow.includes(id));
    return rows.length === 0 ? [] : [{ defect, rows }];
  });
  const verdicts = await Promise.all(rotations.map(({ defect, rows }) => certifyLaunched(rows, withDefect(defect))));
  expect(
    verdicts
      .flat()
      .filter((verdict) => !isRed(verdict))
      .map(told),
  ).toEqual([]);
  expect(verdicts.flat().length).toBeGreaterThan(0);
}, 400_000);
