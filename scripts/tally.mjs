// Counts what Jest reports. A file that does not load fails; a run without tests fails; in CI a skipped test fails.

/** Passed, failed and skipped of Jest's JSON report, with a note for whatever a person should look at. */
export function tallyOf(report, { code, ci }) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const left = tests.filter((test) => ['pending', 'skipped', 'disabled', 'todo'].includes(test.status));
  const notes = [
    ...broken.map((file) => `did not load: ${file.name}`),
    ...left.map((test) => `${ci ? 'skipped, which fails in CI' : 'skipped'}: ${test.fullName}`),
  ];
  let failed = count('failed') + broken.length + (ci ? left.length : 0);
  if (tests.length === 0) {
    failed += 1;
    notes.push('no test was run');
  }
  if (failed === 0 && code !== 0) {
    failed += 1;
    notes.push(`jest ended with ${code} though no test failed`);
  }
  return { passed: count('passed'), failed, skipped: ci ? 0 : left.length, notes };
}
