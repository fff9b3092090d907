import { createClient, createCluster, ErrorReply } from '@redis/client';
import { EmtaError, isEmtaError } from '../kernel/errors.ts';
import { parseRedisAddress, type RedisAddress } from './redis-address.ts';

/** One Redis, or a cluster of them: sends a command to whoever has the key. */
export interface RedisConnection {
  /** The answer; throws `store_unavailable` when there is none, at once while Redis is known to be away. */
  send(key: string, command: readonly string[]): Promise<unknown>;
  /** Runs a script on one key. */
  run(script: RedisScript, key: string, ...values: readonly string[]): Promise<unknown>;
  /** Every key that begins so, some at a time; one that comes or goes meanwhile may be missed. */
  keysUnder(prefix: string): AsyncIterable<readonly string[]>;
  isHealthy(): Promise<boolean>;
  close(): Promise<void>;
}

export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

type Client = ReturnType<typeof singleClient>['client'];
type Cluster = ReturnType<typeof clusterClient>['client'];

/** A command that has no answer after this many milliseconds has failed; whether it was carried out is unknown. */
const patience = 3000;
/** An idle connection is tried this often, in milliseconds, so that one gone silent is found before it is needed. */
const pingEvery = 2000;
const longestWaitBetweenTries = 500;

/** What Redis answers while it cannot serve, though it runs. */
const awayReplies = /^(CLUSTERDOWN|LOADING|MASTERDOWN|READONLY|TRYAGAIN|BUSY|OOM|MISCONF|NOREPLICAS|MOVED|ASK)\b/;
const locked = /^(WRONGPASS|NOAUTH|NOPERM)\b/;

/** Connects, finding out by itself whether this is a cluster. Fails when Redis is away now; later it may come and go. */
export async function connectToRedis(url: string): Promise<RedisConnection> {
  const address = parseRedisAddress(url);
  const [client, information] = await opening(address, singleClient(address), (client) =>
    client.sendCommand(['INFO', 'cluster']),
  );
  if (!/cluster_enabled:1/.test(String(information))) return connectionTo(address, client);
  client.destroy();
  const [cluster] = await opening(address, clusterClient(address), () => undefined);
  return connectionToCluster(address, cluster);
}

function connectionTo(address: RedisAddress, client: Client): RedisConnection {
  const send = (command: readonly string[]) => answered(address, client.sendCommand(command));
  return {
    send: (_key, command) => send(command),
    run: (script, key, ...values) => runScript((command) => client.sendCommand(command), address, script, key, values),
    keysUnder: (prefix) => scan(send, prefix),
    isHealthy: () => isTrue(send(['PING']).then((answer) => String(answer) === 'PONG')),
    async close() {
      if (client.isOpen) client.destroy();
    },
  };
}

function connectionToCluster(address: RedisAddress, cluster: Cluster): RedisConnection {
  const sendTo = (key: string) => (command: readonly string[]) => cluster.sendCommand(key, false, [...command]);
  const states = () =>
    Promise.all(
      cluster.masters.map(async (node) =>
        String(await (await cluster.nodeClient(node)).sendCommand(['CLUSTER', 'INFO'])),
      ),
    );
  return {
    send: (key, command) => answered(address, sendTo(key)(command)),
    run: (script, key, ...values) => runScript(sendTo(key), address, script, key, values),
    async *keysUnder(prefix) {
      for (const node of cluster.masters) {
        const client = await answered(address, Promise.resolve(cluster.nodeClient(node)));
        yield* scan((command) => answered(address, client.sendCommand([...command])), prefix);
      }
    },
    isHealthy: () =>
      isTrue(answered(address, states()).then((all) => all.every((state) => state.includes('cluster_state:ok')))),
    async close() {
      if (cluster.isOpen) cluster.destroy();
    },
  };
}

const scannedAtOnce = '500';

async function* scan(
  send: (command: readonly string[]) => Promise<unknown>,
  prefix: string,
): AsyncGenerator<readonly string[]> {
  const pattern = `${prefix.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}*`;
  // While its table grows, Redis may name a key twice.
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, keys] = (await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', scannedAtOnce])) as [string, string[]];
    const fresh = keys.filter((key) => !seen.has(key));
    for (const key of fresh) seen.add(key);
    yield fresh;
    cursor = String(next);
  } while (cursor !== '0');
}

