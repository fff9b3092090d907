import { EmtaError } from '../kernel/errors.ts';
import type { Clock, Json, Random, Store } from '../kernel/ports.ts';
import { faultById } from './catalogue.ts';
import { isJsonObject } from './members.ts';
import { parameterProblems } from './parameters.ts';
import type { Act, Fault, Reach } from './tamper.ts';

/** 80 bits, and no dash: `emta disarm ID` would take an id that begins with one for an option. */
const ID_LENGTH = 16;
const ID_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Whom a fault is armed for. */
export type ArmingScope = { readonly mobile: string } | { readonly clientId: string } | { readonly issuer: true };

export interface ArmingOrder {
  readonly fault: string;
  readonly scope: ArmingScope;
  /** How many deliveries; without it, until disarmed. */
  readonly uses?: number;
  readonly parameters?: Readonly<Record<string, Json>>;
}

/** A fault that waits for its exchange. */
export interface ArmedFault {
  readonly id: string;
  readonly fault: string;
  readonly scope: ArmingScope;
  readonly uses?: number;
  readonly parameters: Readonly<Record<string, Json>>;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Counts up over the issuer, so that faults act in the order they were armed. */
  readonly order: number;
  readonly entry: Fault;
}

/** Who an exchange is about, as far as it is known. */
export interface ArmingParties {
  readonly mobile?: string;
  readonly clientId?: string;
}

export interface Arming {
  /** Throws `unknown_fault`, or `bad_control_request` with every problem of the parameters, the scope and the uses. */
  arm(order: ArmingOrder): Promise<ArmedFault>;
  /** Whether nothing was ever armed, as with most Emtas: one look is enough to know. */
  isQuiet(): Promise<boolean>;
  /** Faults armed for these parties, or for all, that act at this place; in the order they were armed. */
  find(act: Act, parties: ArmingParties): Promise<readonly ArmedFault[]>;
  /**
   * Counts a delivery. False where the fault was disarmed or its uses are up: what would have been delivered must then
   * not be sent. Of many callers at once as many get true as there are uses. Deliveries of one occasion, a journey for
   * example, count once, so that a fault that acts at several places of one login is whole.
   */
  markDelivered(id: string, occasion?: string): Promise<boolean>;
  get(id: string): Promise<(ArmedFault & { readonly delivered: number }) | undefined>;
  list(): Promise<readonly (ArmedFault & { readonly delivered: number })[]>;
  /** As it was, with its deliveries; undefined where nothing was armed under this id. */
  disarm(id: string): Promise<(ArmedFault & { readonly delivered: number }) | undefined>;
  clear(): Promise<void>;
}

const lifetime = 7 * 86_400;
/** Armed at once for one number, one client or one issuer. */
const keep = 1000;

const widths: readonly Reach[] = ['mobile', 'client_id', 'issuer'];

function reachOf(scope: ArmingScope): Reach {
  if ('mobile' in scope) return 'mobile';
  return 'clientId' in scope ? 'client_id' : 'issuer';
}

function scopeName(scope: ArmingScope): string {
  if ('mobile' in scope) return `mobile:${scope.mobile}`;
  return 'clientId' in scope ? `client:${scope.clientId}` : 'issuer';
}

function problemsOf(fault: Fault, { scope, uses, parameters = {} }: ArmingOrder): readonly string[] {
  const reach = reachOf(scope);
  const tooNarrow = widths.indexOf(reach) < widths.indexOf(fault.narrowest);
  return [
    ...parameterProblems(fault.parameters, parameters),
    ...(tooNarrow ? [`expected it to be armed for ${wider(fault.narrowest)}, got ${reach}`] : []),
    ...(uses !== undefined && !(Number.isSafeInteger(uses) && uses > 0)
      ? [`expected "uses" to be a whole number above 0, got ${uses}`]
      : []),
  ];
}

function wider(narrowest: Reach): string {
  return narrowest === 'client_id' ? 'a client_id or the issuer' : 'the issuer';
}

function parseScope(value: Json | undefined): ArmingScope | undefined {
  if (!isJsonObject(value)) return undefined;
  if (typeof value.mobile === 'string') return { mobile: value.mobile };
  if (typeof value.clientId === 'string') return { clientId: value.clientId };
  return value.issuer === true ? { issuer: true } : undefined;
}

