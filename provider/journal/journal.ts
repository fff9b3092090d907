import { hash } from 'node:crypto';
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
  /** Why it was refused, in more words than go over the wire. */
  readonly trouble?: Trouble;
  /** Ids of the faults that were delivered with the answer. */
  readonly delivered: readonly string[];
}

export interface Trouble {
  /** The OAuth error. */
  readonly error: string;
  readonly description?: string;
  /** What the wire does not tell. */
  readonly detail?: string;
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
  /** Forgets the exchanges, not how many there were: `seq` counts on. */
  forgetExchanges(): Promise<void>;
  entries(after?: number): Promise<readonly (JournalEntry & { readonly position: number })[]>;
}

const ZEROS = '0'.repeat(64);
const DAY = 86_400;
const HOUR = 3600;
const ALL = 'exchanges:all';
/** What was counted before the last time that exchanges were forgotten. */
const BASE = 'exchanges:base';

const ofJourney = (uid: string): string => `exchanges:{${uid}}`;

/** Lines kept while the store is away. When there are more, the oldest go, and the chain shows the gap. */
const MOST_UNWRITTEN = 10_000;

function hashEntry(entry: Omit<JournalEntry, 'hash'>): string {
  const { chain, seq, at, kind, journey = null, clientId = null, data, previous } = entry;
  return hash('sha256', JSON.stringify([chain, seq, at, kind, journey, clientId, data, previous]));
}

export function createJournal({ store, clock, random }: { store: Store; clock: Clock; random: Random }): Journal {
  const chain = random.id();
  let last = { seq: 0, hash: ZEROS };
  const unwritten: JournalEntry[] = [];
  let writing: Promise<void> | undefined;

  const base = async () => Number((await store.get(BASE)) ?? 0);

  const journal: Journal = {
    async exchange(draft) {
      const exchange: Omit<Exchange, 'seq'> = { at: new Date(clock.now()).toISOString(), ...draft };
      const { journey, clientId } = exchange;
      // Counted by the position in one list, so that who asks for what came since is given just that.
      const position = await store.append(ALL, exchange as unknown as Json, { ttl: HOUR, keep: 5000 });
      if (journey) {
        const counted = { seq: (await base()) + position, ...exchange };
        await store.append(ofJourney(journey), counted as unknown as Json, { ttl: HOUR, keep: 500 });
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
      if (journey) {
        const entries = await store.list(ofJourney(journey));
        return entries.map(({ value }) => value as unknown as Exchange).filter(({ seq }) => seq > after);
      }
      const before = await base();
      const entries = await store.list(ALL, Math.max(0, after - before));
      return entries
        .map(({ position, value }) => ({ ...(value as unknown as Omit<Exchange, 'seq'>), seq: before + position }))
        .filter((exchange) => clientId === undefined || exchange.clientId === clientId);
    },

    async forgetExchanges() {
      const newest = (await store.list(ALL)).at(-1)?.position ?? 0;
      await store.set(BASE, (await base()) + newest, Number.POSITIVE_INFINITY);
      await store.clear('exchanges:{');
      await store.delete(ALL);
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

  return journal;
}
