import { expect, test } from '@jest/globals';
import { createMetricSet } from './metrics.ts';

test('counters and histograms come out as Prometheus reads them', () => {
  const set = createMetricSet();
  const requests = set.counter('requests_total', 'Requests.', ['route', 'status']);
  const times = set.histogram('seconds', 'Times.', ['route'], [0.1, 1]);
  requests.add('/a', 200);
  requests.add('/a', 200);
  requests.add('with "quotes", a \\ and a\nline', 500);
  for (const seconds of [0.1, 0.5, 7]) times.observe(seconds, '/a');
  expect(set.text()).toBe(
    `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{route="/a",status="200"} 2
requests_total{route="with \\"quotes\\", a \\\\ and a\\nline",status="500"} 1
# HELP seconds Times.
# TYPE seconds histogram
seconds_bucket{route="/a",le="0.1"} 1
seconds_bucket{route="/a",le="1"} 2
seconds_bucket{route="/a",le="+Inf"} 3
seconds_sum{route="/a"} 7.6
seconds_count{route="/a"} 3
`,
  );
});

test('a metric that counted nothing has no series, and one without labels no braces', () => {
  const set = createMetricSet();
  set.counter('never_total', 'Never.', ['route']);
  set.counter('plain_total', 'Plain.', []).add();
  expect(set.text()).toContain('# TYPE never_total counter\n# HELP plain_total');
  expect(set.text()).toContain('\nplain_total 1\n');
});

test('what others have counted is added, label by label', () => {
  const [one, other] = [createMetricSet(), createMetricSet()];
  const counters = [one, other].map((set) => set.counter('requests_total', 'Requests.', ['route']));
  const times = [one, other].map((set) => set.histogram('seconds', 'Times.', [], [1]));
  counters[0]?.add('/a');
  counters[1]?.add('/a');
  counters[1]?.add('/b');
  times[0]?.observe(0.5);
  times[1]?.observe(2);
  const text = one.text([other.counts()]);
  expect(text).toContain('requests_total{route="/a"} 2\nrequests_total{route="/b"} 1\n');
  expect(text).toContain('seconds_bucket{le="1"} 1\nseconds_bucket{le="+Inf"} 2\nseconds_sum 2.5\nseconds_count 2\n');
});
