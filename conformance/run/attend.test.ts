import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { noServerError } from '../judge/matchers/refusal.ts';
import type { Seen } from '../observe/seen.ts';
import { arm } from '../scenarios/parts.ts';
import type { Case, Scenario, Step } from '../scenarios/scenario.ts';
import { madeHop, madeSeen, madeTrace, shop } from '../test/made-seen.ts';
import { verbatim } from '../told.ts';
import type { RowVerdict } from '../verdict.ts';
import { type Attendance, attend } from './attend.ts';

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

type Made = Partial<Pick<Attendance, 'watch' | 'concurrency' | 'copiesBeside'>>;

/** Runs these cases, each of a scenario that runs so; gives the verdicts. */
async function attendedCases(runs: Scenario['runs'], kases: readonly Case[], made: Made) {
  if (row === undefined) throw new Error('expected the row L03');
  const good = { isGood: true, because: verbatim('well'), at: 0 };
  const verdicts: RowVerdict[] = [];
  await attend({
    jobs: kases.map((kase) => ({ row, scenario: { id: row.id, runs, cases: kases }, kase })),
    context: { face: 'oidc', profile: 'core-must' },
    concurrency: 1,
    copiesBeside: false,
    keeper: { latest: () => good, next: async () => good, now: async () => good, hurry: () => undefined },
    watch: async () => well,
    revive: async () => undefined,
    wait: async () => undefined,
    settled: (_row, verdict) => verdicts.push(verdict),
    contradicted: () => undefined,
    spentOn: () => undefined,
    broken: (_job, error) => {
      throw error;
    },
    ...made,
  });
  return verdicts.map(({ verdict }) => verdict);
}

const caseOf = (label: string, ...drive: Case['drive']): Case => ({
  label,
  people: {},
  drive,
  expect: [noServerError()],
});

/** Runs one case that sees these one after the other; gives its verdict and how often it was looked at. */
async function attended(runs: Scenario['runs'], ...sights: readonly Seen[]) {
  let looks = 0;
  const watch = async () => {
    looks += 1;
    return sights[looks - 1] ?? late;
  };
  return { verdicts: await attendedCases(runs, [caseOf('')], { watch }), looks };
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

test('begins long cases first, two at a time, and the others beside them', async () => {
  const [short, long] = [
    ['s1', 's2', 's3'].map((label) => caseOf(label)),
    ['l1', 'l2', 'l3'].map((label) => caseOf(label, arm('token.hang'))),
  ];
  const begun: string[] = [];
  const watch: Attendance['watch'] = async ({ kase }) => {
    begun.push(kase.label);
    return well;
  };
  await attendedCases('beside', [...short, ...long], { watch, concurrency: 4 });
  expect(begun.slice(0, 4)).toEqual(['l1', 'l2', 's1', 's2']);
  expect(begun.toSorted()).toEqual(['l1', 'l2', 'l3', 's1', 's2', 's3']);
});

const copied: Step = { do: 'relaunch' };
test.each([
  ['on a copy', [copied, arm('token.reset')], true, false],
  ['on a copy that would take the place of the site', [copied], false, true],
  ['with a fault that everybody meets', [copied, arm('jwks.server_error', undefined, 'issuer')], true, true],
  ['with a fault of the whole client', [copied, arm('token.reset', undefined, 'client')], true, true],
  [
    'with such a fault further in',
    [copied, { do: 'together', branches: [[arm('jwks.reset', undefined, 'issuer')]] }],
    true,
    true,
  ],
  ['on the site itself', [arm('token.reset')], true, true],
] as const)(
  'a case %s waits for the others to end only where it must',
  async (_what, drive, copiesBeside, expected) => {
    const alone: boolean[] = [];
    const watch: Attendance['watch'] = async (_job, isAlone) => {
      alone.push(isAlone);
      return well;
    };
    await attendedCases('last', [caseOf('', ...drive)], { watch, copiesBeside });
    expect(alone).toEqual([expected]);
  },
);
