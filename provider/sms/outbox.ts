import type { Clock, Json, Random, Store } from '../kernel/ports.ts';
import type { Mobile } from '../registry/citizen.ts';

/** A short message. None ever leaves this process: people and harness read them here. */
export interface Message {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly to: Mobile;
  /** Who sent it: `emta`, or a relying party that uses the outbox as its SMS gateway. */
  readonly from: string;
  readonly text: string;
  /** The one-time code in the text, where the sender named it. */
  readonly code?: string;
  readonly status: 'delivered' | 'lost' | 'undeliverable';
}

export interface Outbox {
  /** `after` seconds it arrives; until then nobody sees it. */
  send(message: Omit<Message, 'id' | 'at'>, after?: number): Promise<Message>;
  /** Messages of one number, or of all, oldest first; `after` is the position of the last one known. */
  list(to?: Mobile, after?: number): Promise<readonly (Message & { readonly position: number })[]>;
}

const DAY = 86_400;

export function createOutbox({ store, clock, random }: { store: Store; clock: Clock; random: Random }): Outbox {
  return {
    async send(draft, after = 0) {
      const message: Message = { id: random.id(), at: new Date(clock.now() + after * 1000).toISOString(), ...draft };
      const value: Json = { ...message };
      await store.append(`outbox:{${message.to}}`, value, { ttl: DAY, keep: 20 });
      await store.append('outbox:all', value, { ttl: DAY, keep: 500 });
      return message;
    },
    async list(to, after = 0) {
      const entries = await store.list(to ? `outbox:{${to}}` : 'outbox:all', after);
      const now = new Date(clock.now()).toISOString();
      return entries
        .map(({ position, value }) => ({ ...(value as unknown as Message), position }))
        .filter(({ at }) => at <= now);
    },
  };
}
