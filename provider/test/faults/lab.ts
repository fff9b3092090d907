import { createHash, createHmac } from 'node:crypto';
import {
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportSPKI,
  importJWK,
  type JSONWebKeySet,
} from 'jose';
import { startEmbeddedEmta } from '../../../conformance/embedded.ts';
import type { Persona, PersonaId } from '../../../fixtures/personas.ts';
import { type AdjustableClock, adjustableClock, clockAt } from '../../kernel/clock.ts';
import type { Json } from '../../kernel/ports.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createKeys } from '../../oidc/keys.ts';
import { nationalForm } from '../../registry/mobile.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { createBrowser, type Screen } from '../browser.ts';
import type { Answered } from '../fresh-emta.ts';
import { identityOf } from '../visitor.ts';
import { call, type Got, type Texts } from './machine-call.ts';

/** Values seen on the wire in one login, by place and name; what differs from login to login is replaced by what it is. */
export type Seen = ReadonlyMap<string, string>;

export interface Login {
  readonly seen: Seen;
  readonly journey: string;
  /** Milliseconds that each call of the relying party took. */
  readonly took: Readonly<Record<string, number>>;
  /** Places in the order they were reached. */
  readonly places: readonly string[];
  /** Where the browser came back to. */
  readonly returned?: URL;
  readonly tokens?: { readonly access: string; readonly id: string };
}

export interface LoginOptions {
  readonly as?: PersonaId;
  readonly client?: string;
  readonly decision?: 'grant' | 'refuse';
  /** Where the relying party is to give up once Emta has written down that it will not answer. */
  readonly givesUpAt?: string;
  /** Presses «resend» before the code is typed. */
  readonly resends?: true;
  readonly params?: Texts;
  readonly verifier?: string;
}

export interface Armed {
  readonly id: string;
  readonly fault: string;
  delivered(): Promise<number>;
  disarm(): Promise<void>;
}

export interface Lab {
  readonly issuer: string;
  readonly clock: AdjustableClock;
  readonly control: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => Promise<Answered>;
  persona(id: PersonaId): Persona;
  /** One whole login, pages, codes and tokens, as a relying party and a citizen see it. */
  login(options?: LoginOptions): Promise<Login>;
  arm(
    fault: string,
    target: Target,
    more?: { uses?: number; parameters?: Readonly<Record<string, Json>> },
  ): Promise<Armed>;
  /** Places of a journey whose exchange says that this fault was delivered. */
  deliveredAt(fault: string, after: number): Promise<readonly string[]>;
  /** `seq` of the newest exchange. */
  now(): Promise<number>;
  close(): Promise<void>;
}

export type Target = { readonly mobile: string } | { readonly client_id: string } | { readonly issuer: true };

export const redirectUri = 'http://127.0.0.1:9/cb?shop=1';
export const otherRedirectUri = 'http://127.0.0.1:9/other';
export const secret = 'made-up-secret-of-the-shop-that-opens-nothing';
const scope = 'openid user:identity:general user:primaryMobileNumber';

function client(client_id: string, more: object = {}): object {
  const redirect_uris = [redirectUri, otherRedirectUri];
  return { client_id, client_secret: secret, client_uri: 'http://127.0.0.1:9/', redirect_uris, scope, ...more };
}

/** Makes keys once for all the labs of a test file: that takes longer than the rest of a start. */
const keys = createKeys(createMemoryStore({ clock: clockAt(0) }));
const labels = ['active', 'foreign', 'next', 'second'];

