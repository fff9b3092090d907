import { createHash } from 'node:crypto';
import type { Clock, Json, Random, Store } from '../kernel/ports.ts';
import { mask } from './mask.ts';

/** One request to Emta and its answer, as they were on the wire. */
export interface Exchange {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly endpoint: string;
  readonly journey?: string;
  readonly clientId?: string;
  /** E.164, where the citizen is known. */
  readonly mobile?: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Json;
    readonly query: Json;
    readonly form: Json;
  };
  readonly response: { readonly status: number; readonly headers: Json; readonly body: Json };
  /** Ids of the faults that were delivered with the answer. */
  readonly delivered: readonly string[];
}

/** One line of the record that can be exported: masked, and chained to the line before by SHA-256. */
export interface JournalEntry {
  /** Each process writes a chain of its own; `seq` counts within it from 1. */
  readonly chain: string;
  readonly seq: number;
  readonly at: string;
  readonly kind: 'exchange' | 'step' | 'decision' | 'message' | 'fault' | 'control' | 'start';
  readonly journey?: string;
  readonly clientId?: string;
  readonly data: Json;
  /** Hash of the line before, or 64 zeros. */
  readonly previous: string;
  readonly hash: string;
}

export interface Journal {
  exchange(exchange: Omit<Exchange, 'seq' | 'at'>): Promise<void>;
  note(
    entry: Pick<JournalEntry, 'kind' | 'data'> & { readonly journey?: string; readonly clientId?: string },
  ): Promise<void>;
  /** Raw exchanges, oldest first: of one journey, of one client, or of everybody. */
  exchanges(of: {
    readonly journey?: string;
    readonly clientId?: string;
    readonly after?: number;
  }): Promise<readonly Exchange[]>;
  entries(after?: number): Promise<readonly (JournalEntry & { readonly position: number })[]>;
}

const ZEROS = '0'.repeat(64);
const DAY = 86_400;
const NOBODY = '-';
/** Lines kept while the store is away. When there are more, the oldest go, and the chain shows the gap. */
const MOST_UNWRITTEN = 10_000;

export function hashEntry(entry: Omit<JournalEntry, 'hash'>): string {
  const { chain, seq, at, kind, journey = null, clientId = null, data, previous } = entry;
  return createHash('sha256')
    .update(JSON.stringify([chain, seq, at, kind, journey, clientId, data, previous]))
    .digest('hex');
}

/** The first line that does not follow from the one before it, or undefined where all do. */
export function firstBrokenEntry(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const ends = new Map<string, JournalEntry>();
  return entries.find((entry) => {
    const { hash, ...content } = entry;
    const before = ends.get(entry.chain);
    ends.set(entry.chain, entry);
    const follows = before ? before.hash === entry.previous && before.seq + 1 === entry.seq : true;
    return !follows || hashEntry(content) !== hash;
  });
}

export function createJournal({ store, clock, random }: { store: Store; clock: Clock; random: Random }): Journal {
  const chain = random.id();
  let last = { seq: 0, hash: ZEROS };
  const unwritten: JournalEntry[] = [];
  let writing: Promise<void> | undefined;

  const listOf = (journey: string | undefined, clientId: string | undefined): string =>
    journey ? `exchanges:{${journey}}` : `exchanges:client:{${clientId ?? NOBODY}}`;

  const journal: Journal = {
    async exchange(draft) {
      const seq = await store.increment('exchanges:seq', Number.POSITIVE_INFINITY);
      const exchange: Exchange = { seq, at: new Date(clock.now()).toISOString(), ...draft };
      const { journey, clientId } = exchange;
      await store.append(listOf(journey, clientId), { ...exchange } as unknown as Json, { ttl: 3600, keep: 500 });
      if (await store.add(`exchanges:seen:{${clientId ?? NOBODY}}:${journey ?? NOBODY}`, 1, 3600)) {
        await store.append(
          'exchanges:owners',
          { journey: journey ?? null, clientId: clientId ?? null },
          { ttl: DAY, keep: 2000 },
        );
      }
      const { request, response, endpoint, delivered } = exchange;
      await journal.note({
        kind: 'exchange',
        data: { endpoint, request, response, delivered } as unknown as Json,
        ...(journey && { journey }),
        ...(clientId && { clientId }),
      });
    },

    async note({ kind, data, journey, clientId }) {
      const content = {
        chain,
        seq: last.seq + 1,
        at: new Date(clock.now()).toISOString(),
        kind,
        ...(journey && { journey }),
        ...(clientId && { clientId }),
        data: mask(data),
        previous: last.hash,
      };
      const entry: JournalEntry = { ...content, hash: hashEntry(content) };
      last = { seq: entry.seq, hash: entry.hash };
      unwritten.push(entry);
      if (unwritten.length > MOST_UNWRITTEN) unwritten.shift();
      await written(entry.seq);
    },

    async exchanges({ journey, clientId, after = 0 }) {
      if (journey) return readExchanges([listOf(journey, undefined)], after);
      const owners = await store.list('exchanges:owners');
      const lists = owners
        .map(({ value }) => value as { journey: string | null; clientId: string | null })
        .filter((owner) => clientId === undefined || owner.clientId === clientId)
        .map((owner) => listOf(owner.journey ?? undefined, owner.clientId ?? undefined));
      return readExchanges([...new Set(lists)], after);
    },

    async entries(after = 0) {
      const entries = await store.list('journal', after);
      const lines = entries.map(({ position, value }) => ({ ...(value as unknown as JournalEntry), position }));
      const seen = new Set<string>();
      return lines.filter(({ hash }) => !seen.has(hash) && seen.add(hash));
    },
  };

  /**
   * Writes the lines in their order. While the store is away they wait here, and who noted them learns of it; the next
   * line takes them along. A write that had no answer may have been carried out, so a line can be there twice.
   */
  async function written(seq: number): Promise<void> {
    while (unwritten[0] && unwritten[0].seq <= seq) {
      writing ??= writeAll().finally(() => {
        writing = undefined;
      });
      await writing;
    }
  }

  async function writeAll(): Promise<void> {
    const lines = [...unwritten];
    await store.appendAll('journal', lines as unknown as readonly Json[], { ttl: DAY, keep: 10_000 });
    const newest = lines.at(-1)?.seq ?? 0;
    while (unwritten[0] && unwritten[0].seq <= newest) unwritten.shift();
  }

  async function readExchanges(lists: readonly string[], after: number): Promise<readonly Exchange[]> {
    const found = await Promise.all(lists.map((list) => store.list(list)));
    return found
      .flat()
      .map(({ value }) => value as unknown as Exchange)
      .filter((exchange) => exchange.seq > after)
      .sort((a, b) => a.seq - b.seq);
  }

  return journal;
}
