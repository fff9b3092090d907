import { asked, countOf } from './asked.ts';
import { AT_ONCE, fuzz } from './fuzz/run.ts';
import { watch } from './fuzz/watchdog.ts';

const help = `Sends hostile requests to an Emta of its own and fails on any 5xx, crash, hang or unescaped markup.

  node dist/scripts/fuzz.js [--requests 100000] [--seed 4299]
`;

/** Milliseconds; a machine under load takes long for little. */
const STANDSTILL = 30_000;

const { values } = asked(help, {
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: '4299' } },
});
const requests = countOf('--requests', values.requests);
const seed = countOf('--seed', values.seed);
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
