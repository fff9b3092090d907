// `npm test`: sets up what a fresh clone lacks, runs every line even when an earlier one failed, and closes with
// `N passed, N failed`. Jest counts its tests; each other line counts as one. `npm test -- types docs:check` runs only
// those.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, npmCommand, root, stop } from './set-up.mjs';
import { tallyOf } from './tally.mjs';

const lines = [
  ...['build', 'lint', 'types', 'layers', 'docs:check'],
  'jest',
  ...['try-package', 'examples', 'certify:reference'],
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !lines.includes(name));
if (unknown.length > 0) stop(`expected lines of ${lines.join(', ')}, got ${unknown.join(', ')}`);

ensureInstalled();
const ci = !['', 'false', undefined].includes(process.env.CI);
const results = [];
for (const name of lines.filter((line) => asked.length === 0 || asked.includes(line))) {
  print(`\n== ${name}\n`);
  const start = performance.now();
  const tally = await (name === 'jest' ? runJest() : runLine(name));
  results.push({ name, ...tally, seconds: ((performance.now() - start) / 1000).toFixed(1) });
}

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

async function runLine(name) {
  const good = (await npm(['run', '--silent', name])) === 0;
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0, notes: [] };
}

async function runJest() {
  const folder = mkdtempSync(join(tmpdir(), 'emta-mock-'));
  const file = join(folder, 'jest.json');
  const code = await npm(['run', '--silent', 'jest', '--', '--json', `--outputFile=${file}`]);
  try {
    return tallyOf(JSON.parse(readFileSync(file, 'utf8')), { code, ci });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return { passed: 0, failed: 1, skipped: 0, notes: [`jest ended with ${code} before it had a result`] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Answers the exit code. */
function npm(args) {
  const [command, ...first] = npmCommand();
  const child = spawn(command, [...first, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: command === 'npm' && process.platform === 'win32',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
