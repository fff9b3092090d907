import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

// Whoever presses Ctrl-C, or a CI that cancels a job, is told so, and no site is left behind on its port.

const built = fileURLToPath(new URL('../../dist/conformance/', import.meta.url));
const [cli, server] = [join(built, 'cli.js'), join(built, 'sale-site', 'server.js')];
if (!existsSync(cli)) throw new Error('expected dist/conformance/cli.js, which `npm run build` makes, got nothing');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emta-interrupted-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The sale site's file, launched so that each of its processes leaves its number. */
function noted(pids: string): string {
  const file = fileURLToPath(new URL('../sale-site/emta-rp.json', import.meta.url));
  const { launch, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
  const script = `import { appendFileSync } from 'node:fs';
    appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); await import(${JSON.stringify(pathToFileURL(server).href)});`;
  const command = [process.execPath, '--input-type=module', '--eval', script];
  const copy = join(folder, 'emta-rp.json');
  writeFileSync(copy, JSON.stringify({ ...rest, $schema: undefined, launch: { ...launch, cwd: folder, command } }));
  return copy;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ['a signal to the command alone', 'SIGTERM', 1],
  ['Ctrl-C in a terminal, which reaches every process of the group', 'SIGINT', -1],
] as const)(
  '%s ends the run and the site that it launched',
  async (_title, signal, whom) => {
    const pids = join(folder, 'pids');
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    const run = spawn(process.execPath, [cli, 'certify', noted(pids), '--only', 'H', '--skip-waits'], {
      detached: true,
      env: { ...process.env, EMTA_URL: '', TMPDIR: temporary },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(run, 'exit');
    let said = '';
    let isSent = false;
    for await (const text of run.stderr.setEncoding('utf8')) {
      said += text;
      // a second one would end it there and then
      if (isSent || !/rows judged/.test(text)) continue;
      isSent = process.kill(whom * (run.pid ?? 0), signal);
    }
    expect(await ended).toEqual([3, null]);
    expect(said).toMatch(/\nemta: stopped before the last row, so nothing is certified\n$/);
    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
    expect(started.length).toBeGreaterThan(0);
    for (let round = 0; round < 100 && started.some(isRunning); round += 1) await pause(50);
    expect(started.filter(isRunning)).toEqual([]);
    // the configuration of the suite holds the client's secret
    expect(readdirSync(temporary).filter((name) => name.startsWith('emta-'))).toEqual([]);
  },
  60_000,
);
