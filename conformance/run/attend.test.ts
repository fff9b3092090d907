import { describe, expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { noServerError } from '../judge/matchers/refusal.ts';
import type { Seen } from '../observe/seen.ts';
import { arm } from '../scenarios/parts.ts';
import type { Case, Scenario, Step } from '../scenarios/scenario.ts';
import { madeHop, madeLook, madeSeen, madeTrace, shop } from '../test/made-seen.ts';
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

type Made = Partial<Pick<Attendance, 'watch' | 'watchApart' | 'concurrency' | 'copiesBeside' | 'spentOn' | 'broken'>>;

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

describe('copies in an Emta of their own', () => {
  const faulty = (label: string) => caseOf(label, arm('jwks.server_error', undefined, 'issuer'), copied);
  const one = madeSeen();
  const [account] = Object.values(one.needles).flat();
  const signedIn = madeSeen({
    traces: well.traces,
    looks: {
      after: madeLook(`welcome ${account?.value}`, { kind: 'in', value: 'customer-1', evidence: verbatim('json') }),
    },
    accounts: { 'customer-1': 'A' },
  });
  const refused = madeSeen({
    traces: { login: madeTrace(`${shop}/cb`, 'no discovery at this address', { status: 500 }) },
  });

  /** Runs these cases; tells the verdicts and where each was looked at. */
  async function looked(kases: readonly Case[], apart: (label: string) => Promise<Seen>, alone: Seen = well) {
    const looks: string[] = [];
    const verdicts = await attendedCases('last', kases, {
      copiesBeside: true,
      watch: async ({ kase }) => {
        looks.push(`${kase.label} alone`);
        return alone;
      },
      watchApart: async ({ kase }) => {
        looks.push(`${kase.label} apart`);
        return apart(kase.label);
      },
    });
    return { verdicts, looks };
  }
  const three = ['one', 'two', 'three'].map(faulty);

  test('are looked at one after the other, and not again where one of them signed somebody in', async () => {
    let running = 0;
    const { verdicts, looks } = await looked(three, async (label) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((done) => setImmediate(done));
      running -= 1;
      return label === 'two' ? signedIn : well;
    });
    expect(looks).toEqual(['one apart', 'two apart', 'three apart']);
    expect(verdicts).toEqual(['pass']);
  });

  test('are looked at again, alone, where nobody could sign in: the site may not take an issuer with a path', async () => {
    const { looks } = await looked(three, async () => well);
    expect(looks).toEqual(['one apart', 'two apart', 'three apart', 'one alone', 'two alone', 'three alone']);
  });

  test.each([
    ['acquits', well, ['pass']],
    ['blames', refused, ['fail']],
  ] as const)('are looked at again where one did not go well: the second look %s', async (_what, alone, expected) => {
    const { verdicts, looks } = await looked(three, async (label) => (label === 'three' ? refused : signedIn), alone);
    expect(looks).toEqual(['one apart', 'two apart', 'three apart', 'three alone']);
    expect(verdicts).toEqual(expected);
  });

  test.each([
    ['are fewer than three', three.slice(1)],
    [
      'meet a fault of the certificate, which is that of the whole server',
      three.map(({ label }) => caseOf(label, arm('tls.certificate_untrusted', undefined, 'issuer'), copied)),
    ],
    ['are no copies', three.map(({ label }) => caseOf(label, arm('jwks.reset', undefined, 'issuer')))],
  ])('are not made where the cases %s', async (_what, kases) => {
    const { looks } = await looked(kases, async () => signedIn);
    expect(looks).toEqual(kases.map(({ label }) => `${label} alone`));
  });

  test('whose watching fails spoil no other', async () => {
    const broken: string[] = [];
    const looks: string[] = [];
    await attendedCases('last', three, {
      copiesBeside: true,
      watchApart: async ({ kase }) => {
        looks.push(kase.label);
        if (kase.label === 'one') throw new Error('no such step');
        return signedIn;
      },
      broken: ({ kase }) => {
        broken.push(kase.label);
        return 'go-on';
      },
    });
    expect([looks, broken]).toEqual([['one', 'two', 'three'], ['one']]);
  });
});

test('every stretch of a run is counted', async () => {
  const events: string[] = [];
  const made: Made = {
    watch: async ({ scenario }) => {
      events.push(scenario.runs);
      return well;
    },
    spentOn: (part) => events.push(`= ${part}`),
  };
  await attendedCases('quiet', [caseOf('')], made);
  expect(events).toEqual(['= beside', '= alone', '= waits', 'quiet', '= alone']);
});
