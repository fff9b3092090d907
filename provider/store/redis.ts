import { createHash } from 'node:crypto';
import type { Json, ListLimits, Store } from '../kernel/ports.ts';
import { connectToRedis, type RedisScript } from './redis-connection.ts';

export interface RedisStore extends Store {
  /** Whether Redis, or every part of the cluster, answers and serves. */
  healthy(): Promise<boolean>;
}

/** An empty time to live stands for one that never ends; one of nothing deletes. */
const incrementScript = script(`
local isNew = redis.call('EXISTS', KEYS[1]) == 0
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
if isNew and ARGV[1] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`);

const deleteScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`);

/** Entries are written as position, colon, value, so that a position is never used again while the list lives. */
const appendScript = script(`
local newest = redis.call('LINDEX', KEYS[1], -1)
local position = newest and string.match(newest, '^%d+') + 1 or 1
for index = 3, #ARGV do
  redis.call('RPUSH', KEYS[1], string.format('%.0f', position + index - 3) .. ':' .. ARGV[index])
end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
if ARGV[1] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return position + #ARGV - 3`);

const listScript = script(`
local oldest = redis.call('LINDEX', KEYS[1], 0)
if not oldest then return {} end
local from = math.max(0, ARGV[1] - string.match(oldest, '^%d+') + 1)
return redis.call('LRANGE', KEYS[1], from, -1)`);

/** Each key stays where it is, so that this works in a cluster too. */
const shortenScript = script(`
local left = redis.call('PTTL', KEYS[1])
if left >= 0 then redis.call('PEXPIRE', KEYS[1], left - ARGV[1]) end
return left`);

/**
 * Keeps everything in Redis, one server or a cluster, so that any process can serve any request. Every operation
 * touches one key in one step. While Redis is away each fails at once with `store_unavailable`; when it is back they
 * work again.
 */
export async function createRedisStore(url: string, { prefix = 'emta:' } = {}): Promise<RedisStore> {
  if (/[{}]/.test(prefix)) {
    throw new RangeError(`expected "prefix" to have no braces, which would change hash tags, got "${prefix}"`);
  }
  const redis = await connectToRedis(url);

  const send = (command: string, key: string, ...rest: readonly string[]): Promise<unknown> =>
    redis.send(prefix + key, [command, prefix + key, ...rest]);

  async function appendAll(key: string, values: readonly Json[], { ttl, keep }: ListLimits): Promise<number> {
    const texts = values.map((value) => JSON.stringify(value));
    return Number(await redis.run(appendScript, prefix + key, milliseconds(ttl), String(keep), ...texts));
  }

  return {
    async get(key) {
      return parseValue(await send('GET', key));
    },
    async set(key, value, ttl) {
      const life = milliseconds(ttl);
      if (life === '0') await send('DEL', key);
      else await send('SET', key, JSON.stringify(value), ...expiry(life));
    },
    async add(key, value, ttl) {
      const life = milliseconds(ttl);
      if (life === '0') return (await send('EXISTS', key)) === 0;
      return (await send('SET', key, JSON.stringify(value), 'NX', ...expiry(life))) === 'OK';
    },
    async take(key) {
      return parseValue(await send('GETDEL', key));
    },
    async delete(key, only) {
      if (only === undefined) await send('DEL', key);
      else await redis.run(deleteScript, prefix + key, JSON.stringify(only));
    },
    async increment(key, ttl, by = 1) {
      return Number(await redis.run(incrementScript, prefix + key, milliseconds(ttl), String(by)));
    },
    append: (key, value, limits) => appendAll(key, [value], limits),
    appendAll,
    async list(key, after = 0) {
      const entries = await redis.run(listScript, prefix + key, String(after));
      return Array.isArray(entries) ? entries.map((entry) => parseEntry(String(entry))) : [];
    },
    async passTime(seconds, below = '') {
      for await (const keys of redis.keysUnder(prefix + below)) {
        await Promise.all(keys.map((key) => redis.run(shortenScript, key, milliseconds(seconds))));
      }
    },
    async clear(below = '') {
      for await (const keys of redis.keysUnder(prefix + below)) {
        await Promise.all(keys.map((key) => redis.send(key, ['DEL', key])));
      }
    },
    healthy: () => redis.isHealthy(),
    close: () => redis.close(),
  };
}

function script(text: string): RedisScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

function milliseconds(ttl: number): string {
  return ttl === Number.POSITIVE_INFINITY ? '' : String(Math.max(0, Math.round(ttl * 1000)));
}

function expiry(life: string): readonly string[] {
  return life === '' ? [] : ['PX', life];
}

function parseValue(answer: unknown): Json | undefined {
  return answer === null ? undefined : (JSON.parse(String(answer)) as Json);
}

function parseEntry(entry: string): { readonly position: number; readonly value: Json } {
  const colon = entry.indexOf(':');
  return { position: Number(entry.slice(0, colon)), value: JSON.parse(entry.slice(colon + 1)) as Json };
}
