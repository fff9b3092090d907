import { type AgentOptions, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Jar } from './jar.ts';
import { createReader, type Page, resolve } from './page.ts';
import { isLoopback, type Sites } from './site.ts';

/** One request that a browser is about to make. */
export interface PlannedRequest {
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly url: string;
  /** The fields of a form, in order. */
  readonly form?: readonly (readonly [string, string])[];
}

/** What made the browser go there. */
export type Cause = 'typed' | 'link' | 'form' | 'redirect' | 'refresh' | 'script' | 'fetch';

/** One request and its answer. */
export interface Hop {
  readonly method: string;
  readonly url: string;
  readonly cause: Cause;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  readonly sentCookies: readonly string[];
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: string;
  readonly milliseconds: number;
}

/** How a step of a browser came to its end. All of them are observations, none is an exception. */
export type Ending =
  | { readonly kind: 'page' }
  /** Held back before this request, because the caller asked for it. */
  | {
      readonly kind: 'held';
      readonly next: PlannedRequest;
      /** How it came about. */
      readonly cause?: Cause;
      readonly from?: string | undefined;
    }
  | { readonly kind: 'loop'; readonly next: string }
  | { readonly kind: 'silence'; readonly url: string; readonly milliseconds: number }
  | { readonly kind: 'broken'; readonly url: string; readonly code: string; readonly message: string }
  /** A host that nobody named: written down, not visited. */
  | { readonly kind: 'off-limits'; readonly url: string; readonly cause: Cause };

/** All hops of one step, and what is left on the screen. */
export interface Trace {
  readonly hops: readonly Hop[];
  readonly ending: Ending;
  readonly page?: Page;
  /** What scripts of the pages asked for; only a browser has them. */
  readonly calls?: readonly Hop[];
  /** The last page as it was seen, values of citizens blanked: a JPEG in base64; only a browser has it. */
  readonly picture?: string;
}

/** Every answer of a step that a person's browser got, whether it moved the page or not. */
export const answersOf = ({ hops, calls = [] }: Trace): readonly Hop[] => [...hops, ...calls];

/** One step after another, told as one. */
export function joined(before: Trace, after: Trace): Trace {
  const calls = [...(before.calls ?? []), ...(after.calls ?? [])];
  return { ...after, hops: [...before.hops, ...after.hops], ...(calls.length === 0 ? {} : { calls }) };
}

export interface StepOptions {
  /** The page on which a link or button was pressed; none: the address was typed. */
  readonly from?: string;
  /** `Referrer-Policy` of that page. */
  readonly cause?: Cause;
  /** Held back instead of made. */
  readonly holdBefore?: (next: PlannedRequest) => boolean;
  /** Looks like a script's request for data, not like a navigation. */
  readonly asFetch?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly hops?: number;
  readonly milliseconds?: number;
  /** No picture is wanted of where this step ends. */
  readonly isGlance?: boolean;
}

export interface UserAgent {
  /** Goes there and on, until something stays on the screen. */
  visit(jar: Jar, first: PlannedRequest, options?: StepOptions): Promise<Trace>;
  /** Nobody will use these jars any more. */
  forget?(jars: Iterable<Jar>): Promise<void>;
}

export interface UserAgentOptions {
  readonly sites: Sites;
  readonly locale: string;
  readonly now: () => number;
  /** Hosts beside loopback that may be visited. */
  readonly hosts: ReadonlySet<string>;
  /** Certificate authority for https targets beyond loopback. */
  readonly ca?: string;
  /** Whether connections to an origin stay open for the next request. */
  readonly keepsOpen?: (origin: string) => boolean;
}

export const HOPS_A_STEP = 12;
export const MILLISECONDS_A_STEP = 15_000;
const BODY_LIMIT = 4_000_000;
/** After so long without a request a connection is closed, before most servers would. */
const IDLE_MILLISECONDS = 1000;
/** So many idle connections to one origin stay open. */
export const MOST_IDLE = 8;
const CHROME = '141';

export const redirects = new Set([301, 302, 303, 307, 308]);

const languages = (locale: string) =>
  locale.startsWith('fa') ? 'fa-IR,fa;q=0.9,en-US;q=0.8,en;q=0.7' : `${locale},en-US;q=0.9,en;q=0.8`;

const isOf = (error: unknown): error is Error & { readonly code?: string } =>
  typeof error === 'object' && error !== null && 'message' in error;

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: string;
  /** The body before it was read as text. */
  readonly bytes: Uint8Array;
}

