import type { Json, Store } from '../kernel/ports.ts';
import type { Journey } from '../steps/journey.ts';

/** Keeps journeys. A change is claimed first, so that of two posts at once only one acts. */
export interface Journeys {
  get(uid: string): Promise<Journey | undefined>;
  create(journey: Journey): Promise<void>;
  /** True for the first to ask for the version after this one; a claim that is not followed by a write lapses. */
  claim(journey: Journey): Promise<boolean>;
  /** Gives a claim back that came to nothing, so that the next post need not wait for it to lapse. */
  release(journey: Journey): Promise<void>;
  /** Writes the version after `journey`, which was claimed. */
  write(journey: Journey): Promise<void>;
}

const CLAIM = 15;

export function createJourneys(store: Store, ttl: number): Journeys {
  // The expired page still needs to know where the citizen came from.
  const kept = ttl + 3600;
  const key = (uid: string) => `journey:{${uid}}`;
  const claimKey = ({ uid, version }: Journey) => `${key(uid)}:version:${version + 1}`;
  return {
    get: async (uid) => (await store.get(key(uid))) as unknown as Journey | undefined,
    create: (journey) => store.set(key(journey.uid), journey as unknown as Json, kept),
    claim: (journey) => store.add(claimKey(journey), true, CLAIM),
    release: (journey) => store.delete(claimKey(journey)),
    write: (journey) =>
      store.set(key(journey.uid), { ...journey, version: journey.version + 1 } as unknown as Json, kept),
  };
}
