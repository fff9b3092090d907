import { type Adapter, Low } from 'lowdb';
import { EmtaError } from '../kernel/errors.ts';
import type { Citizen, Line, Mobile, NationalCode } from './citizen.ts';
import type { JsonObject } from './citizen-json.ts';
import { durableFile } from './durable-file.ts';
import type { Overlay } from './overlay.ts';
import { type RegistryData, readRegistryText, writeRegistryText } from './registry-text.ts';

/** People, lines and clients that a developer added or changed, kept in one JSON file. One process writes it. */
export interface RegistryFile extends Overlay {
  /** Client metadata by `client_id`, as it stands in the file; provider/oidc checks it. */
  readonly clients: ReadonlyMap<string, JsonObject>;
  putClient(metadata: JsonObject & { readonly client_id: string }): Promise<void>;
  removeClient(clientId: string): Promise<void>;
  /** Takes over what somebody else wrote into the file. A damaged file is refused, and what was known stays. */
  reload(): Promise<void>;
}

type Edit = (data: RegistryData) => RegistryData;

const empty: RegistryData = { citizens: [], lines: [], clients: [] };

/** Opens the file, which need not exist before something is put. Throws `registry_file_unreadable` and leaves it alone. */
export async function openRegistryFile(path: string): Promise<RegistryFile> {
  const file = durableFile(path);
  /** What stood in the file when last seen, and what it meant. */
  let seen: { readonly text: string; readonly data: RegistryData } | undefined;
  const adapter: Adapter<RegistryData> = {
    async read() {
      const text = await file.read().catch((cause: unknown) => {
        throw new EmtaError('registry_file_unreadable', `expected "${path}" to be a readable file`, { cause });
      });
      if (text === undefined) {
        return null;
      }
      if (seen?.text !== text) {
        seen = { text, data: readRegistryText(text, path) };
      }
      return seen.data;
    },
    async write(data) {
      const text = writeRegistryText(data);
      await file.write(text).catch((cause: unknown) => {
        throw new EmtaError('registry_file_unwritable', `expected "${path}" to be a writable file`, { cause });
      });
      seen = { text, data };
    },
  };
  const db = new Low(adapter, empty);

  const citizens = new Map<NationalCode, Citizen>();
  const lines = new Map<Mobile, Line>();
  const clients = new Map<string, JsonObject>();
  const publish = (data: RegistryData): void => {
    refill(citizens, data.citizens, ({ nationalCode }) => nationalCode);
    refill(lines, data.lines, ({ mobile }) => mobile);
    refill(clients, data.clients, ({ client_id }) => String(client_id));
  };

  let last: Promise<void> = Promise.resolve();
  /** One after another; the next begins whether or not the one before went well. */
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const done = last.then(act);
    last = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };

  const readAgain = async (): Promise<void> => {
    db.data = empty;
    await db.read();
  };

  /** Reads first, so that what somebody wrote by hand meanwhile is neither lost nor, if damaged, overwritten. */
  const write = async (edits: readonly Edit[]): Promise<void> => {
    await readAgain();
    db.data = edits.reduce((data, edit) => edit(data), db.data);
    await db.write();
    publish(db.data);
  };

  let waiting: { readonly edits: Edit[]; readonly done: Promise<void> } | undefined;
  /** Changes that come while the disk is busy are written together. */
  const change = (edit: Edit): Promise<void> => {
    if (waiting === undefined) {
      const edits: Edit[] = [];
      const done = inTurn(() => {
        waiting = undefined;
        return write(edits);
      });
      waiting = { edits, done };
    }
    waiting.edits.push(edit);
    return waiting.done;
  };

  const reload = (): Promise<void> =>
    inTurn(async () => {
      await readAgain();
      publish(db.data);
    });

  await reload();
  return {
    citizens,
    lines,
    clients,
    put: (added) =>
      change((data) => ({
        citizens: replaced(data.citizens, added.citizens ?? [], ({ nationalCode }) => nationalCode),
        lines: replaced(data.lines, added.lines ?? [], ({ mobile }) => mobile),
        clients: data.clients,
      })),
    putClient: (metadata) =>
      change((data) => ({ ...data, clients: replaced(data.clients, [metadata], ({ client_id }) => client_id) })),
    removeClient: (clientId) =>
      change((data) => ({ ...data, clients: data.clients.filter(({ client_id }) => client_id !== clientId) })),
    reload,
  };
}

function refill<Key, Value>(map: Map<Key, Value>, values: readonly Value[], keyOf: (value: Value) => Key): void {
  map.clear();
  for (const value of values) {
    map.set(keyOf(value), value);
  }
}

/** The old values with the new ones in the place of those that have the same key, or at the end. */
function replaced<Value>(
  old: readonly Value[],
  added: readonly Value[],
  keyOf: (value: Value) => unknown,
): readonly Value[] {
  const all = new Map(old.map((value) => [keyOf(value), value]));
  for (const value of added) {
    all.set(keyOf(value), value);
  }
  return [...all.values()];
}
