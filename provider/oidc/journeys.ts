import type { Json, Store } from '../kernel/ports.ts';
import type { Journey } from '../steps/journey.ts';

/** What the browser was answered in the end: where it was sent, or the page that carries an answer by POST. */
export type LastAnswer = { readonly location: string } | { readonly page: string };

/** Keeps journeys. A change is claimed first, so that of two posts at once only one acts. */
export interface Journeys {
  get(uid: string): Promise<Journey | undefined>;
  create(journey: Journey): Promise<void>;
  /**
   * True for the first to ask for the version after this one by a form that was not sent before. A claim that is not
   * followed by a write lapses.
   */
  claim(journey: Journey, form: string): Promise<boolean>;
  /** Gives a claim back that came to nothing, so that the next post need not wait for it to lapse. */
  release(journey: Journey, form: string): Promise<void>;
  /** The version that a form acted on; undefined where it never did. */
  actedOn(journey: Journey, form: string): Promise<number | undefined>;
  /** Writes the version after `journey`, which was claimed. */
  write(journey: Journey): Promise<void>;
  /** Keeps the last answer for as long as its code lives, for a browser that asks again. */
  remember(uid: string, answer: LastAnswer): Promise<void>;
  lastAnswer(uid: string): Promise<LastAnswer | undefined>;
}

const CLAIM = 15;
const ANSWER = 60;

export function createJourneys(store: Store, ttl: number): Journeys {
  // The expired page still needs to know where the citizen came from.
  const kept = ttl + 3600;
  const key = (uid: string) => `journey:{${uid}}`;
  const claimKey = ({ uid, version }: Journey) => `${key(uid)}:version:${version + 1}`;
  const formKey = ({ uid }: Journey, form: string) => `${key(uid)}:form:${form}`;
  return {
    get: async (uid) => (await store.get(key(uid))) as unknown as Journey | undefined,
    create: (journey) => store.set(key(journey.uid), journey as unknown as Json, kept),
    async claim(journey, form) {
      if (!(await store.add(formKey(journey, form), journey.version, ttl))) return false;
      if (await store.add(claimKey(journey), true, CLAIM)) return true;
      await store.delete(formKey(journey, form));
      return false;
    },
    async release(journey, form) {
      await Promise.all([store.delete(claimKey(journey)), store.delete(formKey(journey, form))]);
    },
    async actedOn(journey, form) {
      const version = await store.get(formKey(journey, form));
      return typeof version === 'number' ? version : undefined;
    },
    write: (journey) =>
      store.set(key(journey.uid), { ...journey, version: journey.version + 1 } as unknown as Json, kept),
    remember: (uid, answer) => store.set(`${key(uid)}:answer`, answer, ANSWER),
    lastAnswer: async (uid) => (await store.get(`${key(uid)}:answer`)) as unknown as LastAnswer | undefined,
  };
}
