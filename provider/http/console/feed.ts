import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange, Journal } from '../../journal/journal.ts';
import { isThrown } from '../../kernel/json-text.ts';
import type { Clock, Json, Store } from '../../kernel/ports.ts';
import type { Journeys } from '../../oidc/journeys.ts';
import type { Outbox } from '../../sms/outbox.ts';

/** Something that an open console should show. Pages ask for the rest themselves. */
export interface FeedEvent {
  readonly kind: 'journey' | 'message' | 'exchange';
  readonly journey?: string;
  readonly mobile?: string;
}

export interface Feed {
  /** The same journal, outbox and journeys, which also tell of what they are given. */
  journal(journal: Journal): Journal;
  outbox(outbox: Outbox): Outbox;
  journeys(journeys: Journeys): Journeys;
  /** Ids of the newest journeys, oldest first. */
  newestJourneys(): Promise<readonly string[]>;
  /** The newest exchanges of no journey, oldest first. */
  looseExchanges(): Promise<readonly Exchange[]>;
  /** Position of the newest event. */
  newest(): Promise<number>;
  after(position: number): Promise<readonly { readonly position: number; readonly event: FeedEvent }[]>;
}

const KEY = 'console:feed';
const JOURNEYS = 'console:journeys';
const LOOSE = 'console:loose';
const HOUR = 3600;

/** Short lists in the store, so that a console sees what any process of that store does. */
export function createFeed({ store, clock }: { readonly store: Store; readonly clock: Clock }): Feed {
  async function tell(event: FeedEvent): Promise<void> {
    await store.append(KEY, { ...event } as Json, { ttl: HOUR, keep: 100 });
  }

  return {
    journal: (journal) => ({
      ...journal,
      async exchange(exchange) {
        await journal.exchange(exchange);
        if (!exchange.journey) {
          const seen = { at: new Date(clock.now()).toISOString(), ...exchange };
          await store.append(LOOSE, seen as unknown as Json, { ttl: HOUR, keep: 30 });
        }
        await tell({ kind: 'exchange', ...(exchange.journey && { journey: exchange.journey }) });
      },
      async note(entry) {
        await journal.note(entry);
        if (entry.kind === 'step') await tell({ kind: 'journey', ...(entry.journey && { journey: entry.journey }) });
      },
    }),
    outbox: (outbox) => ({
      ...outbox,
      async send(message, after) {
        const sent = await outbox.send(message, after);
        await tell({ kind: 'message', mobile: sent.to });
        return sent;
      },
    }),
    journeys: (journeys) => ({
      ...journeys,
      async create(journey) {
        await journeys.create(journey);
        await store.append(JOURNEYS, journey.uid, { ttl: HOUR, keep: 50 });
        await tell({ kind: 'journey', journey: journey.uid });
      },
    }),
    async newestJourneys() {
      return (await store.list(JOURNEYS)).map(({ value }) => String(value));
    },
    async looseExchanges() {
      const entries = await store.list(LOOSE);
      return entries.map(({ position, value }) => ({ ...(value as unknown as Exchange), seq: position }));
    },
    async newest() {
      return (await store.list(KEY)).at(-1)?.position ?? 0;
    },
    async after(position) {
      const entries = await store.list(KEY, position);
      return entries.map((entry) => ({ position: entry.position, event: entry.value as unknown as FeedEvent }));
    },
  };
}

const POLL = 500;
const HEARTBEAT = 15_000;
/** A stream ends after five minutes; the browser opens another where this one ended. */
const LIFE = 300_000;

/** Events in the format of Server-Sent Events, from a position on, until somebody aborts. */
export async function* eventStream(feed: Feed, from: number, signal: AbortSignal): AsyncGenerator<string> {
  let position = from;
  let quiet = 0;
  yield 'retry: 1000\n\n';
  for (let elapsed = 0; elapsed < LIFE && !signal.aborted; elapsed += POLL) {
    const events = await feed.after(position);
    // The list was emptied: what has been numbered anew begins at 1.
    if (events.length === 0 && (await isBehind(feed, position))) position = 0;
    for (const { position: at, event } of events) {
      position = at;
      yield `id: ${at}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
    }
    quiet = events.length > 0 ? 0 : quiet + POLL;
    if (quiet >= HEARTBEAT) {
      quiet = 0;
      yield ': still here\n\n';
    }
    await pause(signal);
  }
}

async function isBehind(feed: Feed, position: number): Promise<boolean> {
  return position > 0 && (await feed.newest()) < position;
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(POLL, undefined, { signal });
  } catch (error) {
    if (!isThrown(error, 'AbortError')) throw error;
  }
}
