import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program that these trials started, and may end as roughly as they like. */
export interface Program {
  readonly pid: number;
  /** What it has written so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Settles with the exit code once it has ended. */
  readonly ended: Promise<number | null>;
}

/** Why a trial cannot be made on this machine, with how to mend it; undefined where it can. */
export function lacking(...programs: readonly ('redis-server' | 'nginx')[]): string | undefined {
  const flag = { 'redis-server': '--version', nginx: '-v' } as const;
  const missing = programs.filter((name) => spawnSync(name, [flag[name]]).status !== 0);
  return missing.length === 0 ? undefined : `needs ${missing.join(' and ')}: apt-get install ${missing.join(' ')}`;
}

/** Starts a program and waits until it is ready. */
export async function start(
  command: string,
  args: readonly string[],
  isReady: (output: string) => Promise<boolean>,
): Promise<Program> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      lines.push(String(chunk));
      if (lines.length > 500) lines.shift();
    });
  }
  const program = { ...programOf(child), output: () => lines.join('') };
  await until(`${command} to be ready`, async () => {
    if (child.exitCode !== null) throw new Error(`expected ${command} to start, got:\n${program.output()}`);
    return isReady(program.output());
  });
  return program;
}

function programOf(child: ChildProcess): Omit<Program, 'output'> {
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
  };
}

/** Waits for a condition, for at most so many seconds. */
export async function until(what: string, isMet: () => Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await isMet())) {
    if (performance.now() > deadline) throw new Error(`expected ${what} within ${seconds} s, got nothing of the kind`);
    await sleep(25);
  }
}

/** True once somebody answers there, with this status if one is given. */
export async function answers(url: string, status?: number): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return status === undefined || answer.status === status;
  } catch (error) {
    // Nobody listens, or nobody says anything: either way the answer is no.
    if (isUnanswered(error)) return false;
    throw error;
  }
}

/** What `fetch` throws where nobody listens, the connection breaks or the time is over. */
export function isUnanswered(error: unknown): boolean {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  return name === 'TypeError' || name === 'TimeoutError' || name === 'AbortError';
}

export interface RedisPlace {
  readonly port: number;
  readonly folder: string;
  /** The words before the command, where it is to run in a place of its own. */
  readonly inside?: readonly string[];
}

/** A Redis that has written down whatever it has answered to: what it wrote outlives it, though not the machine. */
export function startRedis({ port, folder, inside = [] }: RedisPlace, ...more: readonly string[]): Promise<Program> {
  mkdirSync(folder, { recursive: true });
  const args = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const ready = async () => spawnSync('redis-cli', ['-p', `${port}`, 'ping'], { encoding: 'utf8' }).stdout === 'PONG\n';
  const [command = '', ...rest] = [...inside, 'redis-server', ...args, ...more];
  return start(command, rest, ready);
}

const compiled = !import.meta.url.endsWith('.ts');
const root = fileURLToPath(new URL(compiled ? '../../../' : '../../', import.meta.url));
const cli = join(root, 'dist', 'conformance', 'cli.js');

/** `emta serve` in a process of its own. */
export function startEmtaProcess(
  port: number,
  flags: readonly string[],
  inside: readonly string[] = [],
): Promise<Program> {
  if (!existsSync(cli)) throw new Error(`expected ${cli}, which \`npm run build\` makes, got nothing`);
  const serve = [process.execPath, '--no-warnings', cli, 'serve', '--port', `${port}`, ...flags];
  const [command = '', ...args] = [...inside, ...serve];
  return start(command, args, () => answers(`http://127.0.0.1:${port}/healthz`, 200));
}

/** nginx with the configuration of `scripts/deploy`, at other addresses. */
export function startNginx(port: number, upstreams: readonly number[], folder: string): Promise<Program> {
  const temporary = join(folder, 'nginx');
  mkdirSync(temporary, { recursive: true });
  const servers = upstreams.map((upstream) => `server 127.0.0.1:${upstream} max_fails=1 fail_timeout=2s;`);
  const original = readFileSync(join(root, 'scripts', 'deploy', 'nginx.conf'), 'utf8');
  const text = original
    .replaceAll('/tmp/nginx', temporary)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace(/(?:\s*server emta-\d:4299[^;]*;)+/, `\n    ${servers.join('\n    ')}`);
  const file = join(temporary, 'nginx.conf');
  writeFileSync(file, text);
  return start('nginx', ['-c', file, '-g', 'daemon off;'], () => answers(`http://127.0.0.1:${port}/metrics`, 404));
}
