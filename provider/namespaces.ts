import type { RequestListener } from 'node:http';
import type { Emta } from './app.ts';
import { EmtaError } from './kernel/errors.ts';

/** Isolated Emtas under `/t/NAME/`, each with its own issuer, clients, faults, inbox and journal. */
export interface Namespaces {
  /** The namespace that a path belongs to, if any. */
  nameIn(path: string): string | undefined;
  /** Answers a request of a namespace, which is made when it is first asked for. */
  answer(name: string, ...exchange: Parameters<RequestListener>): Promise<void>;
  open(name: string): Promise<Emta>;
  /** Forgets a namespace with all that is in it; the next request makes an empty one. */
  drop(name: string): Promise<void>;
  /** Those that are there now. */
  opened(): Promise<readonly Emta[]>;
}

const PATH = /^\/t\/([a-z0-9][a-z0-9-]{0,39})(?:\/|$|\?)/;
const MOST = 200;

/** `make` builds the Emta of a name. The one used longest ago gives way when there are more than two hundred. */
export function createNamespaces(make: (name: string) => Promise<Emta>): Namespaces {
  const made = new Map<string, Promise<Emta>>();

  async function drop(name: string): Promise<void> {
    const emta = made.get(name);
    made.delete(name);
    await (await emta)?.close();
  }

  function open(name: string): Promise<Emta> {
    if (!PATH.test(`/t/${name}`)) {
      throw new EmtaError(
        'bad_option',
        `expected "namespace" to be 1 to 40 small letters, digits and hyphens, got "${name}"`,
      );
    }
    const emta = made.get(name) ?? make(name);
    // One that could not be made is tried again by the next request.
    emta.catch(() => made.get(name) === emta && made.delete(name));
    made.delete(name);
    made.set(name, emta);
    const [oldest] = made.keys();
    if (made.size > MOST && oldest !== undefined) void drop(oldest);
    return emta;
  }

  return {
    nameIn: (path) => PATH.exec(path)?.[1],
    async answer(name, req, res) {
      await (await open(name)).handler(req, res);
    },
    open,
    drop,
    opened: () => Promise.all(made.values()),
  };
}
