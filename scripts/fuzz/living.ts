import { request } from 'node:http';
import type { Template } from './templates.ts';

/** What lives in the Emta under test, by the names that templates use. */
export type Living = ReadonlyMap<string, string>;

export const secret = 'made-up-secret-of-the-fuzzed-shop-that-opens-nothing';

const PATIENCE = 20_000;
const redirectUri = 'http://127.0.0.1:9/cb';

/** The relying parties that the requests speak of. */
export const clients = [
  {
    client_id: 'shop',
    client_secret: secret,
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: ['http://127.0.0.1:9/'],
    scope: 'openid offline_access user:identity:general user:primaryMobileNumber',
    grant_types: ['authorization_code', 'refresh_token'],
  },
  {
    client_id: 'key-shop',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [] },
  },
] as const;

interface Person {
  readonly mobile: string;
  readonly nationalCode: string;
  readonly birth: { readonly year: string; readonly month: string; readonly day: string };
}

/** Keeps cookies and follows nothing. */
class Visitor {
  readonly #base: string;
  readonly #cookies = new Map<string, string>();

  constructor(base: string) {
    this.#base = base;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const answer = await ask(new URL(path, this.#base).href, {
      headers: { cookie: this.cookie },
      ...(form && { form }),
    });
    for (const line of answer.cookies) {
      const [pair = ''] = line.split(';');
      const sign = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, sign), pair.slice(sign + 1));
    }
    return answer;
  }
}

interface Answer {
  readonly status: number;
  readonly location: string;
  readonly cookies: readonly string[];
  readonly text: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
}

/** One request over a connection of its own, so that nothing stays open behind it. */
function ask(url: string, { method, headers = {}, form, json }: Asking = {}): Promise<Answer> {
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form).toString();
  const type = json ? 'application/json' : 'application/x-www-form-urlencoded';
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent: false,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      timeout: PATIENCE,
      headers: { ...headers, ...(body !== undefined && { 'content-type': type }) },
    });
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { location = '', 'set-cookie': cookies = [] } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, location, cookies, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`expected an answer from ${url} within ${PATIENCE} ms`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const steps = ['mobile', 'captcha', 'verification', 'consent'] as const;

/**
 * Walks soundly through everything, to each step once and once to the end, so that hostile requests find journeys,
 * codes and tokens that live. That this succeeds is also the sign that Emta still works.
 */
export async function findLiving(base: string, person: Person): Promise<Living> {
  const living = new Map<string, string>([
    ['secret', secret],
    ['national_code', person.nationalCode],
  ]);
  await control(base, 'DELETE', '/armed');
  for (const client of clients) await control(base, 'PUT', `/clients/${client.client_id}`, client);
  for (const step of steps) {
    const { visitor, uid, csrf } = await walkTo(base, step, person);
    living.set(`${step}.uid`, uid).set(`${step}.csrf`, csrf).set(`${step}.cookie`, visitor.cookie);
    living.set('csrf', csrf);
  }
  const first = await codeOf(base, person);
  const tokens = await post(base, '/service/v1/oauth/token', {
    grant_type: 'authorization_code',
    code: first,
    redirect_uri: redirectUri,
    client_id: 'shop',
    client_secret: secret,
  });
  for (const name of ['access_token', 'id_token', 'refresh_token']) living.set(name, text(tokens, name));
  living.set('code', await codeOf(base, person));
  const pushed = await post(base, '/oauth/par', {
    response_type: 'code',
    client_id: 'shop',
    client_secret: secret,
    redirect_uri: redirectUri,
    scope: 'openid',
    state: 'pushed',
  });
  return living.set('request_uri', text(pushed, 'request_uri'));
}

/** A template with what lives in its places. */
export function filled(template: Template, living: Living): Template {
  const fill = (value: string) => fillIn(value, living);
  const all = (pairs: Readonly<Record<string, string>> | undefined) =>
    pairs && Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, fill(value)]));
  const { path, query, form, headers } = template;
  return {
    ...template,
    path: fill(path),
    ...(query && { query: all(query) ?? {} }),
    ...(form && { form: all(form) ?? {} }),
    ...(headers && { headers: all(headers) ?? {} }),
  };
}

export function fillIn(value: string, living: Living): string {
  return value.replaceAll(/\{([\w.]+)\}/g, (whole, name: string) => living.get(name) ?? whole);
}

async function walkTo(base: string, until: (typeof steps)[number] | 'end', person: Person) {
  const visitor = new Visitor(base);
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'shop',
    redirect_uri: redirectUri,
    scope: 'openid offline_access user:identity:general user:primaryMobileNumber',
    prompt: 'consent',
    state: 'sound',
  });
  const begun = await visitor.ask(`/oauth/authorize?${query}`);
  const path = new URL(begun.location, base).pathname.replace(/\/mobile$/, '');
  const uid = path.split('/').at(-1) ?? '';
  const { text: page } = await visitor.ask(`${path}/mobile`);
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const post = (name: string, form: Readonly<Record<string, string>>) =>
    visitor.ask(`${path}/${name}`, { csrf, ...form });
  const order = [...steps, 'end'] as const;
  for (const step of order.slice(0, order.indexOf(until))) {
    switch (step) {
      case 'mobile':
        await post(step, { mobile: person.mobile });
        break;
      case 'captcha':
        await post(step, { captcha: 'aaaaaa' });
        break;
      case 'verification': {
        const code = text(await control(base, 'GET', `/journeys/${uid}`), 'code');
        const { year, month, day } = person.birth;
        const identity = { national_code: person.nationalCode, birth_year: year, birth_month: month, birth_day: day };
        await post(step, { code, ...identity });
        break;
      }
      default:
        return { visitor, uid, csrf, end: await post('consent', { decision: 'grant' }) };
    }
  }
  return { visitor, uid, csrf, end: undefined };
}

async function codeOf(base: string, person: Person): Promise<string> {
  const { visitor, end } = await walkTo(base, 'end', person);
  const back = await visitor.ask(end?.location ?? '');
  const { location } = back;
  const code = URL.canParse(location) ? new URL(location).searchParams.get('code') : null;
  if (code === null) throw new Error(`expected a sound login to end with a code, got ${back.status} ${location}`);
  return code;
}

async function control(base: string, method: string, path: string, body?: object): Promise<unknown> {
  return soundJson(await ask(`${base}/_emta/v1${path}`, { method, ...(body && { json: body }) }), `${method} ${path}`);
}

async function post(base: string, path: string, form: Readonly<Record<string, string>>): Promise<unknown> {
  return soundJson(await ask(`${base}${path}`, { form }), path);
}

function soundJson({ status, text: json }: Answer, what: string): unknown {
  if (status >= 300) throw new Error(`expected ${what} to succeed, got ${status} ${json}`);
  return json === '' ? undefined : JSON.parse(json);
}

/** The description of the control interface, by itself. */
export async function readOpenApi(base: string): Promise<unknown> {
  return control(base, 'GET', '/openapi.json');
}

function text(value: unknown, name: string): string {
  const found =
    typeof value === 'object' && value !== null ? Object.entries(value).find(([known]) => known === name) : undefined;
  if (typeof found?.[1] !== 'string') throw new Error(`expected a text "${name}" in ${JSON.stringify(value)}`);
  return found[1];
}
