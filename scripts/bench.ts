// `npm run bench`: what Emta costs, side by side with a bare oidc-provider that answers the same number of requests, in
// ratios, because seconds differ from machine to machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../conformance/driver/launch.ts';
import { asked, namesOf } from './asked.ts';
import { type Subject, type SubjectName, type SubjectOptions, startSubject } from './bench/child.ts';
import { throughBare, throughEmta } from './bench/journeys.ts';
import { type Measured, measure, median, quantile } from './bench/load.ts';
import { withNotesOf } from './bench/notes.ts';
import { sharesOf } from './bench/profile.ts';
import { timeToFirstAnswer } from './bench/startup.ts';
import { type Bar, chart, megabytes, milliseconds, table } from './bench/tables.ts';
import { lacking, startRedis } from './failure/programs.ts';

const parts = ['startup', 'cpu', 'latency', 'memory', 'population', 'redis', 'workers', 'certification'] as const;
type Part = (typeof parts)[number];

const help = `Measures what Emta costs beside a bare oidc-provider, in ratios.

  npm run bench -- [options]

  --short        fewer rounds, about two minutes
  --tiny         as little as shows that it runs; its figures mean nothing
  --only PARTS   some of ${parts.join(', ')}
  --write        into scripts/docs/bench.md, where what stands between note comments is kept
`;

const { values } = asked(help, {
  options: {
    short: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    only: { type: 'string', default: parts.join() },
    write: { type: 'boolean', default: false },
  },
});
const wanted = namesOf('--only', values.only, parts);
const sizes = values.tiny
  ? { rounds: 1, journeys: 8, starts: 1, few: 8, many: 16 }
  : values.short
    ? { rounds: 3, journeys: 60, starts: 3, few: 200, many: 2_000 }
    : { rounds: 7, journeys: 200, starts: 9, few: 2_000, many: 20_000 };
const walks = { bare: throughBare, emta: throughEmta };
const here = dirname(fileURLToPath(import.meta.url));
const bars: Bar[] = [];
const sections: string[] = [];

