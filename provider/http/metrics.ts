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
export interface Counts {
  readonly [metric: string]: { readonly [labels: string]: readonly number[] };
}

export interface MetricSet {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram;
  counts(): Counts;
  /** The whole set as Prometheus reads it, with what others have counted added. */
  text(others?: readonly Counts[]): string;
}

interface Metric {
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds; a counter has none. */
  readonly buckets?: readonly number[];
  /** By labels as they are written: the count of a counter; the counts of the buckets, the sum and the count. */
  readonly series: Map<string, number[]>;
}

/** Counts in a few additions a request; the text is made when somebody asks for it. */
export function createMetricSet(): MetricSet {
  const metrics = new Map<string, Metric>();

  function add(name: string, metric: Metric): Metric {
    metrics.set(name, metric);
    return metric;
  }

  return {
    counter(name, help, labels) {
      const { series } = add(name, { help, labels, series: new Map() });
      return {
        add(...values) {
          const key = written(labels, values);
          const cells = series.get(key);
          if (cells) cells[0] = (cells[0] ?? 0) + 1;
          else series.set(key, [1]);
        },
      };
    },
    histogram(name, help, labels, buckets) {
      const { series } = add(name, { help, labels, buckets, series: new Map() });
      const [sum, count] = [buckets.length, buckets.length + 1];
      return {
        observe(seconds, ...values) {
          const key = written(labels, values);
          const cells = series.get(key) ?? new Array<number>(buckets.length + 2).fill(0);
          series.set(key, cells);
          const bucket = buckets.findIndex((bound) => seconds <= bound);
          if (bucket >= 0) cells[bucket] = (cells[bucket] ?? 0) + 1;
          cells[sum] = (cells[sum] ?? 0) + seconds;
          cells[count] = (cells[count] ?? 0) + 1;
        },
      };
    },
    counts: () =>
      Object.fromEntries([...metrics].map(([name, { series }]) => [name, Object.fromEntries(series)])) satisfies Counts,
    text: (others = []) =>
      [...metrics]
        .map(([name, metric]) =>
          textOf(
            name,
            metric,
            others.map((counts) => counts[name] ?? {}),
          ),
        )
        .join(''),
  };
}

/** `route="/journey/*",status="200"`: what the text has between its braces, and what tells the series apart. */
function written(labels: readonly string[], values: readonly (string | number)[]): string {
  let text = '';
  for (let index = 0; index < labels.length; index += 1) {
    text += `${index === 0 ? '' : ','}${labels[index]}="${escaped(values[index] ?? '')}"`;
  }
  return text;
}

function escaped(value: string | number): string {
  return typeof value === 'number' || !/["\\\n]/.test(value)
    ? String(value)
    : value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function textOf(name: string, { help, buckets, series }: Metric, others: readonly Counts[string][]): string {
  const all = new Map(series);
  for (const other of others) {
    for (const [key, cells] of Object.entries(other)) {
      const own = all.get(key) ?? [];
      all.set(
        key,
        cells.map((cell, index) => cell + (own[index] ?? 0)),
      );
    }
  }
  const lines = [...all].flatMap(([key, cells]) =>
    buckets ? histogramLines(name, key, buckets, cells) : [`${name}${braced(key)} ${cells[0]}`],
  );
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${buckets ? 'histogram' : 'counter'}`, ...lines].join('\n')}\n`;
}

function histogramLines(
  name: string,
  key: string,
  buckets: readonly number[],
  cells: readonly number[],
): readonly string[] {
  let within = 0;
  const sum = cells[buckets.length] ?? 0;
  const count = cells[buckets.length + 1] ?? 0;
  const bounded = buckets.map((bound, index) => {
    within += cells[index] ?? 0;
    return `${name}_bucket${braced(join(key, `le="${bound}"`))} ${within}`;
  });
  return [
    ...bounded,
    `${name}_bucket${braced(join(key, 'le="+Inf"'))} ${count}`,
    `${name}_sum${braced(key)} ${sum}`,
    `${name}_count${braced(key)} ${count}`,
  ];
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(',');
}

function braced(key: string): string {
  return key === '' ? '' : `{${key}}`;
}