export async function openLab(): Promise<Lab> {
  const clock = adjustableClock(clockAt('2026-10-01T08:00:00Z'));
  const store = createMemoryStore({ clock });
  await Promise.all(
    labels.map(async (label) =>
      store.set(
        `signing-key:{${label}}`,
        { ...(await keys.named(label)) } as unknown as Json,
        Number.POSITIVE_INFINITY,
      ),
    ),
  );
  const emta = await startEmbeddedEmta({
    port: 0,
    population: 1000,
    random: seededRandom('provider/test/faults'),
    clock,
    store,
    rules: { captcha: 'aaaaaa', codesPerHour: 1_000_000, resendWait: 0 },
    clients: [client('shop'), client('other-shop'), client('careful-shop', { userinfo_signed_response_alg: 'RS256' })],
  });
  const { issuer } = emta;

  async function control(method: string, path: string, body?: object): Promise<Answered> {
    const got = await call(`${issuer}/_emta/v1${path}`, { method, ...(body && { json: body }) });
    if (got.kind !== 'answered') throw new Error(`${method} ${path}: ${got.kind}`);
    if (got.status >= 300) throw new Error(`${method} ${path}: ${got.status} ${got.body}`);
    return got.body === '' ? undefined : JSON.parse(got.body);
  }

  const exchanges = async (after: number): Promise<Answered[]> =>
    (await control('GET', `/exchanges?after=${after}`)).exchanges;

  let logins = 0;
  let newest = 0;
  /** `seq` of the newest exchange. */
  async function now(): Promise<number> {
    newest = (await exchanges(newest)).at(-1)?.seq ?? newest;
    return newest;
  }

  const persona = (id: PersonaId): Persona => {
    const found = emta.personas.find((person) => person.id === id);
    if (!found) throw new Error(`expected a persona "${id}"`);
    return found;
  };

  return {
    issuer,
    clock,
    control,
    persona,

    async login({
      as = 'married-woman',
      client: clientId = 'shop',
      decision = 'grant',
      givesUpAt,
      resends,
      params = {},
      verifier,
    } = {}) {
      logins += 1;
      const own = { state: `state-of-login-${logins}`, nonce: `nonce-of-login-${logins}` };
      const person = persona(as);
      const since = await now();
      const notes = new Notes(own);
      const took: Record<string, number> = {};
      const places: string[] = [];

      async function visit(place: string, url: string, options: Parameters<typeof call>[1] = {}): Promise<Got> {
        const patience = new AbortController();
        const begun = performance.now();
        places.push(place);
        const pending = call(url, { ...options, patience: patience.signal });
        if (place === givesUpAt) {
          await untilWrittenDown(place);
          patience.abort();
        }
        const got = await pending;
        took[place] = performance.now() - begun;
        notes.answer(place, got);
        return got;
      }

      async function untilWrittenDown(endpoint: string): Promise<void> {
        for (;;) {
          const found = (await exchanges(since)).find((one) => one.endpoint === endpoint && one.response.status === 0);
          if (found) return;
        }
      }

      const metadata = jsonOf(await visit('discovery', `${issuer}/.well-known/openid-configuration`));
      const keySet = { keys: [], ...jsonOf(await visit('jwks', `${issuer}/oauth/jwks`)) } satisfies JSONWebKeySet;
      const messagesOf = (after: number) =>
        control('GET', `/messages?mobile=${encodeURIComponent(person.typed.mobile)}&after=${after}`);
      const lastMessage = (await messagesOf(0)).messages.at(-1)?.position ?? 0;
      const request = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope,
        acr_values: 'urn:emta:loa:identity',
        max_age: '3600',
        ...own,
        ...params,
      });
      const browser = createBrowser(issuer);
      const walked = await walkThrough(`${issuer}/oauth/authorize?${request}`);
      const { messages } = await messagesOf(lastMessage);
      notes.list(
        'sms',
        messages.map(({ status, text, code }: Answered) =>
          [status, formOf(text), ...(code && code !== walked.code ? ['(older)'] : [])].join(' '),
        ),
      );
      const journey = walked.journey;
      const answer = walked.end && answerOf(walked.end);
      if (!answer) return { seen: notes.seen, journey, took, places };
      notes.callback(answer);
      const back = { returned: answer.url };

      const code = answer.params.get('code');
      if (code === null) return { seen: notes.seen, journey, took, places, ...back };
      const token = jsonOf(
        await visit('token', String(metadata.token_endpoint ?? `${issuer}/service/v1/oauth/token`), {
          form: {
            grant_type: 'authorization_code',
            code,
            redirect_uri: redirectUri,
            client_id: clientId,
            client_secret: secret,
            ...(verifier && { code_verifier: verifier }),
          },
        }),
      );
      const access = typeof token.access_token === 'string' ? token.access_token : undefined;
      if (typeof token.id_token === 'string') await notes.idToken('id_token', token.id_token, keySet, access);
      if (access === undefined) return { seen: notes.seen, journey, took, places, ...back };
      const headers = { authorization: `Bearer ${access}` };
      const userinfo = await visit('userinfo', `${issuer}/service/v1/oauth/userinfo`, { headers });
      if (userinfo.kind === 'answered' && /^application\/jwt/.test(userinfo.headers['content-type'] ?? '')) {
        await notes.idToken('userinfo.jwt', userinfo.body, keySet, undefined);
      }
      await visit('identity', `${issuer}/service/v1/user/identity/general`, { headers });
      await visit('mobile', `${issuer}/service/v1/user/primaryMobileNumber`, { headers });
      return { seen: notes.seen, journey, took, places, ...back, tokens: { access, id: String(token.id_token) } };

      /** The citizen's way from the link to wherever it ends, with the pages on it. */
      async function walkThrough(url: string): Promise<{ journey: string; code?: string; end?: Screen }> {
        const names: string[] = [];
        let newestCode: string | undefined;
        const seenAt = (screen: Screen): Screen => {
          names.push(screen.left ? 'away' : [screen.page, screen.reason].filter(Boolean).join(':'));
          return screen;
        };
        const finish = (journey: string, end?: Screen) => {
          notes.list('pages', names);
          return { journey, ...(newestCode && { code: newestCode }), ...(end && { end }) };
        };
        const first = await browser.open(url).catch((error: NodeJS.ErrnoException) => {
          names.push(`cut ${error.code}`);
        });
        if (!first) return finish('');
        seenAt(first);
        const uid = /\/journey\/([^/?]+)/.exec(first.url)?.[1] ?? '';
        if (first.page !== 'mobile') return finish(uid, first);
        const captcha = seenAt(
          await browser.press(first, 'mobile-continue', { mobile: nationalForm(person.typed.mobile) }),
        );
        let screen = seenAt(await browser.press(captcha, 'captcha-continue', { captcha: 'aaaaaa' }));
        if (screen.page === 'verification' && resends) screen = seenAt(await browser.press(screen, 'resend'));
        if (screen.page === 'verification') {
          const { code } = await control('GET', `/journeys/${uid}`);
          newestCode = code;
          screen = seenAt(await browser.press(screen, 'verification-submit', { code, ...identityOf(person) }));
        }
        if (screen.page === 'consent') return finish(uid, seenAt(await browser.press(screen, `consent-${decision}`)));
        return finish(uid, screen.page === 'error' ? seenAt(await browser.press(screen, 'leave')) : screen);
      }
    },

    async arm(fault, target, more = {}) {
      const { id } = await control('POST', '/armed', { fault, ...target, ...more });
      return {
        id,
        fault,
        delivered: async () => (await control('GET', `/armed/${id}`)).delivered,
        disarm: () => control('DELETE', `/armed/${id}`),
      };
    },

    async deliveredAt(fault, after) {
      return (await exchanges(after)).filter((one) => one.delivered.includes(fault)).map(({ endpoint }) => endpoint);
    },

    now,
    close: emta.close,
  };
}

