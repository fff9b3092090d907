import { expect, test } from '@jest/globals';
import ProgressReporter from './progress-reporter.ts';

function said(progress: 'line' | 'lines' | 'none', results: readonly (readonly [string, string, string?])[]): string {
  let text = '';
  const reporter = new ProgressReporter(
    {},
    {
      progress,
      colours: false,
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
  ).toBe('  x C01 fail: a 500\n  20 rows judged\n');
});

test('on a terminal it writes over one line and wipes it at the end', () => {
  const wipe = '\r\u001b[2K';
  expect(said('line', [['B01 passes', 'passed']])).toBe(`${wipe}  1 rows judged, last B01${wipe}`);
});

test('says nothing when asked not to', () => {
  expect(said('none', [['C01 refuses', 'failed', 'C01 fail']])).toBe('');
});