/** Reads back what `arm` kept; undefined where it has expired or was disarmed. */
function parseArmed(id: string, value: Json | undefined): ArmedFault | undefined {
  if (value === undefined) return undefined;
  const scope = isJsonObject(value) ? parseScope(value.scope) : undefined;
  if (
    !isJsonObject(value) ||
    scope === undefined ||
    typeof value.fault !== 'string' ||
    typeof value.at !== 'string' ||
    typeof value.order !== 'number' ||
    !isJsonObject(value.parameters)
  ) {
    throw new TypeError(`expected the armed fault "${id}" in the store to be whole, got something else`);
  }
  const { fault, at, order, uses, parameters } = value;
  return {
    id,
    fault,
    scope,
    ...(typeof uses === 'number' ? { uses } : {}),
    parameters,
    at,
    order,
    entry: faultById(fault),
  };
}

/** Keeps armed faults in the store, so that every process of an issuer delivers them. */
export function createArming({
  store,
  clock,
  random,
  prefix = '',
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Tells issuers apart that share a store. */
  readonly prefix?: string;
}): Arming {
  const key = {
    entry: (id: string) => `${prefix}armed:{${id}}:entry`,
    delivered: (id: string) => `${prefix}armed:{${id}}:delivered`,
    occasion: (id: string, occasion: string) => `${prefix}armed:{${id}}:occasion:${occasion}`,
    scope: (name: string) => `${prefix}armed:scope:{${name}}`,
    all: `${prefix}armed:all`,
    order: `${prefix}armed:order`,
  };

  async function entriesOf(list: string): Promise<readonly ArmedFault[]> {
    const ids = (await store.list(list)).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
    const entries = await Promise.all(ids.map(async (id) => parseArmed(id, await store.get(key.entry(id)))));
    return entries.flatMap((entry) => entry ?? []);
  }

  async function withDelivered(armed: ArmedFault): Promise<ArmedFault & { readonly delivered: number }> {
    const counted = await store.get(key.delivered(armed.id));
    const delivered = typeof counted === 'number' ? counted : 0;
    return { ...armed, delivered: Math.min(delivered, armed.uses ?? delivered) };
  }

  const isQuiet = async () => (await store.get(key.order)) === undefined;

  return {
    isQuiet,

    async arm(order) {
      const entry = faultById(order.fault);
      const problems = problemsOf(entry, order);
      if (problems.length > 0) {
        throw new EmtaError('bad_control_request', `fault "${entry.id}" cannot be armed: ${problems.join('; ')}`);
      }
      const id = random.text(ID_LENGTH, ID_ALPHABET);
      const kept = {
        fault: entry.id,
        scope: order.scope,
        ...(order.uses === undefined ? {} : { uses: order.uses }),
        parameters: order.parameters ?? {},
        at: new Date(clock.now()).toISOString(),
        order: await store.increment(key.order, Number.POSITIVE_INFINITY),
      };
      await store.set(key.entry(id), kept, lifetime);
      await store.append(key.scope(scopeName(order.scope)), id, { ttl: lifetime, keep });
      await store.append(key.all, id, { ttl: lifetime, keep });
      return { id, ...kept, entry };
    },

    async find(act, { mobile, clientId }) {
      if (await isQuiet()) return [];
      const names = [
        'issuer',
        ...(clientId === undefined ? [] : [scopeName({ clientId })]),
        ...(mobile === undefined ? [] : [scopeName({ mobile })]),
      ];
      const found = await Promise.all(names.map((name) => entriesOf(key.scope(name))));
      return found
        .flat()
        .filter(({ entry }) => entry.acts.includes(act))
        .sort((one, other) => one.order - other.order);
    },

    async markDelivered(id, occasion) {
      const armed = parseArmed(id, await store.get(key.entry(id)));
      if (!armed) return false;
      const mark = occasion === undefined ? undefined : key.occasion(id, occasion);
      if (mark !== undefined && !(await store.add(mark, true, lifetime))) {
        return (await store.get(mark)) === true;
      }
      const count = await store.increment(key.delivered(id), lifetime);
      const allowed = armed.uses === undefined || count <= armed.uses;
      if (!allowed && mark !== undefined) await store.set(mark, false, lifetime);
      return allowed;
    },

    async get(id) {
      const armed = parseArmed(id, await store.get(key.entry(id)));
      return armed && withDelivered(armed);
    },

    async list() {
      return Promise.all((await entriesOf(key.all)).map(withDelivered));
    },

    async disarm(id) {
      const armed = parseArmed(id, await store.take(key.entry(id)));
      return armed && withDelivered(armed);
    },

    async clear() {
      const armed = await entriesOf(key.all);
      await Promise.all(armed.map(({ id }) => store.delete(key.entry(id))));
      const names = new Set(armed.map(({ scope }) => scopeName(scope)));
      await Promise.all([...names].map((name) => store.delete(key.scope(name))));
      await store.delete(key.all);
    },
  };
}
