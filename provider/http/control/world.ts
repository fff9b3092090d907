import type { ArmedFault, ArmingScope } from '../../faults/arming.ts';
import { EmtaError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/ports.ts';
import { type Client, parseClient } from '../../oidc/clients.ts';
import { citizenToJson, isObject, lineToJson } from '../../registry/citizen-json.ts';
import { scopeOf } from './members.ts';
import { readPeople } from './people.ts';
import type { ControlPorts } from './ports.ts';

/** What a reset forgets, by the beginnings of its keys in the store. */
export const forgotten = [
  // People, lines and clients that were put, and who was drawn.
  'overlay:',
  'client:',
  'clients',
  'drawn:',
  // Armed faults, with their counts and what they keep.
  'armed:',
  'performed:',
  'held-sms:',
  'nonce:',
  // Messages, journeys, and how long numbers have to wait.
  'outbox:',
  'journey:',
  'blocked:',
  'misses:',
  'codes:',
  // Logins, grants, codes and tokens.
  'consent:',
  'login:',
  'oidc:',
  // What went over the wire.
  'exchanges:all',
  'exchanges:{',
  // What the console shows of all that.
  'console:journeys',
  'console:loose',
  // How far the clock was put forward.
  'clock:',
] as const;

/** What a reset leaves: keys, what signs cookies, the chained journal, and counters whose values are never used again. */
export const kept = ['signing-key:', 'secret', 'journal', 'exchanges:base', 'console:feed'] as const;

/** Takes this Emta back to how it was started. A registry file keeps its people, lines and clients: it is the developer's. */
export async function reset({
  store,
  clock,
  journal,
}: Pick<ControlPorts, 'store' | 'clock' | 'journal'>): Promise<void> {
  await journal.forgetExchanges();
  for (const prefix of forgotten) await store.clear(prefix);
  await clock.catchUp();
  await journal.note({ kind: 'control', data: { operation: 'reset' } });
}

/** The state that a developer sets up: what was put, armed and advanced. Nothing that a citizen did is in it. */
export async function takeSnapshot(ports: ControlPorts): Promise<Json> {
  const [{ citizens, lines }, clients, armed] = await Promise.all([
    ports.overlay.all(),
    ports.clients.list(),
    ports.arming.list(),
  ]);
  const snapshot = {
    version: 1,
    issuer: ports.issuer,
    taken_at: new Date(ports.clock.now()).toISOString(),
    clock_ahead_seconds: ports.clock.ahead() / 1000,
    citizens: citizens.map(citizenToJson),
    lines: lines.map(lineToJson),
    clients,
    armed: armed.flatMap((fault) => orderOf(fault) ?? []),
  };
  return JSON.parse(JSON.stringify(snapshot)) as Json;
}

/** Puts a snapshot in the place of people, lines, clients and faults; throws before anything is changed. */
export async function restoreSnapshot(body: Json, ports: ControlPorts): Promise<void> {
  if (!isObject(body)) throw new EmtaError('bad_control_request', 'expected a snapshot, got something else');
  const people = readPeople({ citizens: (body.citizens ?? []) as Json, lines: (body.lines ?? []) as Json });
  const clients = listOf(body.clients).map((client, index) => parseClient(client, `clients[${index}]`));
  const before = await ports.arming.list();
  await armAll(listOf(body.armed), ports);
  await Promise.all(before.map(({ id }) => ports.arming.disarm(id)));
  await ports.overlay.clear();
  await ports.registry.put(people);
  await replaceClients(clients, ports);
  await ports.clock.advance(Number(body.clock_ahead_seconds ?? 0) * 1000 - ports.clock.ahead());
  await ports.journal.note({ kind: 'control', data: { operation: 'restore' } });
}

/** Arms all or none. */
async function armAll(orders: readonly unknown[], { arming }: Pick<ControlPorts, 'arming'>): Promise<void> {
  const done: string[] = [];
  try {
    for (const order of orders) {
      const { fault, uses, parameters, ...scope } = order as {
        readonly fault: string;
        readonly uses?: number;
        readonly parameters?: Readonly<Record<string, Json>>;
      };
      const armed = await arming.arm({
        fault,
        scope: scopeOf(scope),
        ...(uses !== undefined && { uses }),
        ...(parameters !== undefined && { parameters }),
      });
      done.push(armed.id);
    }
  } catch (error) {
    await Promise.all(done.map((id) => arming.disarm(id)));
    throw error;
  }
}

async function replaceClients(wanted: readonly Client[], { clients }: Pick<ControlPorts, 'clients'>): Promise<void> {
  const ids = new Set(wanted.map(({ client_id }) => client_id));
  for (const { client_id } of await clients.list()) if (!ids.has(client_id)) await clients.delete(client_id);
  for (const client of wanted) await clients.put(client);
}

/** What would arm this fault again with the uses it has left; undefined where it has none. */
function orderOf({ fault, scope, uses, parameters, delivered }: ArmedFault & { readonly delivered: number }) {
  const left = uses === undefined ? undefined : uses - delivered;
  if (left === 0) return undefined;
  return { fault, ...scopeToJson(scope), ...(left !== undefined && { uses: left }), parameters };
}

function scopeToJson(scope: ArmingScope): object {
  if ('clientId' in scope) return { client_id: scope.clientId };
  return 'mobile' in scope ? { mobile: scope.mobile } : { issuer: true };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
