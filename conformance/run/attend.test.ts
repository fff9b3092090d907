import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { noServerError } from '../judge/matchers/refusal.ts';
import type { Seen } from '../observe/seen.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { madeHop, madeSeen, madeTrace, shop } from '../test/made-seen.ts';
import { verbatim } from '../told.ts';
import type { RowVerdict } from '../verdict.ts';
import { attend } from './attend.ts';

const row = loadCatalogue().find(({ id }) => id === 'L03');
const well = madeSeen({ traces: { login: madeTrace(`${shop}/account`, 'welcome') } });
const atOnce = madeSeen({ traces: { login: madeTrace(`${shop}/cb`, 'try again later', { status: 503 }) } });
const late = madeSeen({
  traces: {
    login: madeTrace(`${shop}/cb`, 'try again later', {
      status: 503,
      before: [{ ...madeHop(`${shop}/login`, { status: 303 }), milliseconds: 5000 }],
    }),
  },
});

/** Runs one case that sees these one after the other; gives its verdict and how often it was looked at. */
async function attended(runs: Scenario['runs'], ...sights: readonly Seen[]) {
  if (row === undefined) throw new Error('expected the row L03');
  const kase = { label: '', people: {}, drive: [], expect: [noServerError()] };
  const good = { isGood: true, because: verbatim('well'), at: 0 };
  const verdicts: RowVerdict[] = [];
  let looks = 0;
  await attend({
    jobs: [{ row, scenario: { id: row.id, runs, cases: [kase] }, kase }],
    context: { face: 'oidc', profile: 'core-must' },
    concurrency: 1,
    copiesBeside: false,
    keeper: { latest: () => good, next: async () => good, now: async () => good },
    watch: async () => {
      looks += 1;
      return sights[looks - 1] ?? late;
    },
    revive: async () => undefined,
    wait: async () => undefined,
    settled: (_row, verdict) => verdicts.push(verdict),
    contradicted: () => undefined,
    spentOn: () => undefined,
    broken: (_job, error) => {
      throw error;
    },
  });
  return { verdicts: verdicts.map(({ verdict }) => verdict), looks };
}

test.each(['alone', 'beside'] as const)('looks again at a case, run %s, that was kept waiting', async (runs) => {
  expect(await attended(runs, late, well)).toEqual({ verdicts: ['pass'], looks: 2 });
});

test.each(['alone', 'beside'] as const)('blames what a second look, run %s, sees too', async (runs) => {
  expect(await attended(runs, late, late)).toEqual({ verdicts: ['fail'], looks: 2 });
});

test('blames at once what came without a wait', async () => {
  expect(await attended('alone', atOnce)).toEqual({ verdicts: ['fail'], looks: 1 });
});
