import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

async function certifyLaunched(only: readonly string[], defect?: DefectEntry): Promise<readonly RowVerdict[]> {
  const declared = loadRelyingParty(file);
  if (declared.launch === undefined) throw new Error(`expected "launch" in ${file}, got none`);
  const env = { ...declared.launch.env, ...(defect === undefined ? {} : { SALE_SITE_DEFECTS: nameOf(defect) }) };
  const emta = await startEmbeddedEmta({ port: 0 });
  try {
    const rp = { ...declared, launch: { ...declared.launch, env } };
    const run = await openRun({ rp, emta: emta.issuer, seed: seedOf('launched'), profile: 'audit', only });
    const verdicts: RowVerdict[] = [];
    for (const { id } of run.rows) verdicts.push(await run.verdictOf(id));
    expect((await run.close()).defects).toEqual([]);
    return verdicts;
  } finally {
    await emta.close();
  }
}

const isRed = ({ verdict }: RowVerdict) => verdict === 'fail' || verdict === 'warn';
const told = ({ id, verdict, because }: RowVerdict) => `${id} ${verdict}: ${because.en}`;

test('the sale site passes the rows that start copies of it', async () => {
  const verdicts = await certifyLaunched(quick);
  expect(verdicts.filter(({ verdict }) => verdict !== 'pass').map(told)).toEqual([]);
}, 240_000);

const withCopies = defects.flatMap((defect) => {
  const rows = defect.rows.filter((id) => quick.includes(id) || (id === 'C02' && nameOf(defect) === 'X20.needed'));
  return rows.length === 0 ? [] : [[nameOf(defect), defect, rows] as const];
});

test.each(withCopies)(
  '%s turns red the rows that start copies',
  async (_name, defect, rows) => {
    const verdicts = await certifyLaunched(rows, defect);
    expect(verdicts.filter((verdict) => !isRed(verdict)).map(told)).toEqual([]);
  },
  240_000,
);

test('keys that are kept for ever, or never fetched anew, turn the rows of rotation red', async () => {
  const rotations = defects.flatMap((defect) => {
    const rows = defect.rows.filter((id) => slow.includes(id));
    return rows.length === 0 ? [] : [{ defect, rows }];
  });
  const verdicts = await Promise.all(rotations.map(({ defect, rows }) => certifyLaunched(rows, defect)));
  expect(
    verdicts
      .flat()
      .filter((verdict) => !isRed(verdict))
      .map(told),
  ).toEqual([]);
  expect(verdicts.flat().length).toBeGreaterThan(0);
}, 400_000);
