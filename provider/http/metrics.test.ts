import { expect, test } from '@jest/globals';
import { createMetricSet } from './metrics.ts';

test('counters and histograms come out as Prometheus reads them', async () => {
  const set = createMetricSet();
  const requests = set.counter('requests_total', 'Requests.', ['route', 'status']);
  const times = set.histogram('seconds', 'Times.', ['route'], [0.1, 1]);
  requests.add('/a', 200);
  requests.add('/a', 200);
  requests.add('with "quotes", a \\ and a\nline', 500);
  for (const seconds of [0.1, 0.5, 7]) times.observe(seconds, '/a');
  const lines = (await set.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE requests_total counter',
      'requests_total{route="/a",status="200"} 2',
      'requests_total{route="with \\"quotes\\", a \\\\ and a\\nline",status="500"} 1',
      '# TYPE seconds histogram',
      'seconds_bucket{le="0.1",route="/a"} 1',
      'seconds_bucket{le="1",route="/a"} 2',
      'seconds_bucket{le="+Inf",route="/a"} 3',
      'seconds_sum{route="/a"} 7.6',
      'seconds_count{route="/a"} 3',
    ]),
  );
});

test('two sets share nothing', async () => {
  const [one, other] = [createMetricSet(), createMetricSet()];
  one.counter('plain_total', 'Plain.', []).add();
  other.counter('plain_total', 'Plain.', []);
  expect(await one.text()).toContain('\nplain_total 1\n');
  expect(await other.text()).toContain('\nplain_total 0\n');
});

test('what others have counted is added, label by label', async () => {
  const [one, other] = [createMetricSet(), createMetricSet()];
  const counters = [one, other].map((set) => set.counter('requests_total', 'Requests.', ['route']));
  const times = [one, other].map((set) => set.histogram('seconds', 'Times.', [], [1]));
  counters[0]?.add('/a');
  counters[1]?.add('/a');
  counters[1]?.add('/b');
  times[0]?.observe(0.5);
  times[1]?.observe(2);
  const lines = (await one.text([other.counts()])).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'requests_total{route="/a"} 2',
      'requests_total{route="/b"} 1',
      'seconds_bucket{le="1"} 1',
      'seconds_bucket{le="+Inf"} 2',
      'seconds_sum 2.5',
      'seconds_count 2',
    ]),
  );
});
