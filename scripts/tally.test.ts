import { expect, test } from '@jest/globals';
import { tallyOf } from './tally.mjs';

const passed = { status: 'passed', fullName: 'grants' };
const failed = { status: 'failed', fullName: 'refuses' };
const skipped = { status: 'pending', fullName: 'walks in Chromium (skipped: no chromium)' };

function report(...assertionResults: readonly object[]) {
  return { testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] };
}

test('counts what passed, failed and was skipped', () => {
  expect(tallyOf(report(passed, passed, failed, skipped), { code: 1, ci: false })).toEqual({
    passed: 2,
    failed: 1,
    skipped: 1,
    notes: ['skipped: walks in Chromium (skipped: no chromium)'],
  });
});

test('counts a skipped test as a failure in CI', () => {
  expect(tallyOf(report(passed, skipped), { code: 0, ci: true })).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
});

test('counts a file that does not load as a failure', () => {
  const broken = { testResults: [{ name: 'b.test.ts', status: 'failed', assertionResults: [] }] };
  expect(tallyOf(broken, { code: 1, ci: false }).notes).toContain('did not load: b.test.ts');
});

test('fails a run without tests, and one whose exit code contradicts its tests', () => {
  expect(tallyOf(report(), { code: 0, ci: false })).toMatchObject({ passed: 0, failed: 1, notes: ['no test was run'] });
  expect(tallyOf(report(passed), { code: 1, ci: false })).toMatchObject({ passed: 1, failed: 1 });
});