/** The codes that a browser carried, in addresses and in forms. */
export const codesIn = (hops: readonly Pick<Hop, 'url' | 'requestBody'>[]): ReadonlySet<string> =>
  new Set(
    hops.flatMap(({ url, requestBody }) =>
      [new URL(url).searchParams.get('code'), new URLSearchParams(requestBody).get('code')].flatMap(
        (code) => code ?? [],
      ),
    ),
  );

/** What became of one request. */
export type Sent =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'silence' }
  | { readonly kind: 'broken'; readonly code: string; readonly message: string };

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(body);
  if (encoding === 'deflate') return inflateSync(body);
  if (encoding === 'br') return brotliDecompressSync(body);
  return body;
}

const loopback = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Browsers take localhost and every name under it for this machine and ask no resolver (RFC 6761 section 6.3). Both
 * addresses are tried, as node does by itself; where nobody listens this machine says so at once, so that a quarter of
 * a second, after which node gives an address up, would only punish a process that is busy.
 */
const toLoopback: LookupFunction = (_name, options, answer) =>
  options.all === true ? answer(null, loopback) : answer(null, '127.0.0.1', 4);
const isLocalName = (hostname: string) => hostname === 'localhost' || hostname.endsWith('.localhost');

/** Keeps connections open for the next request. */
export const keepingAgent = (protocol: string, options: Omit<AgentOptions, 'keepAlive'>): HttpAgent =>
  new (protocol === 'https:' ? HttpsAgent : HttpAgent)({ ...options, keepAlive: true });

/** Makes one request, over a connection of its own unless an agent keeps some open. */
export function send(
  planned: { readonly method: string; readonly url: string },
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  within: number,
  ca: string | undefined,
  agent: HttpAgent | false = false,
): Promise<Sent> {
  const url = new URL(planned.url);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((settle) => {
    const deadline = setTimeout(
      () => {
        settle({ kind: 'silence' });
        outgoing.destroy();
      },
      Math.max(within, 1),
    );
    const finish = (sent: Sent) => {
      clearTimeout(deadline);
      settle(sent);
    };
    const fail = (error: unknown) =>
      finish({
        kind: 'broken',
        code: isOf(error) ? (error.code ?? error.name) : 'unknown',
        message: isOf(error) ? error.message : String(error),
      });
    let arrived: IncomingMessage | undefined;
    const outgoing = request(
      url,
      {
        method: planned.method,
        headers,
        agent,
        ...(isLocalName(url.hostname)
          ? { lookup: toLoopback, autoSelectFamilyAttemptTimeout: Math.max(Math.ceil(within), 1) }
          : {}),
        ...(url.protocol === 'https:'
          ? isLoopback(url.hostname)
            ? { rejectUnauthorized: false }
            : ca === undefined
              ? {}
              : { ca }
          : {}),
      },
      (incoming) => {
        arrived = incoming;
        const chunks: Buffer[] = [];
        let length = 0;
        incoming.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= BODY_LIMIT) chunks.push(chunk);
        });
        incoming.on('error', fail);
        incoming.on('end', () => {
          if (!incoming.complete)
            return fail(Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' }));
          const flat: Record<string, string> = {};
          for (const [name, value] of Object.entries(incoming.headers)) {
            if (value !== undefined && name !== 'set-cookie')
              flat[name] = Array.isArray(value) ? value.join(', ') : value;
          }
          try {
            const bytes = decoded(Buffer.concat(chunks), flat['content-encoding']);
            finish({
              kind: 'answer',
              answer: {
                status: incoming.statusCode ?? 0,
                statusText: incoming.statusMessage ?? '',
                headers: flat,
                setCookies: incoming.headers['set-cookie'] ?? [],
                body: bytes.toString('utf8'),
                bytes,
              },
            });
          } catch (error) {
            // zlib refuses a body that is not what its header says: evidence like any other broken framing
            fail(error);
          }
        });
      },
    );
    // Bytes after a whole answer are the business of C28, which looks at the connection; a browser shows the answer.
    outgoing.on('error', (error) => {
      if (arrived?.complete !== true) fail(error);
    });
    outgoing.end(body);
  });
}

/** The fields of a form as parameters, in order. */
export function formParameters(fields: readonly (readonly [string, string])[]): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

/** Header bytes that are UTF-8 come out of node as Latin-1. */
export function asUtf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1').toString('utf8');
  return bytes.includes('\ufffd') ? text : bytes;
}

export function secFetchSite(sites: Sites, initiator: string | undefined, chain: readonly string[]): string {
  if (initiator === undefined) return 'none';
  const { origin } = new URL(initiator);
  const site = sites.siteOf(initiator);
  if (chain.every((url) => new URL(url).origin === origin)) return 'same-origin';
  return chain.every((url) => sites.siteOf(url) === site) ? 'same-site' : 'cross-site';
}

