import { expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { loadCatalogue } from '../catalogue.ts';
import { decide } from '../certification.ts';
import { madeRun } from '../test/made-run.ts';
import { verbatim } from '../told.ts';
import { earlReport } from './earl.ts';
import { findingOf } from './finding.ts';
import { junitReport, xml } from './junit.ts';
import { makeReport } from './report.ts';
import { textReport } from './text-report.ts';

const report = makeReport(
  madeRun({ C01: 'fail', C02: 'inconclusive', C04: 'warn', H24: 'accepted-by-tls', F13: 'not-applicable' }),
);
const plain = { colours: false, columns: 100 };

test('the terminal shows failures first, each with expected, seen, where and how to repeat it', () => {
  const lines = textReport(report, plain).split('\n');
  expect(lines.slice(1, 15)).toEqual([
    'Failed (1)',
    '',
    "  x C01 critical  The relying party MUST handle a citizen's refusal of consent.",
    '    because  the last page is a 500',
    '    expected a page of the relying party, not 5xx',
    '    saw      500 with the text "TypeError: cannot read code of undefined"',
    '    where    hop 4: GET http://127.0.0.1:8080/cb?error=access_denied&state=Zk3v… -> 500',
    '    clauses  N32; RFC 6749 §4.1.2.1; scheme a-f; SPID error 22',
    '    again    npx emta certify emta-rp.json --only C01 --profile core-must --seed 7f3a',
    '',
    'Inconclusive (1)',
    '',
    '  ? C02 critical  The relying party MUST handle a refusal that carries no iss.',
    '    expected handled refusal',
  ]);
});

test('the terminal ends with the verdict, the counts and the command', () => {
  const lines = textReport(report, plain).split('\n');
  expect(lines.slice(-7)).toEqual([
    'NOT CERTIFIED  Demo shop 1.4.2, profile core-must, 136 of 200 rows in 21.0 s',
    '131 passed, 1 failed, 1 warned, 1 accepted by TLS, 1 inconclusive, 1 not applicable',
    'time: start 0.9 s, calibration 1.6 s, beside 14.2 s, alone 4.3 s, waits 0.0 s; longest rows',
    '      A01 0.1 s, A02 0.1 s, A03 0.1 s',
    'the key cool-downs of K02-K04 were left out (--skip-waits)',
    'again: npx emta certify emta-rp.json --profile core-must --seed 7f3a',
    '',
  ]);
});

test('what is expected late in a row says when', () => {
  const [row] = madeRun({ C05: 'warn' }).verdicts.filter(({ id }) => id === 'C05');
  const [oracle] = row?.oracles ?? [];
  if (row === undefined || oracle === undefined) throw new Error('no observation was made');
  const moment = verbatim('when the pending login is finished');
  const late = { ...row, oracles: [{ ...oracle, during: moment }], required: '' };
  expect(findingOf(late).expected.en).toBe(`${moment.en}: ${oracle.expected.en}`);
});

test('rows that stay open for one reason are told together', () => {
  const open = Object.fromEntries(
    loadCatalogue()
      .filter((row) => row.profile === 'core-must' && row.severity === 'critical')
      .map((row) => [row.id, 'inconclusive'] as const),
  );
  const text = textReport(makeReport(madeRun(open)), plain);
  expect(text).toMatch(/\? \d\d rows {2}A01 A02/);
  expect(text.match(/because {2}the control login/g)).toHaveLength(1);
  expect(text).toMatch(/- \d\d rows are inconclusive: the control login/);
});

test('what the baseline excuses is told with its reason, on the terminal and in JUnit', () => {
  const entry = { id: 'C04', until: '2026-03-01', reason: 'ships in March', signed_by: 'R. Owner' };
  const { verdicts, rows } = madeRun({ C04: 'fail', C05: 'fail' });
  const decision = decide({
    profile: 'core-must',
    verdicts,
    demanded: rows.map(({ id }) => id),
    partial: false,
    baseline: [entry],
    defects: [],
  });
  const excused = makeReport(madeRun({ C04: 'fail', C05: 'fail' }, { baseline: [entry], decision }));
  const lines = textReport(excused, plain).split('\n');
  expect(lines).toContain('134 passed, 2 failed (1 excused by the baseline)');
  expect(lines).toContain('excused: C04 until 2026-03-01, signed by R. Owner: ships in March');
  const $ = load(junitReport(excused), { xml: true });
  expect($('testcase[name^="C04"] skipped').attr('message')).toBe(
    'excused by the baseline until 2026-03-01, signed by R. Owner: ships in March: the last page is a 500',
  );
});

test('chosen rows that all passed are not painted as bad news', () => {
  const decision = { ...madeRun().decision, outcome: 'partial', exitCode: 3 } as const;
  const lines = textReport(makeReport(madeRun({}, { decision })), { ...plain, colours: true });
  expect(lines).toContain('\n\u001b[1mONLY SOME ROWS, CERTIFIES NOTHING\u001b[22m  Demo shop');
});

test('the terminal names who ran it', () => {
  const lines = textReport(makeReport(madeRun({}, { runBy: 'Sample & Sons' })), plain).split('\n');
  expect(lines[lines.findIndex((line) => line.startsWith('136 passed')) + 1]).toBe('run by Sample & Sons');
});

test('colours come only when asked for', () => {
  expect(textReport(report, plain)).not.toContain('\u001b');
  expect(textReport(report, { ...plain, colours: true })).toContain('\u001b[31m');
});

test('JUnit holds one test case to a row, with failure, error and skipped where they belong', () => {
  const $ = load(junitReport(report), { xml: true });
  expect($('testcase')).toHaveLength(136);
  expect($('testsuites').attr()).toMatchObject({ tests: '136', failures: '1', errors: '1', skipped: '1' });
  expect($('testcase[name^="C01"] failure').attr('message')).toBe('the last page is a 500');
  expect($('testcase[name^="C01"] failure').text()).toContain('reproduce: npx emta certify emta-rp.json --only C01');
  expect($('testcase[name^="C02"] error').attr('type')).toBe('inconclusive');
  expect($('testcase[name^="F13"] skipped').attr('message')).toContain('second_issuer');
  expect($('testcase[name^="H24"] system-out').text()).toContain('accepted by TLS');
  expect($('testcase[name^="C04"] property[name="verdict"]').attr('value')).toBe('warn');
});

test('XML never breaks, whatever a site answered', () => {
  expect(xml('<a b="c">&\u0000\ud800\n')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd&#10;');
});

test('EARL holds every row of the catalogue', () => {
  const document = JSON.parse(earlReport(report, loadCatalogue()));
  const outcome = (id: string) =>
    document['@graph'].find((node: { 'earl:test'?: { '@id': string } }) => node['earl:test']?.['@id'].endsWith(id))[
      'earl:result'
    ]['earl:outcome']['@id'];
  expect(document['@graph']).toHaveLength(202);
  expect(['A01', 'C01', 'C02', 'C04', 'F13', 'B10'].map(outcome)).toEqual([
    'earl:passed',
    'earl:failed',
    'earl:cantTell',
    'earl:passed',
    'earl:inapplicable',
    'earl:untested',
  ]);
});
