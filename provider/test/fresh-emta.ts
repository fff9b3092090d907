import { afterEach } from '@jest/globals';
import supertest from 'supertest';
import { type EmbeddedOptions, startEmbeddedEmta } from '../../conformance/embedded.ts';
import { saleSiteClient } from '../../fixtures/clients.ts';
import type { Persona, PersonaId } from '../../fixtures/personas.ts';
import { type AdjustableClock, adjustableClock, clockAt } from '../kernel/clock.ts';
import type { Json } from '../kernel/ports.ts';
import { seededRandom } from '../kernel/random.ts';
import { createKeys } from '../oidc/keys.ts';
import { createMemoryStore } from '../store/memory.ts';
import { type Browser, createBrowser } from './browser.ts';

/** The sale site's registration; nothing listens at its address. */
export const site = saleSiteClient('http://localhost:4300');
export const callback = site.redirect_uris[0] ?? '';

export interface TestEmta {
  readonly issuer: string;
  /** Where this one listens, which may stand behind something that listens elsewhere. */
  readonly port: number;
  /** The clock of this Emta alone; it stands still until it is put forward. */
  readonly clock: AdjustableClock;
  persona(id: PersonaId): Persona;
  browser(): Browser;
  /** Machine to machine: no cookies, no pages. */
  api(): ReturnType<typeof supertest.agent>;
  /** One call of the control interface; fails on anything but 2xx. */
  control(method: 'get' | 'post' | 'put' | 'delete', path: string, body?: Json): Promise<Answered>;
  /** An authorization request of the sale site; `undefined` leaves a parameter out. */
  authorizationUrl(params?: Parameters): string;
  close(): Promise<void>;
}

/** A body of the control interface; tests know what they asked for. */
// biome-ignore lint/suspicious/noExplicitAny: a test fails on a wrong member by its expectation
export type Answered = any;
export type Parameters = Readonly<Record<string, string | undefined>>;

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((emta) => emta.close()));
});

/** Making a key takes longer than all the rest of a start, so one serves all the tests of a file. */
const key = createKeys(createMemoryStore({ clock: clockAt(0) })).named('active');

/** An Emta of this test's own, on a free port, with the personas and the sale site; closed when the test ends. */
export async function freshEmta(options: EmbeddedOptions = {}): Promise<TestEmta> {
  const clock = adjustableClock(options.clock ?? clockAt('2026-10-01T08:00:00Z'));
  const store = createMemoryStore({ clock });
  await store.set('signing-key:{active}', { ...(await key) } as unknown as Json, Number.POSITIVE_INFINITY);
  const embedded = await startEmbeddedEmta({
    port: 0,
    population: 1000,
    random: seededRandom('provider/test'),
    clients: [site],
    store,
    ...options,
    clock,
  });
  running.push(embedded);
  const { issuer } = embedded;
  return {
    issuer,
    port: embedded.port,
    clock,
    persona(id) {
      const found = embedded.personas.find((person) => person.id === id);
      if (!found) throw new Error(`expected a persona "${id}"`);
      return found;
    },
    browser: () => createBrowser(issuer),
    api: () => supertest.agent(issuer),
    async control(method, path, body) {
      const call = supertest(issuer)[method](`/_emta/v1${path}`);
      const answer = await (body === undefined ? call : call.send(body as object));
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.body;
    },
    authorizationUrl: (params = {}) => authorizationUrl(issuer, params),
    close: embedded.close,
  };
}

export function authorizationUrl(issuer: string, params: Parameters = {}): string {
  const all = {
    response_type: 'code',
    client_id: site.client_id,
    redirect_uri: callback,
    scope: 'openid user:identity:general user:primaryMobileNumber',
    state: 'the-state',
    nonce: 'the-nonce',
    ...params,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${issuer}/oauth/authorize?${new URLSearchParams(given)}`;
}