const run: Readonly<Record<Part, () => Promise<void>>> = {
  startup,
  cpu,
  latency,
  memory,
  population,
  redis,
  workers,
  certification,
};
for (const part of parts.filter((name) => wanted.includes(name))) {
  process.stderr.write(`emta: measuring ${part}\n`);
  await run[part]();
}
const text = [
  '# What it costs',
  `Measured by \`npm run bench${values.tiny ? ' -- --tiny' : values.short ? ' -- --short' : ''}\` on ${machine()}. Each pair was measured in turns on the same machine; only the ratios mean anything elsewhere.`,
  ...(bars.length > 0 ? ['Each bar is a ratio; `│` is the most that it may be.', chart(bars)] : []),
  ...sections,
].join('\n\n');
process.stdout.write(`${text}\n`);
if (values.write) {
  // The sources' folder, also where this runs from dist/.
  const file = join(process.cwd(), 'scripts', 'docs', 'bench.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, withNotesOf(before, text));
}

function machine(): string {
  const [load = 0] = loadavg();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() || 'unknown'}), ${gigabytes} GB, Linux ${release().split('-')[0]}, Node ${process.versions.node}; load ${load.toFixed(1)} at the end`;
}

async function started(name: SubjectName, more: Partial<SubjectOptions> = {}): Promise<Subject> {
  return startSubject(name, { port: await freePort(), ...more });
}

async function startup(): Promise<void> {
  const times: Record<SubjectName, number[]> = { bare: [], emta: [] };
  for (let turn = 0; turn < sizes.starts; turn += 1) {
    for (const name of ['bare', 'emta'] as const) times[name].push(await timeToFirstAnswer(name, await freePort()));
  }
  const [bare, emta] = [median(times.bare), median(times.emta)];
  bars.push({ name: 'start to first answer', value: emta / bare, budget: 1.3 });
  sections.push(
    '## Start',
    table(
      ['start to first answer, ms', 'bare oidc-provider', 'Emta, 90,000,000 people', 'ratio'],
      [`median of ${sizes.starts}`, milliseconds(bare), milliseconds(emta), (emta / bare).toFixed(2)],
    ),
  );
}

/** The same load on several subjects in turns; the first round warms them up. */
async function inTurns(
  subjects: readonly Subject[],
  { rounds, journeys, atOnce }: { rounds: number; journeys: number; atOnce: number },
): Promise<ReadonlyMap<Subject, readonly Measured[]>> {
  const measured = new Map<Subject, Measured[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of subjects) {
      const walk = subject.name === 'bare' ? walks.bare : walks.emta;
      const one = await measure(subject, walk, { from: round * journeys, journeys, atOnce });
      if (round > 0) measured.get(subject)?.push(one);
    }
  }
  return measured;
}

async function cpu(): Promise<void> {
  const subjects = [await started('bare'), await started('emta')] as const;
  const measured = await inTurns(subjects, { rounds: sizes.rounds, journeys: sizes.journeys, atOnce: 4 });
  const [bare, emta] = subjects.map((subject) => (measured.get(subject) ?? []).map((one) => one.cpuPerRequest));
  const ratios = (bare ?? []).map((value, index) => (emta?.[index] ?? Number.NaN) / value);
  await subjects[1].startProfile();
  await measure(subjects[1], walks.emta, { from: 500_000, journeys: sizes.journeys, atOnce: 4 });
  const shares = sharesOf(await subjects[1].profile());
  await Promise.all(subjects.map((subject) => subject.stop()));
  bars.push({ name: 'CPU a request', value: median(ratios), budget: 1.25 });
  sections.push(
    '## CPU time a request, over a whole journey',
    'A journey is thirteen requests to either: authorization, pages, presses, the way back, tokens, claims. The bare oidc-provider has its own two pages, which are asked for again to make up the number, and keeps everything in its own adapter; it draws no captcha, sends no SMS, asks no register and writes no journal.',
    table(
      ['CPU ms a request', 'bare oidc-provider', 'Emta', 'ratio'],
      [
        `median of ${ratios.length}`,
        milliseconds(median(bare ?? [])),
        milliseconds(median(emta ?? [])),
        median(ratios).toFixed(2),
      ],
    ),
    'Where Emta spends it:',
    table(
      ['whose code', 'share'],
      ...shares.slice(0, 14).map(([owner, share]) => [owner, `${(share * 100).toFixed(1)} %`]),
    ),
  );
}

async function latency(): Promise<void> {
  const rows: string[][] = [];
  for (const atOnce of [1, 8, 32]) {
    const subjects = [await started('bare'), await started('emta')];
    const measured = await inTurns(subjects, { rounds: 2, journeys: Math.max(sizes.journeys, atOnce * 4), atOnce });
    for (const subject of subjects) {
      const all = measured.get(subject) ?? [];
      const times = all.flatMap((one) => one.times).toSorted((one, other) => one - other);
      rows.push([
        `${atOnce} at once, ${subject.name === 'bare' ? 'bare oidc-provider' : 'Emta'}`,
        median(all.map((one) => one.requestsPerSecond)).toFixed(0),
        ...[0.5, 0.95, 0.99].map((share) => milliseconds(quantile(times, share))),
      ]);
    }
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
  sections.push(
    '## Latency',
    'Who asks runs on the same machine and takes its share of it.',
    table(['journeys', 'requests a second', 'p50 ms', 'p95 ms', 'p99 ms'], ...rows),
  );
}

async function memory(): Promise<void> {
  const emta = await started('emta');
  const few = await measure(emta, walks.emta, { from: 0, journeys: sizes.few, atOnce: 8 });
  const many = await measure(emta, walks.emta, { from: sizes.few, journeys: sizes.many - sizes.few, atOnce: 8 });
  await emta.stop();
  bars.push({ name: 'memory after ten times the journeys', value: many.heap / few.heap, budget: 1.15 });
  sections.push(
    '## Memory',
    table(
      [
        'everything in memory',
        `after ${sizes.few.toLocaleString('en')} journeys`,
        `after ${sizes.many.toLocaleString('en')}`,
        'ratio',
      ],
      ['heap MB', megabytes(few.heap), megabytes(many.heap), (many.heap / few.heap).toFixed(2)],
      ['resident MB', megabytes(few.rss), megabytes(many.rss), (many.rss / few.rss).toFixed(2)],
    ),
  );
}

async function population(): Promise<void> {
  const rows = [10_000, 1_000_000, 90_000_000].map(
    (size) =>
      JSON.parse(
        execFileSync(process.execPath, ['--expose-gc', join(here, 'bench', 'population.js'), String(size)], {
          encoding: 'utf8',
        }),
      ) as Record<string, string>,
  );
  const columns = Object.keys(rows[0] ?? {});
  const slowest = Math.max(...rows.flatMap((row) => ['by code µs', 'by mobile µs'].map((name) => medianIn(row[name]))));
  bars.push({ name: 'a person found, of 100 µs', value: slowest / 100, budget: 1 });
  sections.push('## People', table(columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))));
}

/** `median 12.3, p99 45.6` */
function medianIn(summary = ''): number {
  return Number(/median ([\d.]+)/.exec(summary)?.[1] ?? Number.NaN);
}

async function withRedis(use: (address: string, cpu: () => number) => Promise<void>): Promise<void> {
  const lack = lacking('redis-server');
  if (lack !== undefined) {
    sections.push(`(not measured here: ${lack})`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'emta-bench-'));
  const port = await freePort();
  const server = await startRedis({ port, folder }, '--appendonly', 'no');
  const cpuOf = () => {
    const info = spawnSync('redis-cli', ['-p', `${port}`, 'info', 'cpu'], { encoding: 'utf8' }).stdout;
    const value = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1] ?? 0);
    return (value('used_cpu_user') + value('used_cpu_sys')) * 1000;
  };
  await use(`redis://127.0.0.1:${port}`, cpuOf);
  server.kill('SIGKILL');
  await server.ended;
  rmSync(folder, { recursive: true, force: true });
}

