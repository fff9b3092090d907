// What a population costs to start, to keep, and to find somebody in: `node population.js SIZE` prints it as JSON.
// A process for each size, so that none profits from the one before.

const looked = 20_000;
const size = Number(process.argv[2]);
process.stdout.write(JSON.stringify(await measure()));

async function measure(): Promise<Readonly<Record<string, string>>> {
  const heapBefore = heap();
  const importing = performance.now();
  const { createPopulation } = await import('../../provider/registry/population.ts');
  const creating = performance.now();
  const population = createPopulation({ size });
  const created = performance.now();
  const heapAfter = heap();

  const indices = Array.from({ length: looked }, (_, step) => (step * 7_919_317) % size);
  const codes = indices.map((index) => population.at(index).nationalCode);
  const lines = codes.flatMap((code) => population.linesOf(code));
  const heapBeforeLooking = heap();
  const byCode = timesOf(codes, (code) => population.citizen(code));
  const byMobile = timesOf(lines, ({ mobile }) => population.citizen(population.line(mobile)?.owner ?? ''));
  const linesOfOne = timesOf(codes, (code) => population.linesOf(code));
  const kept = heap() - heapBeforeLooking;

  return {
    people: size.toLocaleString('en'),
    'import ms': (creating - importing).toFixed(1),
    'create ms': (created - creating).toFixed(2),
    'heap MB after start': ((heapAfter - heapBefore) / 2 ** 20).toFixed(1),
    'heap MB that look-ups keep': (kept / 2 ** 20).toFixed(1),
    'by code µs': summary(byCode),
    'by mobile µs': summary(byMobile),
    'lines of µs': summary(linesOfOne),
  };
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function timesOf<Item>(items: readonly Item[], look: (item: Item) => unknown): readonly number[] {
  for (const item of items.slice(0, 2_000)) {
    look(item);
  }
  return items.map((item) => {
    const begun = process.hrtime.bigint();
    look(item);
    return Number(process.hrtime.bigint() - begun) / 1000;
  });
}

function summary(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  return `median ${at(0.5)}, p99 ${at(0.99)}`;
}
