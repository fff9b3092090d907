import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { systemRandom } from '../kernel/random.ts';
import {
  ask,
  describeWithRedis,
  passTime,
  type RedisServer,
  startRedis,
  startRedisCluster,
  until,
} from '../test/redis-server.ts';
import { createRedisStore, type RedisStore } from './redis.ts';
import { parseRedisAddress } from './redis-address.ts';
import { describeStore } from './suite.ts';

function freshPrefix(): string {
  return `${systemRandom.id()}:`;
}

/** How long, in milliseconds, until the promise has failed with `store_unavailable`. */
async function failsAfter(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await expect(promise).rejects.toMatchObject({ code: 'store_unavailable' });
  return performance.now() - start;
}

async function works(store: RedisStore): Promise<boolean> {
  if (!(await store.healthy())) return false;
  await store.set('works', 1, 60);
  return true;
}

describe('the address of Redis', () => {
  test('is read with all its parts', () => {
    expect(parseRedisAddress('rediss://us%40er:pa%3Ass@[::1]:7000/2')).toEqual({
      host: '::1',
      port: 7000,
      tls: true,
      username: 'us@er',
      password: 'pa:ss',
      database: 2,
      shown: '[::1]:7000',
    });
    expect(parseRedisAddress('redis://cache')).toMatchObject({ host: 'cache', port: 6379, tls: false, database: 0 });
  });

  test.each([
    ['http://cache', 'expected a URL such as "redis://127.0.0.1:6379", got "http://cache"'],
    ['cache:6379', 'expected a URL such as "redis://127.0.0.1:6379", got "cache:6379"'],
    ['//:secret@cache', 'expected a URL such as "redis://127.0.0.1:6379", got something else'],
    ['redis://cache/zero', 'expected the path of the URL to be a database\'s number, got "/zero"'],
  ])('is refused when it is %s', (text, message) => {
    expect(() => parseRedisAddress(text)).toThrow(message);
  });

  test('where nobody answers is an error at once', async () => {
    const opening = createRedisStore('redis://127.0.0.1:1');
    await expect(opening).rejects.toMatchObject({
      code: 'store_unavailable',
      message: 'expected Redis at 127.0.0.1:1 to answer, got "connect ECONNREFUSED 127.0.0.1:1"',
    });
  });

  test('a prefix with braces is refused, for it would change the hash tags', async () => {
    await expect(createRedisStore('redis://127.0.0.1:1', { prefix: '{emta}:' })).rejects.toThrow(
      'expected "prefix" to have no braces, which would change hash tags, got "{emta}:"',
    );
  });
});

