import type * as Prometheus from 'prom-client';
import { whenNeeded } from '../kernel/when-needed.ts';

const promClient = whenNeeded<typeof Prometheus>('prom-client');

/** One number for each combination of labels, in the text format of Prometheus. */
export interface Counter {
  /** `values` in the order of the labels' names. */
  add(...values: readonly (string | number)[]): void;
}

/** How many took how long, for each combination of labels. */
export interface Histogram {
  observe(seconds: number, ...values: readonly (string | number)[]): void;
}

/** What one process has counted of one thing, in the form that prom-client adds up and writes. */
interface Counted {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly Sample[];
}

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What one process has counted, for adding up with others. */
export type Counts = readonly Counted[];

export interface MetricSet {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
  counts(): Counts;
  /** The whole set as Prometheus reads it, with what others have counted added. */
  text(others?: readonly Counts[]): Promise<string>;
}

/** A set of its own for each Emta: nothing is registered globally. */
export function createMetricSet(): MetricSet {
  const counted: (() => Counted)[] = [];
  const counts = (): Counts => counted.map((one) => one());
  return {
    counter(name, help, labels) {
      const cells = new Map<string, Cell>();
      // Without labels there is one number, which is told before anything was counted.
      if (labels.length === 0) cellFor(cells, [], 1);
      counted.push(() => ({
        name,
        help,
        type: 'counter',
        aggregator: 'sum',
        values: [...cells.values()].map(({ values, sums: [value = 0] }) => ({ labels: named(labels, values), value })),
      }));
      return {
        add(...values) {
          const { sums } = cellFor(cells, values, 1);
          sums[0] = (sums[0] ?? 0) + 1;
        },
      };
    },
    histogram(name, help, labels, buckets) {
      const cells = new Map<string, Cell>();
      const [sum, count] = [buckets.length, buckets.length + 1];
      counted.push(() => ({
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: [...cells.values()].flatMap(({ values, sums }) => series(name, named(labels, values), buckets, sums)),
      }));
      return {
        observe(seconds, ...values) {
          const { sums } = cellFor(cells, values, buckets.length + 2);
          const bucket = buckets.findIndex((bound) => seconds <= bound);
          if (bucket >= 0) sums[bucket] = (sums[bucket] ?? 0) + 1;
          sums[sum] = (sums[sum] ?? 0) + seconds;
          sums[count] = (sums[count] ?? 0) + 1;
        },
      };
    },
    counts,
    async text(others = []) {
      // Its type names one shape of metric, and it takes them all.
      const all = [counts(), ...others] as unknown as object[];
      return promClient().AggregatorRegistry.aggregate(all).metrics();
    },
  };
}

/**
 * Counting in prom-client itself costs as much as all the rest of a small request. So each request only adds to these,
 * and prom-client is told when somebody asks.
 */
interface Cell {
  readonly values: readonly (string | number)[];
  readonly sums: number[];
}

function cellFor(cells: Map<string, Cell>, values: readonly (string | number)[], size: number): Cell {
  const key = values.join('\n');
  const known = cells.get(key) ?? { values, sums: new Array<number>(size).fill(0) };
  cells.set(key, known);
  return known;
}

function named(labels: readonly string[], values: readonly (string | number)[]): Record<string, string> {
  return Object.fromEntries(labels.map((label, index) => [label, String(values[index] ?? '')]));
}

/** What a histogram comes down to: how many took at most so long, all their time, and how many there were. */
function series(
  name: string,
  labels: Record<string, string>,
  buckets: readonly number[],
  sums: readonly number[],
): readonly Sample[] {
  const total = sums[buckets.length + 1] ?? 0;
  const within = buckets.map((bound, index) => ({
    metricName: `${name}_bucket`,
    labels: { le: bound, ...labels },
    value: sums.slice(0, index + 1).reduce((all, one) => all + one, 0),
  }));
  return [
    ...within,
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: total },
    { metricName: `${name}_sum`, labels, value: sums[buckets.length] ?? 0 },
    { metricName: `${name}_count`, labels, value: total },
  ];
}
