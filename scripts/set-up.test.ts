import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { takeTurn } from './set-up.mjs';

// Two commands of a fresh clone at once: one installs and builds, the other waits for it.

let folder = '';
const lock = () => join(folder, '.emta', 'set-up.lock');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emta-set-up-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A second command in that folder, and what it says. */
function another() {
  const setUp = fileURLToPath(new URL('set-up.mjs', import.meta.url));
  const script = `const { takeTurn } = await import(${JSON.stringify(setUp)});
    const leave = takeTurn(${JSON.stringify(folder)}); process.stderr.write('has its turn\\n'); leave();`;
  const command = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { command, said: createInterface(command.stderr)[Symbol.asyncIterator]() };
}

test('a second command waits until the first has done, and says so', async () => {
  const leave = takeTurn(folder);
  const { command, said } = another();
  const ended = once(command, 'exit');
  expect(await said.next()).toMatchObject({
    value: `emta: another command sets up this folder (process ${process.pid}), waiting for it`,
  });
  expect(readFileSync(lock(), 'utf8')).toBe(String(process.pid));
  leave();
  expect(await said.next()).toMatchObject({ value: 'has its turn' });
  expect(await ended).toEqual([0, null]);
  expect(existsSync(lock())).toBe(false);
});

test('a command that died while it built keeps nobody waiting', async () => {
  const { command } = another();
  await once(command, 'exit');
  mkdirSync(join(folder, '.emta'), { recursive: true });
  writeFileSync(lock(), String(command.pid));
  const { command: second, said } = another();
  const ended = once(second, 'exit');
  expect(await said.next()).toMatchObject({ value: 'has its turn' });
  expect(await ended).toEqual([0, null]);
});
