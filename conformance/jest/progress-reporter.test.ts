import { expect, test } from '@jest/globals';
import ProgressReporter from './progress-reporter.ts';

function said(results: readonly (readonly [string, string, string?])[]): string {
  let text = '';
  const reporter = new ProgressReporter(
    {},
    {
      colours: false,
      send: (more) => {
        text += more;
      },
    },
  );
  for (const [title, status, message] of results) {
    reporter.onTestCaseResult({}, { title, status, failureMessages: message === undefined ? [] : [message] });
  }
  return text;
}

test('tells a finding at once, by its first line, and nothing of what passes', () => {
  expect(
    said([
      ['the run starts', 'passed'],
      ['B01 passes', 'passed'],
      ['C01 refuses', 'failed', 'C01 fail: a 500\n  duty'],
    ]),
  ).toBe('  x C01 fail: a 500\n');
});

test('tells a reason that leaves many rows open three times, and then no more', () => {
  const open = Array.from(
    { length: 9 },
    (_, index) => [`C0${index + 1} refuses`, 'failed', `C0${index + 1} inconclusive: no login ran its course`] as const,
  );
  expect(said(open).split('\n')).toEqual([
    '  ? C01 inconclusive: no login ran its course',
    '  ? C02 inconclusive: no login ran its course',
    '  ? C03 inconclusive: no login ran its course',
    '  ? further rows for the same reason are told at the end',
    '',
  ]);
});
