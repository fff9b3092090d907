import type { ArmedFault } from '../../faults/arming.ts';
import { describeFaults } from '../../faults/catalogue.ts';
import type { Exchange } from '../../journal/journal.ts';
import { EmtaError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/ports.ts';
import { parseClient } from '../../oidc/clients.ts';
import { parseIsoBirthDate } from '../../registry/birth-date.ts';
import { explainFully } from '../console/log-slips.ts';
import { drawCitizens, mostDrawn } from './draw.ts';
import { magicOperations } from './magic-operations.ts';
import { missing, mobileOf, scopeOf, wholeNumber } from './members.ts';
import { count, flag, type Operation, object, ok, text } from './operation.ts';
import { citizenOnWire, peopleSchema, readPeople } from './people.ts';
import { worldOperations } from './world-operations.ts';

const record = { type: 'object' } as const;

interface ArmBody {
  readonly fault: string;
  readonly uses?: number;
  readonly parameters?: Readonly<Record<string, Json>>;
  readonly mobile?: string;
  readonly client_id?: string;
  readonly issuer?: boolean;
}

/** Every operation of the control interface, in the order of its documentation. */
export const operations: readonly Operation[] = [
  {
    id: 'describe',
    method: 'get',
    path: '/',
    summary: 'What is running here, and how strictly.',
    example: { status: 200 },
    async handle(_call, { issuer, version, startedAt, seed, relaxed, rules }) {
      const faults = describeFaults().map(({ id }) => id);
      return ok({
        name: 'emta-mock',
        version,
        issuer,
        started_at: startedAt,
        seed,
        relaxed,
        carrier: rules.carrier,
        faults,
      });
    },
  },
  {
    id: 'listFaults',
    method: 'get',
    path: '/faults',
    summary: 'The catalogue of faults.',
    example: { status: 200 },
    async handle() {
      return ok({ faults: describeFaults() });
    },
  },
  {
    id: 'armFault',
    method: 'post',
    path: '/armed',
    summary: 'Arms a fault for a mobile number, a client or the whole issuer.',
    body: object({ fault: text, mobile: text, client_id: text, issuer: flag, uses: count, parameters: record }, [
      'fault',
    ]),
    example: { body: { fault: 'id_token.nonce_wrong', mobile: '+989070000101', uses: 1 }, status: 201 },
    async handle({ body }, { arming }) {
      const { fault, uses, parameters, ...scope } = body as unknown as ArmBody;
      const armed = await arming.arm({
        fault,
        scope: scopeOf(scope),
        ...(uses !== undefined && { uses }),
        ...(parameters !== undefined && { parameters }),
      });
      return ok(armedToWire({ ...armed, delivered: 0 }), 201);
    },
  },
  {
    id: 'listArmed',
    method: 'get',
    path: '/armed',
    summary: 'The armed faults, with how often each was delivered.',
    example: { status: 200 },
    async handle(_call, { arming }) {
      return ok({ armed: (await arming.list()).map(armedToWire) });
    },
  },
  {
    id: 'getArmed',
    method: 'get',
    path: '/armed/{id}',
    summary: 'One armed fault.',
    example: { path: { id: 'nothing' }, status: 404 },
    async handle({ path }, { arming }) {
      const armed = await arming.get(path.id ?? '');
      if (!armed) throw missing('armed fault', path.id);
      return ok(armedToWire(armed));
    },
  },
  {
    id: 'disarm',
    method: 'delete',
    path: '/armed/{id}',
    summary: 'Disarms one fault and answers it as it was, with how often it was delivered.',
    example: { path: { id: 'nothing' }, status: 404 },
    async handle({ path }, { arming }) {
      const armed = await arming.disarm(path.id ?? '');
      if (!armed) throw missing('armed fault', path.id);
      return ok(armedToWire(armed));
    },
  },
  {
    id: 'disarmAll',
    method: 'delete',
    path: '/armed',
    summary: 'Disarms every fault.',
    example: { status: 204 },
    async handle(_call, { arming }) {
      await arming.clear();
      return ok(null, 204);
    },
  },
  {
    id: 'findCitizens',
    method: 'get',
    path: '/citizens',
    summary: 'People by name, national code or number; personas first.',
    query: { find: 'Part of a name, a national code or a number.', limit: 'How many, 20 unless told.' },
    example: { query: { find: '9991001018' }, status: 200 },
    async handle({ query }, ports) {
      const limit = wholeNumber('limit', query.limit ?? '20', 1, 1000);
      const found = await ports.registry.find(query.find ?? '', limit);
      return ok({ citizens: await Promise.all(found.map((citizen) => citizenOnWire(citizen, ports))) });
    },
  },
  {
    id: 'getCitizen',
    method: 'get',
    path: '/citizens/{national_code}',
    summary: 'One person, by national code.',
    example: { path: { national_code: '9991001018' }, status: 200 },
    async handle({ path }, ports) {
      const citizen = await ports.registry.citizen(path.national_code ?? '');
      if (!citizen) throw missing('citizen', path.national_code);
      return ok(await citizenOnWire(citizen, ports));
    },
  },
  {
    id: 'putCitizens',
    method: 'post',
    path: '/citizens',
    summary: 'Adds or replaces people and lines.',
    body: peopleSchema,
    example: {
      body: {
        citizens: [
          {
            national_code: '9996543218',
            given_name: 'مهتاب',
            family_name: 'نمونه',
            birth_date: '1990-11-08',
            gender: 'female',
          },
        ],
        lines: [{ mobile: '+989070000900', owner: '9996543218' }],
      },
      status: 201,
    },
    async handle({ body }, ports) {
      const change = readPeople(body);
      await ports.registry.put(change);
      return ok({ citizens: await Promise.all(change.citizens.map((citizen) => citizenOnWire(citizen, ports))) }, 201);
    },
  },
  {
    id: 'drawCitizens',
    method: 'post',
    path: '/citizens/draw',
    summary: 'People of the population that nobody drew before, each with an active line of their own.',
    body: object(
      {
        count: { ...count, maximum: mostDrawn },
        seed: text,
        min_age: { type: 'integer', minimum: 0, maximum: 99 },
        born_on: text,
      },
      ['count'],
    ),
    example: { body: { count: 2, min_age: 18 }, status: 200 },
    async handle({ body }, ports) {
      const {
        count: wanted,
        seed,
        min_age,
        born_on,
      } = body as { count: number; seed?: string; min_age?: number; born_on?: string };
      const bornOn = born_on === undefined ? undefined : parseIsoBirthDate(born_on);
      if (bornOn && !bornOn.ok) {
        throw new EmtaError('bad_control_request', `expected "born_on" to be a date like 1990-11-08, got "${born_on}"`);
      }
      const citizens = await drawCitizens(
        { count: wanted, minAge: min_age ?? 18, ...(seed && { seed }), ...(bornOn && { bornOn: bornOn.value }) },
        ports,
      );
      return ok({ citizens: await Promise.all(citizens.map((citizen) => citizenOnWire(citizen, ports))) });
    },
  },
  {
    id: 'listPersonas',
    method: 'get',
    path: '/personas',
    summary: 'The personas, each with its reason and what it types.',
    example: { status: 200 },
    async handle(_call, { personas }) {
      return ok({
        personas: personas.map(({ nationalCode, ...persona }) => ({ ...persona, national_code: nationalCode })),
      });
    },
  },
  ...magicOperations,
  {
    id: 'getJourney',
    method: 'get',
    path: '/journeys/{uid}',
    summary: 'Where a journey stands, the answer of its captcha and its newest code.',
    example: { path: { uid: 'nothing' }, status: 404 },
    async handle({ path }, { journeys }) {
      const journey = await journeys.get(path.uid ?? '');
      if (!journey) throw missing('journey', path.uid);
      const { uid, clientId, step, mobile, captcha, code, outcome, deadEnd } = journey;
      return ok({
        uid,
        client_id: clientId,
        step,
        ...(mobile && { mobile }),
        ...(captcha && step === 'captcha' && { captcha: captcha.text }),
        ...(code && { code: code.text }),
        ...(deadEnd && { dead_end: deadEnd.reason }),
        ...(outcome && { outcome }),
      });
    },
  },
  {
    id: 'listMessages',
    method: 'get',
    path: '/messages',
    summary: 'The outbox, oldest first: all of it or one number.',
    query: { mobile: 'A mobile in any spelling.', after: 'Position of the last message known.' },
    example: { query: { mobile: '09070000101' }, status: 200 },
    async handle({ query }, { outbox }) {
      const to = query.mobile === undefined ? undefined : mobileOf('mobile', query.mobile);
      const messages = await outbox.list(to, wholeNumber('after', query.after ?? '0', 0));
      return ok({ messages });
    },
  },
  {
    id: 'sendMessage',
    method: 'post',
    path: '/messages',
    summary: 'Takes a short message, as the SMS gateway of a relying party.',
    body: object({ to: text, text: { type: 'string', minLength: 1, maxLength: 2000 }, from: text, code: text }, [
      'to',
      'text',
    ]),
    example: { body: { to: '09070000101', text: 'کد اعتبارسنجی: 12345' }, status: 201 },
    async handle({ body }, { outbox }) {
      const given = body as {
        readonly to: string;
        readonly text: string;
        readonly from?: string;
        readonly code?: string;
      };
      const code = given.code ?? /(?<![0-9])[0-9]{4,8}(?![0-9])/.exec(given.text)?.[0];
      const message = await outbox.send({
        to: mobileOf('to', given.to),
        from: given.from ?? 'relying-party',
        text: given.text,
        ...(code && { code }),
        status: 'delivered',
      });
      return ok(message, 201);
    },
  },
  {
    id: 'listExchanges',
    method: 'get',
    path: '/exchanges',
    summary: 'What went over the wire, unmasked, oldest first: of one journey, of one client, or all.',
    query: { journey: 'Id of a journey.', client_id: 'Id of a client.', after: '"seq" of the last exchange known.' },
    example: { query: { client_id: 'ikco' }, status: 200 },
    async handle({ query }, { journal, clients }) {
      const exchanges = await journal.exchanges({
        ...(query.journey && { journey: query.journey }),
        ...(query.client_id && { clientId: query.client_id }),
        after: wholeNumber('after', query.after ?? '0', 0),
      });
      const explained = exchanges.map(async (exchange) => {
        const explanation = await explainFully(exchange, { journal, clients });
        return { ...exchangeToWire(exchange), ...(explanation && { explanation }) };
      });
      return ok({ exchanges: await Promise.all(explained) });
    },
  },
  {
    id: 'readJournal',
    method: 'get',
    path: '/journal',
    summary: 'The journal: masked, each entry chained to the one before.',
    query: {
      after: 'Position of the last entry known.',
      journey: 'Id of a journey.',
      newest: '`true`: of each chain the newest entry alone.',
    },
    example: { status: 200 },
    async handle({ query }, { journal }) {
      const all = await journal.entries(wholeNumber('after', query.after ?? '0', 0));
      const { journey, newest } = query;
      const entries = journey ? all.filter((entry) => entry.journey === journey) : all;
      if (newest !== 'true') return ok({ entries });
      // They come oldest first.
      return ok({ entries: [...new Map(entries.map((entry) => [entry.chain, entry])).values()] });
    },
  },
  {
    id: 'listClients',
    method: 'get',
    path: '/clients',
    summary: 'The registered relying parties.',
    example: { status: 200 },
    async handle(_call, { clients }) {
      return ok({ clients: await clients.list() });
    },
  },
  {
    id: 'addClient',
    method: 'post',
    path: '/clients',
    summary: 'Registers a relying party, or replaces its registration.',
    body: record,
    example: {
      body: { client_id: 'stall', client_secret: 'made-up', redirect_uris: ['http://127.0.0.1:8080/cb'] },
      status: 201,
    },
    async handle({ body }, { clients }) {
      const client = parseClient(body);
      await clients.put(client);
      return ok(client, 201);
    },
  },
  {
    id: 'getClient',
    method: 'get',
    path: '/clients/{client_id}',
    summary: 'One relying party.',
    example: { path: { client_id: 'nobody' }, status: 404 },
    async handle({ path }, { clients }) {
      const client = await clients.find(path.client_id ?? '');
      if (!client) throw missing('client', path.client_id);
      return ok(client);
    },
  },
  {
    id: 'putClient',
    method: 'put',
    path: '/clients/{client_id}',
    summary: 'Registers a relying party, or replaces its registration.',
    body: record,
    example: {
      path: { client_id: 'shop' },
      body: { client_secret: 'made-up', redirect_uris: ['http://127.0.0.1:8080/cb'] },
      status: 200,
    },
    async handle({ path, body }, { clients }) {
      const client = parseClient({ client_id: path.client_id, ...(body as object) });
      if (client.client_id !== path.client_id) {
        throw new EmtaError('bad_client', `expected "client_id" to be "${path.client_id}", got "${client.client_id}"`);
      }
      await clients.put(client);
      return ok(client);
    },
  },
  {
    id: 'deleteClient',
    method: 'delete',
    path: '/clients/{client_id}',
    summary: 'Forgets a relying party.',
    example: { path: { client_id: 'nobody' }, status: 404 },
    async handle({ path }, { clients }) {
      if (!(await clients.delete(path.client_id ?? ''))) throw missing('client', path.client_id);
      return ok(null, 204);
    },
  },
  {
    id: 'readClock',
    method: 'get',
    path: '/clock',
    summary: 'The time by which codes, captchas and waits run out.',
    example: { status: 200 },
    async handle(_call, { clock }) {
      return ok({ now: new Date(clock.now()).toISOString() });
    },
  },
  {
    id: 'advanceClock',
    method: 'post',
    path: '/clock',
    summary: 'Puts that clock forward, for everybody.',
    body: object({ advance_seconds: { type: 'number', minimum: 0, maximum: 31_536_000 } }, ['advance_seconds']),
    example: { body: { advance_seconds: 1 }, status: 200 },
    async handle({ body }, { clock }) {
      await clock.advance((body as { readonly advance_seconds: number }).advance_seconds * 1000);
      return ok({ now: new Date(clock.now()).toISOString() });
    },
  },
  ...worldOperations,
];

function armedToWire(armed: ArmedFault & { readonly delivered: number }): object {
  const { id, fault, scope, uses, parameters, at, delivered } = armed;
  const { clientId, ...other } = scope as { clientId?: string };
  return {
    id,
    fault,
    ...other,
    ...(clientId && { client_id: clientId }),
    ...(uses && { uses }),
    parameters,
    at,
    delivered,
  };
}

function exchangeToWire({ clientId, ...exchange }: Exchange): object {
  return { ...exchange, ...(clientId && { client_id: clientId }) };
}
