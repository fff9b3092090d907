import type { Clock, Json, Store } from '../kernel/ports.ts';

interface Entry {
  value: Json;
  expires: number;
}

interface List {
  first: number;
  values: Json[];
  expires: number;
}

/**
 * Keeps everything in this process. Entries expire by the clock; when there are more than `limit`, the ones written
 * longest ago go first, so that memory stays flat however many journeys pass.
 */
export function createMemoryStore({
  clock,
  limit = 50_000,
}: {
  readonly clock: Clock;
  readonly limit?: number;
}): Store {
  const entries = new Map<string, Entry>();
  const lists = new Map<string, List>();

  const expiry = (ttl: number): number => clock.now() + ttl * 1000;

  function live<T extends { expires: number }>(map: Map<string, T>, key: string): T | undefined {
    const entry = map.get(key);
    if (entry && entry.expires <= clock.now()) {
      map.delete(key);
      return undefined;
    }
    return entry;
  }

  /** Map order is the order of writing; what can never expire is passed over. */
  function prune<T extends { expires: number }>(map: Map<string, T>): void {
    if (map.size <= limit) return;
    for (const [key, entry] of map) {
      if (entry.expires === Number.POSITIVE_INFINITY) continue;
      map.delete(key);
      if (map.size <= limit) return;
    }
  }

  function write(key: string, value: Json, ttl: number): void {
    entries.delete(key);
    entries.set(key, { value: structuredClone(value), expires: expiry(ttl) });
    prune(entries);
  }

  return {
    async get(key) {
      const entry = live(entries, key);
      return entry && structuredClone(entry.value);
    },
    async set(key, value, ttl) {
      write(key, value, ttl);
    },
    async add(key, value, ttl) {
      if (live(entries, key)) return false;
      write(key, value, ttl);
      return true;
    },
    async take(key) {
      const entry = live(entries, key);
      entries.delete(key);
      return entry?.value;
    },
    async delete(key) {
      entries.delete(key);
      lists.delete(key);
    },
    async increment(key, ttl) {
      const entry = live(entries, key);
      if (!entry) {
        write(key, 1, ttl);
        return 1;
      }
      entry.value = Number(entry.value) + 1;
      return entry.value;
    },
    async append(key, value, { ttl, keep }) {
      const list = live(lists, key) ?? { first: 1, values: [], expires: 0 };
      list.values.push(structuredClone(value));
      list.expires = expiry(ttl);
      const excess = list.values.length - keep;
      if (excess > 0) {
        list.values.splice(0, excess);
        list.first += excess;
      }
      lists.delete(key);
      lists.set(key, list);
      prune(lists);
      return list.first + list.values.length - 1;
    },
    async list(key, after = 0) {
      const list = live(lists, key);
      if (!list) return [];
      const from = Math.max(0, after - list.first + 1);
      return list.values
        .slice(from)
        .map((value, index) => ({ position: list.first + from + index, value: structuredClone(value) }));
    },
    async close() {
      entries.clear();
      lists.clear();
    },
  };
}
