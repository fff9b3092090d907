import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, until } from '../failure/programs.ts';
import type { LibrarySite } from './sites.ts';

export interface RunningSite {
  readonly origin: string;
  /** What it has written so far. */
  readonly said: () => string;
  readonly stop: () => Promise<void>;
}

/** Puts the settings beside what stands around them, each with this run's addresses, and starts the site. */
export async function runSite(
  { library, file, folder, command }: LibrarySite,
  settings: string,
  { root, issuer, port }: { readonly root: string; readonly issuer: string; readonly port: number },
): Promise<RunningSite> {
  const home = mkdtempSync(join(tmpdir(), 'emta-library-'));
  chmodSync(home, 0o755); // Apache serves as somebody who may do less
  cpSync(join(root, 'scripts', 'libraries', folder), home, { recursive: true });
  writeFileSync(join(home, file), settings);
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    const path = join(home, name);
    if (statSync(path).isDirectory()) continue;
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll('http://localhost:4299', issuer).replace(/\b8080\b/g, `${port}`));
  }
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));

  const [program, ...args] = command();
  const { NODE_ENV: _mode, JEST_WORKER_ID: _worker, ...env } = process.env;
  const child = spawn(program, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const origin = `http://localhost:${port}`;
  const stop = async () => {
    await ended(child);
    rmSync(home, { recursive: true });
  };
  try {
    await until(`the site with ${library} to answer`, () => {
      if (child.exitCode !== null) throw new Error(`expected the site with ${library} to start, got:\n${said}`);
      return answers(origin);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, said: () => said, stop };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
