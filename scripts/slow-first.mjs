import Sequencer from '@jest/test-sequencer';

/**
 * Suites of a minute or so and more, the longest first: begun last, one of them would run alone while everything else is
 * done. Jest knows durations by itself only where it has run before.
 */
export const slowSuites = [
  'conformance/test/independent.test.ts',
  'conformance/test/chromium.test.ts',
  'conformance/test/launched.test.ts',
  'conformance/test/sale-site.test.ts',
  'conformance/test/defects-1.test.ts',
  'conformance/test/defects-2.test.ts',
  'conformance/test/defects-3.test.ts',
  'conformance/test/defects-4.test.ts',
  'conformance/test/defects-5.test.ts',
  'scripts/pages.test.ts',
  'scripts/failure.test.ts',
  'provider/test/pages-axe.test.ts',
  'conformance/test/null-run.test.ts',
  'provider/test/faults/every-fault.test.ts',
];

export default class SlowFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = slowSuites.findIndex((suite) => path.endsWith(`/${suite}`));
      return found === -1 ? slowSuites.length : found;
    };
    return super.sort(tests).sort((one, other) => place(one) - place(other));
  }
}
