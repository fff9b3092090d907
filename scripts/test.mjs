// `npm test`: sets up what a fresh clone lacks, runs every line even when an earlier one failed, and closes with
// `N passed, N failed`. Jest counts its tests; each other line counts as one. `npm test -- types docs:check` runs only
// those. What comes after Jest mostly waits, and runs beside it; what it says is shown when Jest is done.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, npmCommand, root, stop } from './set-up.mjs';
import { tallyOf } from './tally.mjs';

const before = ['build', 'lint', 'types', 'layers'];
const beside = ['docs:check', 'try-package', 'examples', 'certify:reference'];
const lines = [...before, 'jest', ...beside];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !lines.includes(name));
if (unknown.length > 0) stop(`expected lines of ${lines.join(', ')}, got ${unknown.join(', ')}`);

ensureInstalled();
const ci = !['', 'false', undefined].includes(process.env.CI);
const isAsked = (name) => asked.length === 0 || asked.includes(name);
const results = await runLines(before, shown);
const hidden = isAsked('jest') ? [] : undefined;
const [tests, others] = await Promise.all([
  runLines(['jest'], shown),
  runLines(beside, hidden ? (text) => hidden.push(text) : shown),
]);
for (const text of hidden ?? []) shown(text);
results.push(...tests, ...others);

print('');
for (const { name, passed, failed, skipped, seconds, notes } of results) {
  print(
    `${failed > 0 ? 'FAILED' : 'passed'}  ${name.padEnd(18)} ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`,
  );
  for (const note of notes) print(`        ${note}`);
}
const sum = (member) => results.reduce((total, result) => total + result[member], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
print(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

/** Runs those of the lines that were asked for, one after another, and tells `say` what they print. */
async function runLines(names, say) {
  const done = [];
  for (const name of names.filter(isAsked)) {
    say(`\n== ${name}\n`);
    const start = performance.now();
    const tally = await (name === 'jest' ? runJest(say) : runLine(name, say));
    done.push({ name, ...tally, seconds: ((performance.now() - start) / 1000).toFixed(1) });
  }
  return done;
}

async function runLine(name, say) {
  const good = (await npm(['run', '--silent', name], say)) === 0;
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0, notes: [] };
}

async function runJest(say) {
  const folder = mkdtempSync(join(tmpdir(), 'emta-mock-'));
  const file = join(folder, 'jest.json');
  const code = await npm(['run', '--silent', 'jest', '--', '--json', `--outputFile=${file}`], say);
  try {
    return tallyOf(JSON.parse(readFileSync(file, 'utf8')), { code, ci });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { passed: 0, failed: 1, skipped: 0, notes: [`jest ended with ${code} before it had a result`] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Answers the exit code; what is shown at once goes to the terminal as it comes, with its colours. */
function npm(args, say) {
  const [command, ...first] = npmCommand();
  const stdio = say === shown ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, [...first, ...args], {
    cwd: root,
    stdio,
    shell: command === 'npm' && process.platform === 'win32',
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', say);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function shown(text) {
  process.stdout.write(text);
}

function print(text) {
  shown(`${text}\n`);
}
