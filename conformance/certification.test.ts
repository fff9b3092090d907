import { describe, expect, test } from '@jest/globals';
import { decide, type Judged } from './certification.ts';
import { verbatim } from './told.ts';
import type { Oracle, PositiveOracle, RowVerdict, Severity, VerdictName } from './verdict.ts';

const seen: PositiveOracle = {
  kind: 'U',
  expected: verbatim('a page'),
  observed: verbatim('a page'),
  positive: true,
  evidence: verbatim('hop 1'),
};
const against: Oracle = { ...seen, observed: verbatim('a blank page') };

function row(id: string, severity: Severity, verdict: VerdictName): RowVerdict {
  const base = {
    id,
    because: verbatim(`because of ${id}`),
    severity,
    profile: 'core-must',
    clauses: ['N32'],
    face: 'oidc',
    delivered: [],
    controls: { before: 'good', after: 'good' },
  } as const;
  if (verdict === 'pass') return { ...base, verdict, oracles: [seen] };
  return { ...base, verdict, oracles: [against] };
}

const judged = (verdicts: readonly RowVerdict[], more: Partial<Judged> = {}): Judged => ({
  profile: 'core-must',
  verdicts,
  demanded: verdicts.map(({ id }) => id),
  partial: false,
  baseline: [],
  defects: [],
  ...more,
});

const entry = (id: string) => ({ id, until: '2030-01-01', reason: 'known', signed_by: 'owner' });

test('certifies when nothing weighty failed or stayed open', () => {
  const decision = decide(
    judged([
      row('A01', 'critical', 'pass'),
      row('B07', 'medium', 'fail'),
      row('B08', 'medium', 'inconclusive'),
      row('C04', 'high', 'warn'),
      row('H24', 'critical', 'accepted-by-tls'),
      row('L06', 'info', 'fail'),
      row('M01', 'high', 'not-applicable'),
    ]),
  );
  expect(decision).toMatchObject({ outcome: 'certified', exitCode: 0, reasons: [] });
  expect(decision.counts).toEqual({
    pass: 1,
    fail: 2,
    warn: 1,
    inconclusive: 1,
    'not-applicable': 1,
    'accepted-by-tls': 1,
  });
});

describe('denies', () => {
  test.each(['critical', 'high', 'scheme'] as const)('a failed %s row', (severity) => {
    expect(decide(judged([row('C01', severity, 'fail')]))).toMatchObject({
      outcome: 'not-certified',
      exitCode: 1,
      reasons: [{ en: `C01 (${severity}) failed: because of C01` }],
    });
  });

  test.each(['critical', 'high', 'scheme'] as const)('an inconclusive %s row', (severity) => {
    expect(decide(judged([row('C01', severity, 'inconclusive')]))).toMatchObject({
      outcome: 'inconclusive',
      exitCode: 3,
    });
  });

  test('a row accepted by TLS where the profile demands the signature', () => {
    expect(decide(judged([row('H24', 'critical', 'accepted-by-tls')], { profile: 'emta-strict' })).exitCode).toBe(1);
  });

  test('a run of chosen rows', () => {
    expect(decide(judged([row('C01', 'critical', 'pass')], { partial: true }))).toMatchObject({
      outcome: 'partial',
      exitCode: 3,
      reasons: [{ en: 'only chosen rows were run, which certifies nothing' }],
    });
  });

  test('a row that nobody judged, as a defect of the harness', () => {
    expect(decide(judged([row('C01', 'critical', 'pass')], { demanded: ['C01', 'C02'] }))).toMatchObject({
      outcome: 'defect',
      exitCode: 3,
      reasons: [{ en: 'defect of the harness: no verdict for C02' }],
    });
  });
});

test('a defect outranks a failure, and a failure outranks a doubt', () => {
  const rows = [row('C02', 'critical', 'inconclusive'), row('C01', 'high', 'fail')];
  expect(decide(judged(rows)).exitCode).toBe(1);
  expect(decide(judged(rows, { defects: ['a matcher threw'] })).exitCode).toBe(3);
});

test('one cause that leaves many rows open is told once', () => {
  const rows = ['C01', 'C02', 'C03', 'C05'].map((id) => ({
    ...row(id, 'high', 'inconclusive'),
    because: verbatim('the site went down'),
  }));
  expect(decide(judged([...rows, row('D01', 'critical', 'inconclusive')])).reasons.map(({ en }) => en)).toEqual([
    'D01 (critical) is inconclusive: because of D01',
    '4 rows are inconclusive: the site went down (C01 C02 C03 C05)',
  ]);
});

describe('a baseline', () => {
  test('excuses a failed high row', () => {
    expect(decide(judged([row('C04', 'high', 'fail')], { baseline: [entry('C04')] }))).toMatchObject({
      outcome: 'certified',
      exitCode: 0,
      excused: ['C04'],
    });
  });

  test('never excuses a critical row, nor a doubt', () => {
    expect(decide(judged([row('C01', 'critical', 'fail')], { baseline: [entry('C01')] })).exitCode).toBe(1);
    expect(decide(judged([row('C04', 'high', 'inconclusive')], { baseline: [entry('C04')] })).exitCode).toBe(3);
  });

  test('that excuses a row which passes is an error', () => {
    expect(decide(judged([row('C04', 'high', 'pass')], { baseline: [entry('C04')] }))).toMatchObject({
      outcome: 'not-certified',
      exitCode: 2,
      reasons: [{ en: 'the baseline excuses C04, which does not fail; take the entry out' }],
    });
  });
});
