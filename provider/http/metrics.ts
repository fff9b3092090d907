import { AggregatorRegistry, Counter as PromCounter, Histogram as PromHistogram, Registry } from 'prom-client';

/** One number for each combination of labels, in the text format of Prometheus. */
export interface Counter {
  /** `values` in the order of the labels' names. */
  add(...values: readonly (string | number)[]): void;
}

/** How many took how long, for each combination of labels. */
export interface Histogram {
  observe(seconds: number, ...values: readonly (string | number)[]): void;
}

/** What one process has counted, for adding up with others. */
export type Counts = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export interface MetricSet {
  readonly contentType: string;
  counter(name: string, help: string, labels: readonly string[]): Counter;
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
  counts(): Promise<Counts>;
  /** The whole set as Prometheus reads it, with what others have counted added. */
  text(others?: readonly Counts[]): Promise<string>;
}

/** A set of its own for each Emta: nothing is registered globally. */
export function createMetricSet(): MetricSet {
  const registry = new Registry();
  const registers = [registry];
  return {
    contentType: registry.contentType,
    counter(name, help, labels) {
      const counter = new PromCounter({ name, help, labelNames: [...labels], registers });
      return { add: (...values) => counter.labels(...values.map(String)).inc() };
    },
    histogram(name, help, labels, buckets) {
      const histogram = new PromHistogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers });
      return { observe: (seconds, ...values) => histogram.labels(...values.map(String)).observe(seconds) };
    },
    counts: () => registry.getMetricsAsJSON(),
    async text(others = []) {
      if (others.length === 0) return registry.metrics();
      // Its type names one shape of metric, and it takes them all.
      const all = [await registry.getMetricsAsJSON(), ...others] as unknown as object[];
      return AggregatorRegistry.aggregate(all).metrics();
    },
  };
}
