import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import { createClient } from '@redis/client';

/** A real Redis that a test started on a port of loopback. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it as a crash would; what it kept is lost. */
  kill(): Promise<void>;
  /** Stops and continues it without ending it: it holds its connections and says nothing. */
  freeze(): void;
  thaw(): void;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** Kills it and removes its files. */
  dispose(): Promise<void>;
}

/** Defines the tests where there is a redis-server; elsewhere says so, which is a failure in CI. */
export function describeWithRedis(name: string, define: () => void): void {
  const found =
    spawnSync('redis-server', ['--version']).status === 0 && spawnSync('redis-cli', ['--version']).status === 0;
  if (found) {
    describe(name, define);
    return;
  }
  const reason = 'needs redis-server and redis-cli: apt-get install redis-server';
  if (process.env.CI === 'true') {
    test(`${name} ${reason}`, () => {
      throw new Error(`expected redis-server on the PATH, got none; ${reason}`);
    });
  } else {
    test.skip(`${name} ${reason}`, () => undefined);
  }
}

export async function startRedis(...options: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'emta-redis-'));
  const port = await freePort();
  const fixed = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--appendonly', 'no'];
  let server = await launch([...fixed, ...options], port);
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async restart() {
      server = await launch([...fixed, ...options], port);
    },
    async dispose() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Three masters that share the slots, as `redis-cli --cluster create` makes them. */
export async function startRedisCluster(): Promise<readonly RedisServer[]> {
  const start = async () => startRedis('--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`);
  const nodes = [await start(), await start(), await start()];
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const created = spawnSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { encoding: 'utf8' });
  if (created.status !== 0) throw new Error(`expected a cluster of three, got:\n${created.stdout}${created.stderr}`);
  await until('every node to call the cluster whole', async () => {
    const states = await Promise.all(nodes.map(({ url }) => ask(url, ['CLUSTER', 'INFO'])));
    return states.every((state) => String(state).includes('cluster_state:ok'));
  });
  return nodes;
}

/** One command to one server, past the store. */
export async function ask(url: string, command: readonly string[]): Promise<unknown> {
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

/** Lets time pass for all keys of a prefix by shortening what they still have to live. */
export async function passTime(urls: readonly string[], prefix: string, seconds: number): Promise<void> {
  const shorten = `
    for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
      local left = redis.call('PTTL', key)
      if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[2]) end
    end`;
  await Promise.all(urls.map((url) => ask(url, ['EVAL', shorten, '0', `${prefix}*`, `${seconds * 1000}`])));
}

/** Waits for a condition, for at most ten seconds. */
export async function until(what: string, isMet: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    if (await isMet()) return;
    if (performance.now() > deadline) throw new Error(`expected ${what} within 10 seconds, got nothing of the kind`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function launch(options: readonly string[], port: number): Promise<ChildProcess> {
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  server.stdout.on('data', (chunk) => lines.push(String(chunk)));
  server.stderr.on('data', (chunk) => lines.push(String(chunk)));
  await until(`redis-server to listen on ${port}`, async () => {
    if (server.exitCode !== null) throw new Error(`expected redis-server to start, got:\n${lines.join('')}`);
    return lines.join('').includes('Ready to accept connections');
  });
  return server;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error(`expected a port, got ${address}`);
  return address.port;
}
