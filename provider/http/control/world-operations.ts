import { count, flag, type Operation, object, ok, text } from './operation.ts';
import { peopleSchema } from './people.ts';
import { reset, restoreSnapshot, takeSnapshot } from './world.ts';

const record = { type: 'object' } as const;
const order = object({ fault: text, mobile: text, client_id: text, issuer: flag, uses: count, parameters: record }, [
  'fault',
]);

/** All of it at once. */
export const worldOperations: readonly Operation[] = [
  {
    id: 'reset',
    method: 'post',
    path: '/reset',
    summary:
      'Back to how it was started: forgets added people, lines and clients, armed faults, messages, journeys, waits, ' +
      'logins with their codes and tokens, exchanges and the advance of the clock; keeps signing keys, the journal ' +
      'and what stands in a registry file.',
    example: { status: 204 },
    async handle(_call, ports) {
      await reset(ports);
      return ok(null, 204);
    },
  },
  {
    id: 'takeSnapshot',
    method: 'get',
    path: '/snapshot',
    summary:
      'What was set up, as one document: added people and lines, all clients, armed faults with the uses they have ' +
      'left, the advance of the clock. Nothing that a citizen did: no journeys, messages or tokens.',
    example: { status: 200 },
    async handle(_call, ports) {
      return ok(await takeSnapshot(ports));
    },
  },
  {
    id: 'restoreSnapshot',
    method: 'put',
    path: '/snapshot',
    summary:
      'Puts a snapshot in the place of added people and lines, clients, armed faults and the advance of the clock.',
    body: object(
      {
        version: { const: 1 },
        issuer: text,
        taken_at: text,
        clock_ahead_seconds: { type: 'number' },
        ...(peopleSchema.properties as Readonly<Record<string, typeof record>>),
        clients: { type: 'array', items: record },
        armed: { type: 'array', items: order },
      },
      ['version', 'clients'],
    ),
    example: { body: { version: 1, clients: [] }, status: 204 },
    async handle({ body }, ports) {
      await restoreSnapshot(body, ports);
      return ok(null, 204);
    },
  },
];
