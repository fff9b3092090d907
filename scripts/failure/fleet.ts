import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort, type Program, startEmtaProcess, startNginx, startRedis, until } from './programs.ts';

export const redirectUri = 'http://127.0.0.1:9/callback';
export const captcha = 'aaaaaa';
export const client = { id: 'trial', secret: 'made-up-for-trials' };

/** Three processes of Emta, Redis with its file, and nginx before them. */
export interface Fleet {
  readonly issuer: string;
  readonly size: number;
  /** Where one process is reached past nginx. */
  direct(index: number): string;
  /** Ends a process as a crash would, and starts another in its place. */
  crash(index: number): Promise<void>;
  /** Asks a process to stop, waits for its exit code, and starts another. */
  replace(index: number): Promise<number | null>;
  /** Ends Redis as a crash would; it comes back with what it had written down. */
  restartRedis(): Promise<void>;
  /** Redis holds its connections and says nothing for so long. */
  pauseRedis(milliseconds: number): Promise<void>;
  /** What the processes wrote. */
  output(): string;
  stop(): Promise<void>;
}

export async function startFleet(size = 3): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'emta-trial-'));
  const [front, redisPort] = [await freePort(), await freePort()];
  const ports: number[] = [];
  while (ports.length < size) ports.push(await freePort());
  const issuer = `http://127.0.0.1:${front}`;
  let redis = await startRedis(redisPort, join(folder, 'redis'));
  const flags = [
    ...['--issuer', issuer, '--store', `redis://127.0.0.1:${redisPort}`, '--captcha', captcha],
    // Nobody is to run out of time because of a crash; what runs out, and when, is tested elsewhere.
    ...['--code-ttl', '900', '--journey-ttl', '3600', '--codes-per-hour', '1000', '--population', '1000000'],
  ];
  const launch = (index: number) => startEmtaProcess(ports[index] ?? 0, ...flags);
  const processes = await Promise.all(ports.map((_port, index) => launch(index)));
  const nginx = await startNginx(front, ports, folder);

  async function end(program: Program, signal: NodeJS.Signals): Promise<number | null> {
    program.kill(signal);
    return program.ended;
  }

  return {
    issuer,
    size,
    direct: (index) => `http://127.0.0.1:${ports[index]}`,
    async crash(index) {
      const victim = processes[index];
      if (victim) await end(victim, 'SIGKILL');
      processes[index] = await launch(index);
    },
    async replace(index) {
      const old = processes[index];
      const code = old ? await end(old, 'SIGTERM') : null;
      processes[index] = await launch(index);
      return code;
    },
    async restartRedis() {
      await end(redis, 'SIGKILL');
      redis = await startRedis(redisPort, join(folder, 'redis'));
      await until('every process to have found Redis again', async () => {
        const well = await Promise.all(ports.map((port) => answers(`http://127.0.0.1:${port}/healthz`, 200)));
        return well.every(Boolean);
      });
    },
    async pauseRedis(milliseconds) {
      redis.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      redis.kill('SIGCONT');
    },
    output: () => processes.map((program) => program.output()).join('\n'),
    async stop() {
      await end(nginx, 'SIGTERM');
      await Promise.all(processes.map((program) => end(program, 'SIGTERM')));
      await end(redis, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
