import { isDeepStrictEqual } from 'node:util';
import type { Json, Store } from '../kernel/ports.ts';
import type { Citizen, Line, Mobile, NationalCode } from './citizen.ts';

export interface RegistryChange {
  readonly citizens?: readonly Citizen[];
  readonly lines?: readonly Line[];
}

/** People and lines that stand above the population, because somebody added or changed them. */
export interface Overlay {
  readonly citizens: ReadonlyMap<NationalCode, Citizen>;
  readonly lines: ReadonlyMap<Mobile, Line>;
  /** Adds or replaces; when it resolves, the change holds. */
  put(change: RegistryChange): Promise<void>;
}

/** An overlay that ends with the process. */
export function memoryOverlay(): Overlay & { clear(): void } {
  const citizens = new Map<NationalCode, Citizen>();
  const lines = new Map<Mobile, Line>();
  return {
    citizens,
    lines,
    async put(change) {
      for (const citizen of change.citizens ?? []) {
        citizens.set(citizen.nationalCode, citizen);
      }
      for (const line of change.lines ?? []) {
        lines.set(line.mobile, line);
      }
    },
    clear() {
      citizens.clear();
      lines.clear();
    },
  };
}

/** People and lines of a configuration file, which may be written anew while Emta runs. */
export interface Configured extends Pick<Overlay, 'citizens' | 'lines'> {
  /** Takes the place of all that stood there before; gives back what is new or no longer as it was. */
  replace(now: Required<RegistryChange>): Required<RegistryChange>;
}

/** What a configuration file says at first: nothing. */
export function nobodyConfigured(): Configured {
  const citizens = new Map<NationalCode, Citizen>();
  const lines = new Map<Mobile, Line>();
  return {
    citizens,
    lines,
    replace(now) {
      const isNew = {
        citizens: now.citizens.filter((one) => !isDeepStrictEqual(citizens.get(one.nationalCode), one)),
        lines: now.lines.filter((one) => !isDeepStrictEqual(lines.get(one.mobile), one)),
      };
      citizens.clear();
      lines.clear();
      for (const citizen of now.citizens) citizens.set(citizen.nationalCode, citizen);
      for (const line of now.lines) lines.set(line.mobile, line);
      return isNew;
    },
  };
}

/** An overlay that every process of one store sees; who looks something up asks the store. */
export interface SharedOverlay {
  citizen(code: NationalCode): Promise<Citizen | undefined>;
  line(mobile: Mobile): Promise<Line | undefined>;
  /** Numbers that were ever put for this owner; the line itself tells whose it is now. */
  mobilesOf(owner: NationalCode): Promise<readonly Mobile[]>;
  /** Everybody and everything that was put, in the order of the first time. */
  all(): Promise<Required<RegistryChange>>;
  put(change: RegistryChange): Promise<void>;
  /** Takes back what was put for these people and lines. */
  remove(change: RegistryChange): Promise<void>;
  clear(): Promise<void>;
}

const forever = Number.POSITIVE_INFINITY;
/** As many people, and as many lines, stay listed for searches and snapshots; looking one up knows no limit. */
const listed = 100_000;

/** Keeps people and lines in the store, one entry each, so that a change holds everywhere as soon as it is made. */
export function storeOverlay(store: Store): SharedOverlay {
  const personKey = (code: string) => `overlay:person:{${code}}`;
  const lineKey = (mobile: string) => `overlay:line:{${mobile}}`;
  const ownedKey = (owner: string) => `overlay:owned:{${owner}}`;
  const peopleKey = 'overlay:people';
  const linesKey = 'overlay:lines';
  const person = async (code: string) => (await store.get(personKey(code))) as unknown as Citizen | undefined;
  const line = async (mobile: string) => (await store.get(lineKey(mobile))) as unknown as Line | undefined;

  async function names(key: string): Promise<readonly string[]> {
    return [...new Set((await store.list(key)).map(({ value }) => String(value)))];
  }

  return {
    citizen: person,
    line,
    mobilesOf: async (owner) => (await names(ownedKey(owner))) as readonly Mobile[],
    async all() {
      const [codes, mobiles] = await Promise.all([names(peopleKey), names(linesKey)]);
      const [citizens, lines] = await Promise.all([
        Promise.all(codes.map(person)),
        Promise.all(mobiles.map((mobile) => line(mobile))),
      ]);
      return {
        citizens: citizens.filter((one) => one !== undefined),
        lines: lines.filter((one) => one !== undefined),
      };
    },
    async put({ citizens = [], lines = [] }) {
      // Listed first: whoever dies in between leaves a name without an entry, which counts as nobody.
      for (const citizen of citizens) {
        if ((await person(citizen.nationalCode)) === undefined) {
          await store.append(peopleKey, citizen.nationalCode, { ttl: forever, keep: listed });
        }
        await store.set(personKey(citizen.nationalCode), { ...citizen } as unknown as Json, forever);
      }
      for (const one of lines) {
        const before = await line(one.mobile);
        if (before === undefined) await store.append(linesKey, one.mobile, { ttl: forever, keep: listed });
        if (before?.owner !== one.owner) {
          await store.append(ownedKey(one.owner), one.mobile, { ttl: forever, keep: listed });
        }
        await store.set(lineKey(one.mobile), { ...one } as unknown as Json, forever);
      }
    },
    async remove({ citizens = [], lines = [] }) {
      await Promise.all([
        ...citizens.map(({ nationalCode }) => store.delete(personKey(nationalCode))),
        ...lines.map(({ mobile }) => store.delete(lineKey(mobile))),
      ]);
    },
    async clear() {
      const [codes, mobiles] = await Promise.all([names(peopleKey), names(linesKey)]);
      const owners = (await Promise.all(mobiles.map((mobile) => line(mobile)))).map((one) => one?.owner ?? '');
      await Promise.all([
        ...codes.map((code) => store.delete(personKey(code))),
        ...mobiles.map((mobile) => store.delete(lineKey(mobile))),
        ...[...codes, ...owners].map((owner) => store.delete(ownedKey(owner))),
        store.delete(peopleKey),
        store.delete(linesKey),
      ]);
    },
  };
}
