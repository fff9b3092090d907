import { expect, test } from '@jest/globals';
import ProgressReporter from './progress-reporter.ts';

function said(progress: 'line' | 'lines' | 'none', results: readonly (readonly [string, string, string?])[]): string {
  let text = '';
  const reporter = new ProgressReporter(
    {},
    {
      progress,
      colours: false,
      rows: 40,
      send: (more) => {
        text += more;
      },
    },
  );
  for (const [title, status, message] of results) {
    reporter.onTestCaseResult({}, { title, status, failureMessages: message === undefined ? [] : [message] });
  }
  reporter.onRunComplete();
  return text;
}

test('tells a finding at once, by its first line, and counts the rest', () => {
  const passing = Array.from({ length: 19 }, (_, index) => [`B${10 + index} passes`, 'passed'] as const);
  expect(
    said('lines', [['the run starts', 'passed'], ...passing, ['C01 refuses', 'failed', 'C01 fail: a 500\n  duty']]),
  ).toBe('  x C01 fail: a 500\n  20 of 40 rows judged, group C\n');
});

test('on a terminal it writes over one line and wipes it at the end', () => {
  const wipe = '\r\u001b[2K';
  expect(said('line', [['B01 passes', 'passed']])).toBe(`${wipe}  1 of 40 rows judged, B01${wipe}`);
});

test('tells a reason that leaves many rows open three times, and then no more', () => {
  const open = Array.from(
    { length: 9 },
    (_, index) => [`C0${index + 1} refuses`, 'failed', `C0${index + 1} inconclusive: no login ran its course`] as const,
  );
  expect(said('lines', open).split('\n')).toEqual([
    '  ? C01 inconclusive: no login ran its course',
    '  ? C02 inconclusive: no login ran its course',
    '  ? C03 inconclusive: no login ran its course',
    '  ? further rows for the same reason are told at the end',
    '',
  ]);
});

test('says nothing when asked not to', () => {
  expect(said('none', [['C01 refuses', 'failed', 'C01 fail']])).toBe('');
});