/** The names under which two logins differ, for the places that both reached. */
export function differences(before: Login, after: Login): readonly string[] {
  const names = [...new Set([...before.seen.keys(), ...after.seen.keys()])];
  const reached = (login: Login, name: string) => [...login.seen.keys()].some((key) => placeOf(key) === placeOf(name));
  return names
    .filter((name) => reached(before, name) && reached(after, name) && before.seen.get(name) !== after.seen.get(name))
    .sort();
}

/** The places that the first login reached and the second did not. */
export function missed(before: Login, after: Login): readonly string[] {
  const reached = new Set([...after.seen.keys()].map(placeOf));
  return [...new Set([...before.seen.keys()].map(placeOf))].filter((place) => !reached.has(place));
}

const placeOf = (name: string): string => name.split(' ')[0] ?? '';

const VOLATILE = new Set(['date', 'content-length', 'x-request-id', 'set-cookie', 'connection', 'keep-alive']);
const INSTANTS = new Set(['iat', 'exp', 'nbf', 'auth_time', 'phone_number_verified_at']);
const HALF_MINUTE = 30;

/** Codes of jose, in words. */
const UNSOUND: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'unsound',
  ERR_JWKS_NO_MATCHING_KEY: 'by a key that is not published',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'by one of several keys',
};

/** Collects what is seen, with what is new in each login replaced by its meaning. */
class Notes {
  readonly seen = new Map<string, string>();
  readonly #own: Map<string, string>;

  constructor(own: Texts) {
    this.#own = new Map(Object.entries(own).map(([name, value]) => [value, `(own ${name})`]));
  }

  list(place: string, values: readonly string[]): void {
    this.seen.set(place, values.join(', '));
  }

