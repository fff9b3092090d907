import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ConformanceError } from '../errors.ts';
import type { JournalEnd } from '../facts.ts';
import {
  type Armed,
  type EmtaDescription,
  type Exchange,
  type FaultView,
  isObject,
  type JourneyView,
  type Json,
  type JsonObject,
  parseArmed,
  parseDescription,
  parseExchanges,
  parseFaults,
  parseJournalEnds,
  parseJourney,
  parseMessages,
  parsePeople,
  personWire,
  type SmsView,
} from './emta-wire.ts';
import type { Person } from './person.ts';
import { isLoopback } from './site.ts';
import { keepingAgent } from './user-agent.ts';

/** Whom a fault is armed for; the relying party sees nothing of it. */
export type Target = { readonly mobile: string } | { readonly client_id: string } | { readonly issuer: true };

export interface LineWire {
  readonly mobile: string;
  readonly owner: string;
  readonly state: 'active' | 'inactive';
  readonly ownership_register?: 'unknown' | 'unreachable';
}

/** Emta's control interface, the harness's one way to it. */
export interface EmtaControl {
  readonly issuer: string;
  describe(): Promise<EmtaDescription>;
  faults(): Promise<readonly FaultView[]>;
  arm(
    fault: string,
    target: Target,
    options?: { readonly uses?: number; readonly parameters?: JsonObject },
  ): Promise<Armed>;
  armed(id: string): Promise<Armed>;
  /** As it was when it was disarmed. */
  disarm(id: string): Promise<Armed>;
  draw(
    count: number,
    options?: { readonly seed?: string; readonly min_age?: number; readonly born_on?: string },
  ): Promise<readonly Person[]>;
  putPeople(change: { readonly people?: readonly Person[]; readonly lines?: readonly LineWire[] }): Promise<void>;
  journey(uid: string): Promise<JourneyView>;
  messages(mobile: string): Promise<readonly SmsView[]>;
  exchanges(filter: {
    readonly journey?: string;
    readonly client_id?: string;
    readonly after?: number;
  }): Promise<readonly Exchange[]>;
  journalEnds(): Promise<readonly JournalEnd[]>;
  client(id: string): Promise<JsonObject | undefined>;
  putClient(metadata: JsonObject): Promise<void>;
  deleteClient(id: string): Promise<void>;
  advanceClock(seconds: number): Promise<void>;
  /** The published key set. */
  keys(): Promise<readonly JsonObject[]>;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Milliseconds. */
const PATIENCE = 15_000;

/** Connects to a running Emta; `token` goes along where the server asks for one. */
export function connectEmta(
  issuer: string,
  options: { readonly token?: string; readonly ca?: string } = {},
): EmtaControl {
  const base = new URL(`${issuer.replace(/\/$/, '')}/_emta/v1/`);
  const isTls = base.protocol === 'https:';
  const agent = keepingAgent(base.protocol, { maxSockets: 8 });
  const ask = isTls ? httpsRequest : httpRequest;

  const exchange = (method: string, path: string, body: Json | undefined, retriesLeft: number): Promise<Answer> =>
    new Promise((settle, fail) => {
      const url = new URL(path.replace(/^\//, ''), base);
      const payload = body === undefined ? '' : JSON.stringify(body);
      const outgoing = ask(
        url,
        {
          method,
          agent,
          timeout: PATIENCE,
          // an address where nobody listens says so at once on this machine; a busy process is no reason to give it up
          ...(isLoopback(url.hostname) ? { autoSelectFamilyAttemptTimeout: PATIENCE } : {}),
          ...(isTls ? (isLoopback(url.hostname) ? { rejectUnauthorized: false } : { ca: options.ca }) : {}),
          headers: {
            accept: 'application/json',
            ...(body === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () =>
            settle({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
          incoming.on('error', fail);
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${PATIENCE / 1000} s`)));
      outgoing.on('error', (cause: NodeJS.ErrnoException) => {
        // a kept-alive connection that the server closed while we were writing: the one error worth a second try
        if (cause.code === 'ECONNRESET' && outgoing.reusedSocket && retriesLeft > 0) {
          exchange(method, path, body, retriesLeft - 1).then(settle, fail);
          return;
        }
        fail(
          new ConformanceError(
            'emta_unreachable',
            `expected Emta to answer ${method} ${url.href}, got ${cause.message}`,
            { cause },
          ),
        );
      });
      outgoing.end(payload);
    });

  const call = async (method: string, path: string, body?: Json): Promise<JsonObject> => {
    const answer = await exchange(method, path, body, 1);
    if (answer.status < 200 || answer.status > 299) {
      throw new ConformanceError(
        'emta_refused',
        `expected ${method} /_emta/v1${path} to succeed, got ${answer.status}: ${messageIn(answer.body)}`,
      );
    }
    if (answer.body === '') return {};
    const value: unknown = JSON.parse(answer.body);
    if (!isObject(value))
      throw new ConformanceError(
        'emta_refused',
        `expected ${method} /_emta/v1${path} to answer an object, got ${answer.body.slice(0, 100)}`,
      );
    return value;
  };

  const query = (members: Readonly<Record<string, string | number | undefined>>) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(members)) if (value !== undefined) search.set(name, String(value));
    const text = search.toString();
    return text === '' ? '' : `?${text}`;
  };
  const segment = encodeURIComponent;

  return {
    issuer: issuer.replace(/\/$/, ''),
    describe: async () => parseDescription(await call('GET', '/')),
    journalEnds: async () => parseJournalEnds(await call('GET', '/journal?newest=true')),
    faults: async () => parseFaults(await call('GET', '/faults')),
    arm: async (fault, target, { uses, parameters } = {}) =>
      parseArmed(
        await call('POST', '/armed', {
          fault,
          ...target,
          ...(uses === undefined ? {} : { uses }),
          ...(parameters === undefined ? {} : { parameters }),
        }),
      ),
    armed: async (id) => parseArmed(await call('GET', `/armed/${segment(id)}`)),
    disarm: async (id) => parseArmed(await call('DELETE', `/armed/${segment(id)}`)),
    draw: async (count, more = {}) => parsePeople(await call('POST', '/citizens/draw', { count, ...more })),
    async putPeople({ people = [], lines = [] }) {
      await call('POST', '/citizens', { citizens: people.map(personWire), lines: lines.map((line) => ({ ...line })) });
    },
    journey: async (uid) => parseJourney(await call('GET', `/journeys/${segment(uid)}`)),
    messages: async (mobile) => parseMessages(await call('GET', `/messages${query({ mobile })}`)),
    exchanges: async (filter) => parseExchanges(await call('GET', `/exchanges${query(filter)}`)),
    async client(id) {
      const answer = await exchange('GET', `/clients/${segment(id)}`, undefined, 1);
      if (answer.status === 404) return undefined;
      const value: unknown = answer.status === 200 ? JSON.parse(answer.body) : undefined;
      if (!isObject(value))
        throw new ConformanceError(
          'emta_refused',
          `expected GET /_emta/v1/clients/${id} to answer the client, got ${answer.status} ${answer.body.slice(0, 200)}`,
        );
      return value;
    },
    async putClient(metadata) {
      await call('PUT', `/clients/${segment(String(metadata.client_id))}`, metadata);
    },
    async deleteClient(id) {
      await call('DELETE', `/clients/${segment(id)}`);
    },
    async advanceClock(seconds) {
      await call('POST', '/clock', { advance_seconds: seconds });
    },
    async keys() {
      const { status, body } = await exchange('GET', '../../oauth/jwks', undefined, 1);
      const value: unknown = status === 200 ? JSON.parse(body) : undefined;
      if (!isObject(value) || !Array.isArray(value.keys))
        throw new ConformanceError(
          'emta_refused',
          `expected GET /oauth/jwks to answer a key set, got ${status} ${body.slice(0, 200)}`,
        );
      return value.keys.filter(isObject);
    },
    close: () => agent.destroy(),
  };
}

/** What Emta said, where it said it in words. */
function messageIn(body: string): string {
  const told: unknown = body.startsWith('{') ? JSON.parse(body) : undefined;
  return isObject(told) && typeof told.message === 'string' ? told.message : body.slice(0, 300);
}
