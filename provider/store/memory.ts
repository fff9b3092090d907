import type { Clock, Json, ListLimits, Store } from '../kernel/ports.ts';

/** A value is kept as JSON text, so that nobody can change it from outside; text of its own would gain nothing by that. */
interface Entry {
  value: Kept;
  expires: number;
}

interface List {
  first: number;
  values: Kept[];
  expires: number;
}

type Kept = { readonly json: string } | string | number | boolean | null;

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
  let writesUntilSweep = 1000;

  const expiry = (ttl: number): number => clock.now() + ttl * 1000;

  function live<T extends { expires: number }>(map: Map<string, T>, key: string): T | undefined {
    const entry = map.get(key);
    if (entry && entry.expires <= clock.now()) {
      map.delete(key);
      return undefined;
    }
    return entry;
  }

  /** Forgets what nobody will ask for again; as seldom as there are entries, so that a write costs the same. */
  function sweep(): void {
    writesUntilSweep -= 1;
    if (writesUntilSweep > 0) return;
    const now = clock.now();
    for (const map of [entries, lists]) {
      for (const [key, { expires }] of map) if (expires <= now) map.delete(key);
    }
    writesUntilSweep = Math.max(1000, entries.size + lists.size);
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
    entries.set(key, { value: keep(value), expires: expiry(ttl) });
    sweep();
    prune(entries);
  }

  async function appendAll(key: string, values: readonly Json[], { ttl, keep: most }: ListLimits): Promise<number> {
    const list = live(lists, key) ?? { first: 1, values: [], expires: 0 };
    for (const value of values) list.values.push(keep(value));
    list.expires = expiry(ttl);
    const excess = list.values.length - most;
    if (excess > 0) {
      list.values.splice(0, excess);
      list.first += excess;
    }
    lists.delete(key);
    lists.set(key, list);
    sweep();
    prune(lists);
    return list.first + list.values.length - 1;
  }

  return {
    async get(key) {
      const entry = live(entries, key);
      return entry && giveBack(entry.value);
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
      return entry && giveBack(entry.value);
    },
    async delete(key) {
      entries.delete(key);
      lists.delete(key);
    },
    async increment(key, ttl, by = 1) {
      const entry = live(entries, key);
      if (!entry) {
        write(key, by, ttl);
        return by;
      }
      const sum = Number(entry.value) + by;
      entry.value = sum;
      return sum;
    },
    append: (key, value, limits) => appendAll(key, [value], limits),
    appendAll,
    async list(key, after = 0) {
      const list = live(lists, key);
      if (!list) return [];
      const from = Math.max(0, after - list.first + 1);
      return list.values
        .slice(from)
        .map((value, index) => ({ position: list.first + from + index, value: giveBack(value) }));
    },
    async passTime(seconds, prefix = '') {
      for (const map of [entries, lists]) {
        for (const [key, entry] of map) if (key.startsWith(prefix)) entry.expires -= seconds * 1000;
      }
    },
    async clear(prefix = '') {
      for (const map of [entries, lists]) {
        for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key);
      }
    },
    async close() {
      entries.clear();
      lists.clear();
    },
  };
}

function keep(value: Json): Kept {
  return typeof value === 'object' && value !== null ? { json: JSON.stringify(value) } : value;
}

function giveBack(kept: Kept): Json {
  return typeof kept === 'object' && kept !== null ? (JSON.parse(kept.json) as Json) : kept;
}
