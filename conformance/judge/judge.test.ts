import { expect, test } from '@jest/globals';
import type { Row } from '../catalogue.ts';
import type { Ending } from '../driver/user-agent.ts';
import type { Case } from '../scenarios/scenario.ts';
import { emta, madeHop, madeSeen, shop } from '../test/made-seen.ts';
import { verbatim } from '../told.ts';
import type { Controls } from '../verdict.ts';
import { type Finding, matcher } from './finding.ts';
import { judgeCase, judgeRow, type Watched } from './judge.ts';

const row: Row = {
  id: 'H01',
  group: 'H',
  title: 'The relying party MUST refuse an ID token of another issuer.',
  idp: 'iss of another issuer',
  stimulus: 'login',
  required: 'Out',
  oracles: ['P'],
  severity: 'critical',
  clauses: ['N20'],
  applies_when: null,
  profile: 'core-must',
};
const good: Controls = { before: 'good', after: 'good' };
const finding = (points: Finding['points'], positive = true): Finding => ({
  kind: 'P',
  expected: verbatim('nobody signed in'),
  observed: verbatim(points),
  where: verbatim('the probe'),
  positive,
  points,
});
const caseWith = (...findings: readonly Finding[]): Case => ({
  label: '',
  people: {},
  drive: [],
  expect: [matcher('made up', () => findings)],
});
const watched = (kase: Case, more: Partial<Watched> = {}): Watched => ({
  kase,
  seen: madeSeen({ delivered: { 'id_token.iss_other': 1 } }),
  controls: good,
  ...more,
});
const context = { face: 'oidc', profile: 'core-must' } as const;
const verdictOf = (judged: ReturnType<typeof judgeCase>, of: Row = row) =>
  judgeRow(of, { cases: [judged.kase] }, [judged], context).verdict;

test.each([
  ['for', 'pass'],
  ['against', 'fail'],
  ['warn', 'warn'],
  ['unclear', 'inconclusive'],
  ['no-channel', 'not-applicable'],
  ['by-tls', 'accepted-by-tls'],
] as const)('a finding that points %s makes the verdict %s', (points, verdict) => {
  expect(verdictOf(judgeCase(row, watched(caseWith(finding(points)))))).toBe(verdict);
});

test('silence alone never passes', () => {
  const judged = judgeCase(row, watched(caseWith(finding('for', false))));
  expect(judged).toMatchObject({ points: 'unclear', because: { en: 'nothing was positively observed' } });
  expect(verdictOf(judged)).toBe('inconclusive');
});

test.each(['before', 'after'] as const)('a control that failed %s the case makes everything inconclusive', (when) => {
  const judged = judgeCase(row, watched(caseWith(finding('against')), { controls: { ...good, [when]: 'failed' } }));
  expect(judged).toMatchObject({ points: 'unclear', because: { en: `the control login ${when} the case failed` } });
});

test('a case whose fault was not delivered is looked at again alone, but not where nothing could deliver it', () => {
  const judgedWith = (delivered: Readonly<Record<string, number>>) =>
    judgeCase(row, watched(caseWith(finding('for')), { seen: madeSeen({ delivered }) }));
  expect(judgedWith({ 'id_token.iss_other': 0 }).wantsAlone).toBe(true);
  expect(judgedWith({ 'id_token.iss_other': 1 }).wantsAlone).toBe(false);
  expect(judgedWith({ 'resource_mobile.error': 0 }).wantsAlone).toBe(false);
});

test('a fault that was not delivered is never judged', () => {
  const judged = judgeCase(
    row,
    watched(caseWith(finding('against')), { seen: madeSeen({ delivered: { 'id_token.iss_other': 0 } }) }),
  );
  expect(judged).toMatchObject({
    points: 'unclear',
    because: { en: 'the fault "id_token.iss_other" was not delivered' },
  });
});

test('a fault on a channel that the relying party never uses makes the row not applicable', () => {
  const seen = madeSeen({ delivered: { 'resource_mobile.error': 0 } });
  expect(verdictOf(judgeCase(row, watched(caseWith(finding('for')), { seen })))).toBe('not-applicable');
});

test('a relying party brought down twice fails', () => {
  expect(
    verdictOf(
      judgeCase(
        row,
        watched(caseWith(finding('for')), { controls: { before: 'good', after: 'failed' }, broughtDownTwice: true }),
      ),
    ),
  ).toBe('fail');
});

test('a SHOULD and an information row are never worse than a warning', () => {
  const soft = { ...row, title: 'The relying party SHOULD refuse an ID token from the future.' };
  expect(judgeCase(soft, watched(caseWith(finding('against')))).points).toBe('warn');
  expect(judgeCase({ ...row, severity: 'info' }, watched(caseWith(finding('against')))).points).toBe('warn');
});

test('the worst case decides the row, and its label is in the reason', () => {
  const cases = [
    judgeCase(row, watched({ ...caseWith(finding('for')), label: 'one' })),
    judgeCase(row, watched({ ...caseWith(finding('against')), label: 'two' })),
  ];
  const verdict = judgeRow(row, { cases: cases.map(({ kase }) => kase) }, cases, context);
  expect(verdict.verdict).toBe('fail');
  expect(verdict.because.en).toBe('two: expected nobody signed in, saw against (the probe)');
  expect(verdict.delivered).toEqual([{ fault: 'id_token.iss_other', times: 2 }]);
});

test('a drive that stopped on its way is inconclusive, unless something spoke against it', () => {
  const seen = madeSeen({ delivered: {}, stopped: verbatim('no callback came out of "weapon"') });
  expect(judgeCase(row, watched(caseWith(finding('for')), { seen })).because.en).toBe(
    'no callback came out of "weapon"',
  );
  expect(judgeCase(row, watched(caseWith(finding('against')), { seen })).points).toBe('against');
});

test('what other cases may have caused is looked at again alone', () => {
  expect(judgeCase(row, watched(caseWith({ ...finding('unclear'), onlyAloneCounts: true }))).wantsAlone).toBe(true);
});

test.each([
  ['silence', { milliseconds: 15_000 }],
  ['broken', { code: 'ETIMEDOUT', message: '' }],
] as const)('nobody is accused of a login that Emta itself left without an answer by %s', (kind, more) => {
  const url = `${emta}/oauth/authorize/x`;
  const ending = { kind, url, ...more } as Ending;
  const traces = { login: { hops: [madeHop(url, { status: 0 })], ending } };
  const judgedWith = (delivered: Readonly<Record<string, number>>) =>
    judgeCase(row, watched(caseWith(finding('against')), { seen: madeSeen({ traces, delivered }) }));
  expect(judgedWith({}).because.en).toMatch(/^Emta itself left the browser without an answer \(hop 1: /);
  expect(judgedWith({}).points).toBe('unclear');
  expect(judgedWith({ 'authorization.dropped': 1 }).points).toBe('against');
});

test('a relying party that leaves the browser without an answer is judged as before', () => {
  const ending = { kind: 'silence', url: `${shop}/cb`, milliseconds: 15_000 } as const;
  const traces = { login: { hops: [madeHop(ending.url, { status: 0 })], ending } };
  const seen = madeSeen({ traces, delivered: {} });
  expect(judgeCase(row, watched(caseWith(finding('against')), { seen })).points).toBe('against');
});