async function redis(): Promise<void> {
  await withRedis(async (address, cpuOf) => {
    const subjects = [await started('emta'), await started('emta', { store: address })] as const;
    const before = cpuOf();
    const measured = await inTurns(subjects, { rounds: sizes.rounds, journeys: sizes.journeys, atOnce: 4 });
    const ofRedis = (cpuOf() - before) / ((sizes.rounds + 1) * sizes.journeys);
    const [inMemory, inRedis] = subjects.map((subject) =>
      (measured.get(subject) ?? []).map((one) => one.cpuPerRequest * (one.requests / sizes.journeys)),
    );
    const ratios = (inMemory ?? []).map((value, index) => (inRedis?.[index] ?? Number.NaN) / value);
    await Promise.all(subjects.map((subject) => subject.stop()));
    bars.push({ name: 'CPU a journey with Redis', value: median(ratios), budget: 1.5 });
    sections.push(
      '## Redis',
      table(
        ['CPU ms a journey', 'memory', 'Redis', 'ratio', 'Redis’s own'],
        [
          `median of ${ratios.length}`,
          milliseconds(median(inMemory ?? [])),
          milliseconds(median(inRedis ?? [])),
          median(ratios).toFixed(2),
          milliseconds(ofRedis),
        ],
      ),
    );
  });
}

async function workers(): Promise<void> {
  await withRedis(async (address) => {
    const rows: string[][] = [];
    for (const count of [1, 2, 4]) {
      const subject = await started('emta', { store: address, workers: count });
      const measured = await inTurns([subject], { rounds: 2, journeys: sizes.journeys, atOnce: 32 });
      const all = measured.get(subject) ?? [];
      rows.push([
        String(count),
        median(all.map((one) => one.requestsPerSecond)).toFixed(0),
        milliseconds(median(all.map((one) => quantile(one.times, 0.95)))),
        milliseconds(median(all.map((one) => one.cpuPerRequest))),
      ]);
      await subject.stop();
    }
    sections.push(
      '## Workers',
      'With Redis, 32 journeys at once. Who asks, Redis and the workers share the cores of one machine.',
      table(['workers', 'requests a second', 'p95 ms', 'CPU ms a request'], ...rows),
    );
  });
}

async function certification(): Promise<void> {
  const script = join(here, 'certify-reference.js');
  if (!existsSync(script)) {
    sections.push('## Certifying the sale site', '(not measured: it runs from the built files)');
    return;
  }
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--skip-waits', '--profile', 'audit'], {
    encoding: 'utf8',
  });
  const [, rows, all, seconds] = /(\d+) of (\d+) rows in ([\d.]+) s/.exec(stdout) ?? [];
  if (seconds === undefined) throw new Error(`expected a certification, got:\n${stdout}${stderr}`);
  bars.push({ name: 'certifying, of 30 s', value: Number(seconds) / 30, budget: 1 });
  sections.push(
    '## Certifying the sale site',
    table(['HTTP driver, without the waits of more than a minute', 'seconds'], [`${rows} of ${all} rows`, seconds]),
  );
}