/** By its digest, and by its text where Redis does not know it yet. */
async function runScript(
  send: (command: readonly string[]) => Promise<unknown>,
  address: RedisAddress,
  { sha1, text }: RedisScript,
  key: string,
  values: readonly string[],
): Promise<unknown> {
  const known = send(['EVALSHA', sha1, '1', key, ...values]);
  return answered(
    address,
    known.catch((error: unknown) => {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return send(['EVAL', text, '1', key, ...values]);
    }),
  );
}

function singleClient(address: RedisAddress) {
  const retry = retrying();
  const client = createClient({ ...settingsFor(address, retry.strategy), database: address.database });
  // Every command says for itself that Redis is away; without a listener the event would end the process.
  client.on('error', () => undefined);
  return { client, retry };
}

function clusterClient(address: RedisAddress) {
  const retry = retrying();
  const settings = settingsFor(address, retry.strategy);
  // The nodes are found out; only what is true of all of them is shared.
  const { host: _host, port: _port, ...shared } = settings.socket;
  const client = createCluster({
    rootNodes: [{ socket: settings.socket }],
    defaults: { ...settings, socket: shared },
    commandOptions: settings.commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: 1000,
  });
  client.on('error', () => undefined);
  return { client, retry };
}

function settingsFor(address: RedisAddress, reconnectStrategy: (tries: number) => number | false) {
  const { host, port, tls, username, password } = address;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    // What cannot be sent now fails now.
    disableOfflineQueue: true,
    pingInterval: pingEvery,
    // Ours counts until the answer, the client's only until the command is sent.
    commandOptions: { timeout: 0 },
    socket: {
      host,
      port,
      ...(tls ? { tls: true as const } : {}),
      connectTimeout: patience,
      socketTimeout: patience + pingEvery,
      reconnectStrategy,
    },
  };
}

/** Never again while the first connection is being made, which should fail then and there; after that, for ever. */
function retrying() {
  let hasBegun = false;
  return {
    begin: () => {
      hasBegun = true;
    },
    strategy: (tries: number): number | false => hasBegun && Math.min(25 * 2 ** tries, longestWaitBetweenTries),
  };
}

/** Connects and asks a first question; leaves nothing open when either fails. */
async function opening<C extends { connect(): Promise<unknown>; destroy(): void; readonly isOpen: boolean }, T>(
  address: RedisAddress,
  { client, retry }: { readonly client: C; readonly retry: ReturnType<typeof retrying> },
  question: (client: C) => Promise<T> | T,
): Promise<readonly [C, T]> {
  try {
    await answered(address, client.connect());
    const answer = await answered(address, Promise.resolve(question(client)));
    retry.begin();
    return [client, answer];
  } catch (error) {
    if (client.isOpen) client.destroy();
    if (!locked.test(messageOf(error))) throw error;
    throw new EmtaError('bad_option', `expected Redis at ${address.shown} to let us in, got "${messageOf(error)}"`, {
      cause: error,
      hint: 'name and password stand in the URL: redis://user:password@host:port',
    });
  }
}

/** Waits no longer than our patience, and gives every way of being away the one name that callers know. */
async function answered<T>(address: RedisAddress, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([promise, silence]);
  } catch (error) {
    if (isRefusal(error)) throw error;
    throw new EmtaError(
      'store_unavailable',
      `expected Redis at ${address.shown} to answer, got "${messageOf(error)}"`,
      {
        cause: error,
        hint: 'it is tried again by itself; nothing else needs to be done once Redis is back',
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** True for an answer of Redis that more patience will not change: a mistake of ours. */
function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply && !awayReplies.test(error.message);
}

async function isTrue(question: Promise<boolean>): Promise<boolean> {
  try {
    return await question;
  } catch (error) {
    if (isEmtaError(error) && error.code === 'store_unavailable') return false;
    throw error;
  }
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  // A connection tried at several addresses fails with a code and no message.
  if ('message' in error && error.message !== '') return String(error.message);
  return 'code' in error ? String(error.code) : String(error);
}
