import { isDeepStrictEqual } from 'node:util';
import type { Clock, Json, ListLimits, Store } from '../kernel/ports.ts';

/** A value is kept as JSON text, so that nobody can change it from outside; text of its own would gain nothing by that. */
interface Entry {
  value: Kept;
  expires: number;
}

interface List {
  first: number;
  /** Some more than `most` may still be here. */
  values: Kept[];
  most: number;
  expires: number;
}

type Kept = { readonly json: string } | string | number | boolean | null;

type Limits = Readonly<Record<string, number>>;

/** A slow citizen's journey must outlast the quick ones of others; what went over the wire is much, and soon read. */
const ownLimits: Limits = {
  'journey:': 5_000,
  'journey::form': 10_000,
  'oidc:Interaction:': 5_000,
  'exchanges:': 1_000,
};

/**
 * Keeps everything in this process. Entries expire by the clock, and of each kind the `limit` written last are kept, so
 * that memory stays flat however many journeys pass. The kind is the key without what its braces and its end say.
 */
export function createMemoryStore({
  clock,
  limit = 2_000,
  limits = ownLimits,
}: {
  readonly clock: Clock;
  readonly limit?: number;
  /** Other limits, by kind. */
  readonly limits?: Limits;
}): Store {
  const entries = shelves<Entry>();
  const lists = shelves<List>();
  let writesUntilSweep = 1000;

  const expiry = (ttl: number): number => clock.now() + ttl * 1000;

  function live<T extends { expires: number }>(all: Shelves<T>, key: string): T | undefined {
    const shelf = all.get(kindOf(key));
    const entry = shelf?.get(key);
    if (entry && entry.expires <= clock.now()) {
      shelf?.delete(key);
      return undefined;
    }
    return entry;
  }

  /** Forgets what nobody will ask for again; as seldom as there are entries, so that a write costs the same. */
  function sweep(): void {
    writesUntilSweep -= 1;
    if (writesUntilSweep > 0) return;
    const now = clock.now();
    let left = 0;
    for (const [kind, shelf] of [...entries, ...lists]) {
      for (const [key, { expires }] of shelf) if (expires <= now) shelf.delete(key);
      if (shelf.size === 0) for (const all of [entries, lists]) if (all.get(kind) === shelf) all.delete(kind);
      left += shelf.size;
    }
    writesUntilSweep = Math.max(1000, left);
  }

  /** Puts it last on its shelf, which is in the order of writing, and takes off what is too much; what never ends stays. */
  function put<T extends { expires: number }>(all: Shelves<T>, key: string, entry: T): void {
    const kind = kindOf(key);
    const shelf = all.get(kind) ?? new Map<string, T>();
    all.set(kind, shelf);
    shelf.delete(key);
    shelf.set(key, entry);
    sweep();
    const most = limits[kind] ?? limit;
    if (shelf.size <= most) return;
    for (const [oldest, { expires }] of shelf) {
      if (expires === Number.POSITIVE_INFINITY) continue;
      shelf.delete(oldest);
      if (shelf.size <= most) return;
    }
  }

  function write(key: string, value: Json, ttl: number): void {
    put(entries, key, { value: keep(value), expires: expiry(ttl) });
  }

  async function appendAll(key: string, values: readonly Json[], { ttl, keep: most }: ListLimits): Promise<number> {
    const list = live(lists, key) ?? { first: 1, values: [], most, expires: 0 };
    for (const value of values) list.values.push(keep(value));
    list.expires = expiry(ttl);
    const excess = list.values.length - most;
    // Moving a long list up costs as much for many entries as for one.
    if (excess > most / 8) {
      list.values.splice(0, excess);
      list.first += excess;
    }
    list.most = most;
    put(lists, key, list);
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
      entries.get(kindOf(key))?.delete(key);
      return entry && giveBack(entry.value);
    },
    async delete(key, only) {
      if (only !== undefined && !isDeepStrictEqual(keep(only), live(entries, key)?.value)) return;
      for (const all of [entries, lists]) all.get(kindOf(key))?.delete(key);
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
      const from = Math.max(0, after - list.first + 1, list.values.length - list.most);
      return list.values
        .slice(from)
        .map((value, index) => ({ position: list.first + from + index, value: giveBack(value) }));
    },
    async passTime(seconds, prefix = '') {
      for (const shelf of [...entries.values(), ...lists.values()]) {
        for (const [key, entry] of shelf) if (key.startsWith(prefix)) entry.expires -= seconds * 1000;
      }
    },
    async clear(prefix = '') {
      for (const shelf of [...entries.values(), ...lists.values()]) {
        for (const key of shelf.keys()) if (key.startsWith(prefix)) shelf.delete(key);
      }
    },
    async close() {
      entries.clear();
      lists.clear();
    },
  };
}

/** Entries by kind, and by key in the order of writing. */
type Shelves<T> = Map<string, Map<string, T>>;

const shelves = <T>(): Shelves<T> => new Map();

/** `journey:{x}:form:y` is one of `journey::form`; the name of a namespace before it does not matter. */
function kindOf(key: string): string {
  const open = key.indexOf('{');
  if (open < 0) return key;
  const close = key.indexOf('}', open);
  const end = key.indexOf(':', close + 2);
  return key.slice(0, open) + key.slice(close + 1, end < 0 ? undefined : end);
}

function keep(value: Json): Kept {
  return typeof value === 'object' && value !== null ? { json: JSON.stringify(value) } : value;
}

function giveBack(kept: Kept): Json {
  return typeof kept === 'object' && kept !== null ? (JSON.parse(kept.json) as Json) : kept;
}