function referer(from: string | undefined, target: string, policy: string): string | undefined {
  if (from === undefined || /no-referrer(?!-)/.test(policy)) return undefined;
  const source = new URL(from);
  const full = `${source.origin}${source.pathname}${source.search}`;
  const isSame = source.origin === new URL(target).origin;
  if (/unsafe-url/.test(policy)) return full;
  if (/same-origin/.test(policy) && !isSame) return undefined;
  if (/(?:^|[\s,])(?:strict-)?origin(?:[\s,]|$)/.test(policy)) return `${source.origin}/`;
  return isSame ? full : `${source.origin}/`;
}

const agentName = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${CHROME}.0.0.0 Safari/537.36`;

/** How the browser names itself, the same in every request. */
export const identity = (locale: string) => ({
  'sec-ch-ua': `"Chromium";v="${CHROME}", "Not?A_Brand";v="8"`,
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'user-agent': agentName,
  'accept-encoding': 'gzip, deflate, br',
  'accept-language': languages(locale),
});

/** How a request came about, as far as its headers tell of it. */
export interface Way {
  readonly cause: Cause;
  /** The page that caused it; none: the address was typed. */
  readonly initiator: string | undefined;
  /** The addresses since then, this one last. */
  readonly chain: readonly string[];
  /** `Referrer-Policy` of that page. */
  readonly policy: string;
  /** The origin that the caller's own headers go to. */
  readonly home: string;
}

/** The headers of a navigation, or of a script's request for data, as a browser sends them. */
export function headersOf(
  { sites, locale }: Pick<UserAgentOptions, 'sites' | 'locale'>,
  planned: PlannedRequest,
  { cause, initiator, chain, policy, home }: Way,
  step: Pick<StepOptions, 'asFetch' | 'headers'>,
): Record<string, string> {
  const isUser = cause === 'typed' || cause === 'link' || cause === 'form';
  const site = secFetchSite(sites, initiator, chain);
  const from = referer(initiator, planned.url, policy);
  const headers: Record<string, string> = {
    host: new URL(planned.url).host,
    ...identity(locale),
    'sec-fetch-site': site,
    ...(step.asFetch === true
      ? { accept: 'application/json, text/plain, */*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
      : {
          accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
          'upgrade-insecure-requests': '1',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
          ...(isUser || cause === 'redirect' ? { 'sec-fetch-user': '?1' } : {}),
        }),
  };
  if (from !== undefined) headers.referer = from;
  if (planned.method === 'POST' && initiator !== undefined) {
    headers.origin =
      chain.length > 1 && site === 'cross-site' && cause === 'redirect' ? 'null' : new URL(initiator).origin;
  }
  // what a caller adds goes to the host it began at, never to Emta
  return new URL(planned.url).origin === home ? { ...headers, ...step.headers } : headers;
}

/** Whether a browser of this run may go there. */
export function isAllowed(hosts: ReadonlySet<string>, url: string): boolean {
  const { hostname, protocol } = new URL(url);
  return /^https?:$/.test(protocol) && (isLoopback(hostname) || hosts.has(hostname));
}

/** A browser without a window: `node:http`, a jar, redirects, refreshes and forms that send themselves. */
export function createUserAgent(options: UserAgentOptions): UserAgent {
  const { sites, keepsOpen } = options;
  const kept = { maxFreeSockets: MOST_IDLE, timeout: IDLE_MILLISECONDS };
  const agents = { 'http:': keepingAgent('http:', kept), 'https:': keepingAgent('https:', kept) };
  const read = createReader();
  const agentFor = ({ origin, protocol }: URL): HttpAgent | false =>
    keepsOpen?.(origin) === true && agents[protocol === 'https:' ? 'https:' : 'http:'];

  return {
    async visit(jar, first, step = {}) {
      const hops: Hop[] = [];
      const deadline = performance.now() + (step.milliseconds ?? MILLISECONDS_A_STEP);
      let next: PlannedRequest = first;
      let cause: Cause =
        step.cause ??
        (step.asFetch === true
          ? 'fetch'
          : step.from === undefined
            ? 'typed'
            : first.method === 'POST'
              ? 'form'
              : 'link');
      let initiator = step.from;
      let policy = '';
      let chain: string[] = [];
      for (;;) {
        if (step.holdBefore?.(next) === true) return { hops, ending: { kind: 'held', next, cause, from: initiator } };
        if (!isAllowed(options.hosts, next.url)) return { hops, ending: { kind: 'off-limits', url: next.url, cause } };
        if (hops.length >= (step.hops ?? HOPS_A_STEP)) return { hops, ending: { kind: 'loop', next: next.url } };
        chain.push(next.url);
        const body = next.form === undefined || next.method === 'GET' ? '' : formParameters(next.form).toString();
        const home = new URL(first.url).origin;
        const headers = headersOf(options, next, { cause, initiator, chain, policy, home }, step);
        const now = options.now();
        const sameSite = initiator === undefined || sites.siteOf(initiator) === sites.siteOf(next.url);
        const cookies = await jar.headerFor(next.url, { sameSite, method: next.method, now });
        if (cookies.header !== '') headers.cookie = cookies.header;
        if (next.method === 'POST') {
          headers['content-type'] ??= 'application/x-www-form-urlencoded';
          headers['content-length'] = String(Buffer.byteLength(body));
        }
        const started = performance.now();
        const sent = await send(next, headers, body, deadline - started, options.ca, agentFor(new URL(next.url)));
        const milliseconds = Math.round(performance.now() - started);
        const asked = {
          method: next.method,
          url: next.url,
          cause,
          requestHeaders: headers,
          requestBody: body,
          sentCookies: cookies.names,
        };
        if (sent.kind !== 'answer') {
          hops.push({
            ...asked,
            status: 0,
            statusText: sent.kind,
            headers: {},
            setCookies: [],
            body: '',
            milliseconds,
          });
          const ending: Ending =
            sent.kind === 'silence'
              ? { kind: 'silence', url: next.url, milliseconds }
              : { kind: 'broken', url: next.url, code: sent.code, message: sent.message };
          return { hops, ending };
        }
        const { bytes: _, ...answer } = sent.answer;
        hops.push({ ...asked, ...answer, milliseconds });
        await jar.store(next.url, answer.setCookies, options.now());

        const location = redirects.has(answer.status) ? answer.headers.location : undefined;
        const target = location === undefined ? undefined : resolve(asUtf8(location), next.url);
        if (target !== undefined) {
          const keepsBody = answer.status === 307 || answer.status === 308;
          next =
            keepsBody && next.method === 'POST'
              ? { ...next, url: target }
              : { method: next.method === 'HEAD' ? 'HEAD' : 'GET', url: target };
          cause = 'redirect';
          continue;
        }
        const page = read({
          url: next.url,
          status: answer.status,
          contentType: answer.headers['content-type'] ?? '',
          body: answer.body,
          refresh: answer.headers.refresh,
        });
        const { refresh } = page;
        const form =
          /<form/i.test(answer.body) && /<script|onload/i.test(answer.body)
            ? page.forms.find((candidate) => candidate.submitsItself)
            : undefined;
        const onward: readonly [PlannedRequest, Cause] | undefined =
          step.asFetch === true
            ? undefined
            : refresh?.seconds === 0
              ? [{ method: 'GET', url: refresh.url }, 'refresh']
              : form !== undefined
                ? [submission(form), 'script']
                : page.scriptedMove !== undefined
                  ? [{ method: 'GET', url: page.scriptedMove }, 'script']
                  : undefined;
        if (onward === undefined) return { hops, ending: { kind: 'page' }, page };
        [next, cause] = onward;
        initiator = page.url;
        policy = answer.headers['referrer-policy'] ?? '';
        chain = [];
      }
    },
  };
}

/** The request that a form makes, with changed or added fields; of the buttons only the one pressed is sent. */
export function submission(
  form: { readonly action: string; readonly method: 'GET' | 'POST'; readonly fields: Page['forms'][number]['fields'] },
  changes: Readonly<Record<string, string>> = {},
  button?: { readonly name: string; readonly value: string },
): PlannedRequest {
  const pairs: [string, string][] = [];
  const left = new Map(Object.entries(changes));
  for (const field of form.fields) {
    if (field.name === '' || ['submit', 'button', 'image', 'reset', 'file'].includes(field.type)) continue;
    const changed = left.get(field.name);
    if (field.type === 'radio') {
      if (changed === undefined ? field.checked : changed === field.value) pairs.push([field.name, field.value]);
      continue;
    }
    if (field.type === 'checkbox' && changed === undefined && !field.checked) continue;
    pairs.push([field.name, changed ?? field.value]);
    left.delete(field.name);
  }
  for (const [name, value] of left) if (!pairs.some(([known]) => known === name)) pairs.push([name, value]);
  if (button !== undefined && button.name !== '') pairs.push([button.name, button.value]);
  if (form.method === 'POST') return { method: 'POST', url: form.action, form: pairs };
  const url = new URL(form.action);
  url.search = new URLSearchParams(pairs).toString();
  return { method: 'GET', url: url.href };
}