  answer(place: string, got: Got): void {
    if (got.kind !== 'answered') {
      this.seen.set(`${place} ending`, got.kind);
      return;
    }
    this.seen.set(`${place} ending`, 'answered');
    this.seen.set(`${place} status`, String(got.status));
    for (const [name, value] of Object.entries(got.headers)) {
      if (!VOLATILE.has(name)) this.seen.set(`${place} header.${name}`, this.#meaning(value));
    }
    const members = membersOf(got.body);
    if (members === undefined) {
      const isJwt = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(got.body);
      this.seen.set(`${place} body`, isJwt ? '(a token)' : this.#meaning(got.body));
      return;
    }
    if (got.status === 200) {
      for (const name of ['access_token', 'id_token', 'refresh_token']) {
        const value = members.get(name);
        if (value !== undefined) this.#own.set(JSON.parse(value), `(own ${name})`);
      }
    }
    for (const [name, value] of members) this.seen.set(`${place} ${name}`, this.#timed(name, value));
  }

  callback({ url, params, mode }: Arrived): void {
    this.seen.set('callback to', `${url.origin}${url.pathname}`);
    this.seen.set('callback mode', mode);
    const code = params.get('code');
    if (code !== null) this.#own.set(code, '(own code)');
    for (const name of new Set(params.keys())) {
      this.seen.set(
        `callback ${name}`,
        params
          .getAll(name)
          .map((value) => this.#meaning(value))
          .join(' and '),
      );
    }
  }

  async idToken(place: string, token: string, keySet: JSONWebKeySet, access: string | undefined): Promise<void> {
    const [head = '', payload = '', signature = ''] = token.split('.');
    const decode = (part: string) => Buffer.from(part, 'base64url').toString();
    for (const [name, value] of membersOf(decode(head)) ?? []) this.seen.set(`${place} header.${name}`, value);
    for (const [name, value] of membersOf(decode(payload)) ?? []) {
      const isOwnHash = access && name === 'at_hash' && value === JSON.stringify(hashOf(access));
      this.seen.set(`${place} ${name}`, isOwnHash ? '(of the access token)' : this.#timed(name, value));
    }
    this.seen.set(`${place} signature`, signature === '' ? 'empty' : await this.#signature(token, keySet));
  }

  async #signature(token: string, keySet: JSONWebKeySet): Promise<string> {
    const { alg } = decodeProtectedHeader(token);
    try {
      if (alg === 'HS256') return await this.#sharedSecret(token, keySet);
      await compactVerify(token, createLocalJWKSet(keySet), { crit: { emta_unknown: true } });
      return 'sound';
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
      return UNSOUND[code] ?? code;
    }
  }

  /** What an HS256 signature is keyed by. */
  async #sharedSecret(token: string, { keys: [first] }: JSONWebKeySet): Promise<string> {
    const publicKey = await importJWK({ ...first }, 'RS256', { extractable: true });
    const pem = publicKey instanceof Uint8Array ? '' : `${(await exportSPKI(publicKey)).trimEnd()}\n`;
    for (const [name, key] of Object.entries({ 'the client secret': secret, 'the public key': pem })) {
      const [head, payload, signature] = token.split('.');
      const wanted = createHmac('sha256', key).update(`${head}.${payload}`).digest('base64url');
      if (wanted === signature) return `HS256 by ${name}`;
    }
    return 'unsound';
  }

  #timed(name: string, value: string): string {
    const instant = Number(value);
    if (!INSTANTS.has(name) || !Number.isFinite(instant)) return this.#meaning(value);
    return `now ${Math.round((instant - Date.now() / 1000) / HALF_MINUTE)}`;
  }

  #meaning(value: string | readonly string[] | undefined): string {
    let text = String(value);
    for (const [own, meaning] of this.#own) text = text.replaceAll(own, meaning);
    return text;
  }
}

/** Members of a JSON object as JSON texts, one that stands there twice with both; undefined for anything else. */
function membersOf(text: string): ReadonlyMap<string, string> | undefined {
  if (!isObject(text)) return undefined;
  const members = new Map(
    Object.entries(JSON.parse(text) as object).map(([name, value]) => [name, JSON.stringify(value)]),
  );
  const subjects = [...text.matchAll(/"sub":("[^"]*")/g)].map(([, sub = '']) => sub);
  if (subjects.length > 1) members.set('sub', subjects.join(' and '));
  return members;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function jsonOf(got: Got): Readonly<Record<string, unknown>> {
  return got.kind === 'answered' && isObject(got.body) ? JSON.parse(got.body) : {};
}

interface Arrived {
  readonly url: URL;
  readonly params: URLSearchParams;
  readonly mode: 'query' | 'form_post';
}

/** What the browser carries back; undefined where it stays at Emta. */
function answerOf(screen: Screen): Arrived | undefined {
  if (screen.left) return { url: screen.left, params: screen.left.searchParams, mode: 'query' };
  const form = screen.$('form[action^="http"]');
  const action = form.attr('action');
  if (!action || new URL(action).origin === new URL(screen.url).origin) return undefined;
  const params = new URLSearchParams();
  form.find('input[name]').each((_, field) => {
    params.append(screen.$(field).attr('name') ?? '', screen.$(field).attr('value') ?? '');
  });
  return { url: new URL(action), params, mode: 'form_post' };
}

function hashOf(access: string): string {
  return createHash('sha256').update(access).digest().subarray(0, 16).toString('base64url');
}

/** Which of the wordings a message has. */
function formOf(text: string): string {
  if (text === '') return 'empty';
  if (text.includes('لغو')) return 'opt_out';
  return /\n\n@/.test(text) ? 'origin_bound' : 'plain';
}
