import { parseArgs } from 'node:util';
import { AT_ONCE, fuzz } from './fuzz/run.ts';
import { watch } from './fuzz/watchdog.ts';

const help = `Sends hostile requests to an Emta of its own and fails on any 5xx, crash, hang or unescaped markup.

  node dist/scripts/fuzz.js [--requests 100000] [--seed 4299]
`;

/** Milliseconds; a machine under load takes long for little. */
const STANDSTILL = 30_000;

const { requests, seed } = numbersOf(process.argv.slice(2));
const begun = performance.now();
process.stdout.write(`${requests} requests, seed ${seed}\n`);
const watchdog = watch(STANDSTILL, AT_ONCE);
const report = await fuzz({
  watchdog,
  requests,
  seed,
  onFinding: ({ what, aim, sent, detail }) =>
    process.stdout.write(`\n${what}: ${aim}\n${detail}\n  sent: ${JSON.stringify(sent.slice(0, 1500))}\n\n`),
  onProgress: (done, findings) => process.stdout.write(`  ${done} sent, ${findings} findings\n`),
});
await watchdog.stop();
const seconds = (performance.now() - begun) / 1000;

const statuses = Object.entries(report.statuses).map(
  ([status, count]) => `${status === '0' ? 'closed' : status} ${count}`,
);
process.stdout.write(`
requests     ${report.requests} in ${seconds.toFixed(1)} s, ${Math.round(report.requests / seconds)} a second
answers      ${statuses.join(', ')}
slowest      ${report.slowest.milliseconds} ms, ${report.slowest.aim}
sound walks  ${report.soundWalks}
findings     ${report.findings.length}${report.repeated > 0 ? `, and ${report.repeated} more of the same` : ''}
`);
process.exit(report.findings.length > 0 ? 1 : 0);

function numbersOf(args: readonly string[]): { readonly requests: number; readonly seed: number } {
  const options = { requests: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } } as const;
  const { values } = parse();
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  return { requests: whole('requests', values.requests ?? '100000'), seed: whole('seed', values.seed ?? '4299') };

  function parse() {
    try {
      return parseArgs({ args: [...args], options });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error;
      return refuse(error.message);
    }
  }
}

function whole(name: string, given: string): number {
  const value = Number(given);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : refuse(`expected "--${name}" to be a whole number above 0, got "${given}"`);
}

function refuse(message: string): never {
  process.stderr.write(`emta: ${message}\n\n${help}`);
  process.exit(2);
}