describeWithRedis('one Redis', () => {
  let server: RedisServer;
  let store: RedisStore | undefined;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterEach(async () => {
    await store?.close();
    store = undefined;
  });

  afterAll(async () => {
    await server.dispose();
  });

  describeStore('one Redis', async () => {
    const prefix = freshPrefix();
    return {
      store: await createRedisStore(server.url, { prefix }),
      pass: (seconds) => passTime([server.url], prefix, seconds),
    };
  });

  test('two processes with one Redis see the same, and win single-use things once between them', async () => {
    const prefix = freshPrefix();
    store = await createRedisStore(server.url, { prefix });
    const other = await createRedisStore(server.url, { prefix });
    await store.set('code', 'x', 60);
    const taken = await Promise.all([store, other, store, other].map((each) => each.take('code')));
    expect(taken.filter((value) => value !== undefined)).toEqual(['x']);
    await other.append('list', 1, { ttl: 60, keep: 5 });
    expect(await store.append('list', 2, { ttl: 60, keep: 5 })).toBe(2);
    await other.close();
  });

  test('Redis itself ends what has a time to live', async () => {
    const prefix = freshPrefix();
    store = await createRedisStore(server.url, { prefix });
    await store.set('a', 1, 60);
    await store.append('b', 1, { ttl: 60, keep: 5 });
    await store.increment('c', 60);
    const left = await Promise.all(['a', 'b', 'c'].map((key) => ask(server.url, ['TTL', prefix + key])));
    expect(left.every((seconds) => Number(seconds) > 55 && Number(seconds) <= 60)).toBe(true);
  });

  test('a list keeps no more in Redis than it was told to', async () => {
    const prefix = freshPrefix();
    store = await createRedisStore(server.url, { prefix });
    for (let index = 0; index < 20; index += 1) await store.append('a', index, { ttl: 60, keep: 3 });
    expect(await ask(server.url, ['LLEN', `${prefix}a`])).toBe(3);
  });

  test('a mistake of ours is not called an outage', async () => {
    store = await createRedisStore(server.url, { prefix: freshPrefix() });
    await store.append('a', 1, { ttl: 60, keep: 3 });
    await expect(store.get('a')).rejects.toThrow(/^WRONGTYPE/);
  });

  test('after its scripts were forgotten it learns them anew', async () => {
    store = await createRedisStore(server.url, { prefix: freshPrefix() });
    await store.increment('a', 60);
    await ask(server.url, ['SCRIPT', 'FLUSH']);
    expect(await store.increment('a', 60)).toBe(2);
  });

  test('while Redis is gone every operation fails at once; when it is back they work again', async () => {
    store = await createRedisStore(server.url, { prefix: freshPrefix() });
    expect(await store.healthy()).toBe(true);
    await server.kill();
    const down = store;
    await until('the store to notice', async () => !(await down.healthy()));
    const options = { ttl: 60, keep: 5 };
    const operations = [
      () => down.get('a'),
      () => down.set('a', 1, 60),
      () => down.add('a', 1, 60),
      () => down.take('a'),
      () => down.delete('a'),
      () => down.increment('a', 60),
      () => down.append('a', 1, options),
      () => down.list('a'),
    ];
    for (const operation of operations) expect(await failsAfter(operation())).toBeLessThan(1000);
    await expect(down.get('a')).rejects.toThrow(`expected Redis at 127.0.0.1:${server.port} to answer, got "`);
    await server.restart();
    await until('the store to work again', () => works(down));
    expect(await down.get('works')).toBe(1);
  });

  test('a command that Redis died over fails, and is not left hanging', async () => {
    store = await createRedisStore(server.url, { prefix: freshPrefix() });
    server.freeze();
    const pending = store.get('a');
    const failed = failsAfter(pending);
    await server.kill();
    expect(await failed).toBeLessThan(3500);
    await server.restart();
  });

  test('a Redis that holds its connections and says nothing counts as away', async () => {
    store = await createRedisStore(server.url, { prefix: freshPrefix() });
    server.freeze();
    const silent = store;
    const took = await failsAfter(silent.get('a'));
    expect(took).toBeGreaterThan(2500);
    expect(took).toBeLessThan(5000);
    server.thaw();
    await until('the store to work again', () => works(silent));
  });

  test('a Redis that says nothing at the start is an error, and leaves no connection behind', async () => {
    const silent = await startRedis();
    try {
      silent.freeze();
      await failsAfter(createRedisStore(silent.url));
      silent.thaw();
      const clients = async () =>
        String(await ask(silent.url, ['CLIENT', 'LIST']))
          .trim()
          .split('\n').length;
      await until('our own question to be the only connection', async () => (await clients()) === 1);
    } finally {
      await silent.dispose();
    }
  });

  test('a password is asked for, used and never shown', async () => {
    const locked = await startRedis('--requirepass', 'secret-for-tests');
    try {
      const wrong = locked.url.replace('//', '//:not-the-secret@');
      await expect(createRedisStore(locked.url)).rejects.toMatchObject({ code: 'bad_option' });
      await expect(createRedisStore(wrong)).rejects.toMatchObject({
        code: 'bad_option',
        message: expect.not.stringContaining('not-the-secret'),
      });
      store = await createRedisStore(locked.url.replace('//', '//:secret-for-tests@'));
      expect(await works(store)).toBe(true);
      await ask(locked.url.replace('//', '//:secret-for-tests@'), [
        'ACL',
        'SETUSER',
        'guest',
        'on',
        '>guest-for-tests',
      ]);
      await expect(createRedisStore(locked.url.replace('//', '//guest:guest-for-tests@'))).rejects.toMatchObject({
        code: 'bad_option',
        message: expect.stringContaining('NOPERM'),
      });
    } finally {
      await locked.dispose();
    }
  });
});

describeWithRedis('a Redis Cluster of three', () => {
  let nodes: readonly RedisServer[];
  let url: string;

  beforeAll(async () => {
    nodes = await startRedisCluster();
    url = nodes[0]?.url ?? '';
  }, 30_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.dispose()));
  });

  describeStore('a Redis Cluster', async () => {
    const prefix = freshPrefix();
    return {
      store: await createRedisStore(url, { prefix }),
      pass: (seconds) =>
        passTime(
          nodes.map((node) => node.url),
          prefix,
          seconds,
        ),
    };
  });

  test('keys spread over the nodes, and those with one hash tag lie together', async () => {
    const prefix = freshPrefix();
    const store = await createRedisStore(url, { prefix });
    for (let index = 0; index < 60; index += 1) await store.set(`alone:{${index}}`, index, 60);
    for (let index = 0; index < 60; index += 1) await store.set(`together:${index}:{journey}`, index, 60);
    const found = (pattern: string) =>
      Promise.all(
        nodes.map(async (node) => {
          const keys = await ask(node.url, ['KEYS', `${prefix}${pattern}`]);
          return Array.isArray(keys) ? keys.length : 0;
        }),
      );
    const alone = await found('alone:*');
    expect(alone.reduce((sum, count) => sum + count, 0)).toBe(60);
    expect(Math.min(...alone)).toBeGreaterThan(0);
    expect((await found('together:*')).toSorted((one, other) => one - other)).toEqual([0, 0, 60]);
    await store.close();
  });

  test('while a node is gone its keys fail soon; when it is back all work again', async () => {
    const store = await createRedisStore(url, { prefix: freshPrefix() });
    const keys = Array.from({ length: 30 }, (_, index) => `{${index}}`);
    const writeAll = () => Promise.allSettled(keys.map((key) => store.set(key, 1, 60)));
    await nodes[1]?.kill();
    await until('the store to notice', async () => !(await store.healthy()));
    const start = performance.now();
    const outcomes = await writeAll();
    expect(performance.now() - start).toBeLessThan(4000);
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(new Set(reasons)).toEqual(new Set(['store_unavailable']));
    await nodes[1]?.restart();
    await until('the store to be whole again', () => store.healthy());
    expect((await writeAll()).every((outcome) => outcome.status === 'fulfilled')).toBe(true);
    await store.close();
  }, 30_000);
});
