import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../conformance/driver/launch.ts';
import { answers, type Program, startEmtaProcess, startNginx, startRedis, until } from './programs.ts';
import { lackingDisks, makeSmallDisk } from './small-disk.ts';

export const redirectUri = 'http://127.0.0.1:9/callback';
export const captcha = 'aaaaaa';
export const client = { id: 'trial', secret: 'made-up-for-trials' };

/** Nobody is to run out of time because of a crash; what runs out, and when, is tested elsewhere. */
const patience = [
  ...['--code-ttl', '900', '--journey-ttl', '3600', '--codes-per-hour', '1000'],
  ...['--population', '1000000', '--captcha', captcha],
];

/** One process of Emta that keeps everything in its memory. */
export async function startSingle(
  flags: readonly string[] = [],
  inside: readonly string[] = [],
): Promise<{ readonly issuer: string; stop(): Promise<number | null> }> {
  const port = await freePort();
  const program = await startEmtaProcess(port, [...patience, ...flags], inside);
  return {
    issuer: `http://localhost:${port}`,
    stop() {
      program.kill('SIGTERM');
      return program.ended;
    },
  };
}

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
  /** The disk of Redis is full until it has refused something; where there can be a small one. */
  readonly fillDisk?: () => Promise<void>;
  stop(): Promise<void>;
}

export async function startFleet(size = 3): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'emta-trial-'));
  const [front, redisPort] = [await freePort(), await freePort()];
  const ports: number[] = [];
  while (ports.length < size) ports.push(await freePort());
  const issuer = `http://127.0.0.1:${front}`;
  const disk = lackingDisks() === undefined ? await makeSmallDisk(join(folder, 'redis'), 512) : undefined;
  const place = { port: redisPort, folder: join(folder, 'redis'), ...(disk && { inside: disk.inside }) };
  let redis = await startRedis(place);
  const flags = ['--issuer', issuer, '--store', `redis://127.0.0.1:${redisPort}`, ...patience];
  const launch = (index: number) => startEmtaProcess(ports[index] ?? 0, flags);
  const processes = await Promise.all(ports.map((_port, index) => launch(index)));
  const nginx = await startNginx(front, ports, folder);

  const health = async (status: number) => {
    const all = await Promise.all(ports.map((port) => answers(`http://127.0.0.1:${port}/healthz`, status)));
    return all.every(Boolean);
  };

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
      redis = await startRedis(place);
      await until('every process to have found Redis again', () => health(200));
    },
    async pauseRedis(milliseconds) {
      redis.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      redis.kill('SIGCONT');
    },
    ...(disk && {
      async fillDisk() {
        disk.fill();
        await until('every process to say that Redis refuses to write', () => health(503));
        disk.clear();
        await until('every process to say that Redis writes again', () => health(200));
      },
    }),
    async stop() {
      await end(nginx, 'SIGTERM');
      await Promise.all(processes.map((program) => end(program, 'SIGTERM')));
      await end(redis, 'SIGKILL');
      await disk?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
