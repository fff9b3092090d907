import type { Exchange } from '../../journal/journal.ts';
import { parseJson } from '../../kernel/json-text.ts';
import type { Json } from '../../kernel/ports.ts';
import type { MessageKey } from '../message.ts';
import { type Explanation, explain, type Facts } from './explain.ts';
import type { ExchangeView, ExplanationView, Pair } from './pages.ts';

const ABOUT = {
  discovery: 'console.exchange.discovery',
  jwks: 'console.exchange.jwks',
  authorize: 'console.exchange.authorize',
  resume: 'console.exchange.resume',
  par: 'console.exchange.par',
  token: 'console.exchange.token',
  userinfo: 'console.exchange.userinfo',
  identity: 'console.exchange.identity',
  mobile: 'console.exchange.mobile',
  email: 'console.exchange.email',
  status: 'console.exchange.status',
  logout: 'console.exchange.logout',
  introspect: 'console.exchange.introspect',
  revoke: 'console.exchange.revoke',
  register: 'console.exchange.register',
  trap: 'console.exchange.trap',
} as const satisfies Readonly<Record<string, MessageKey>>;

const isKnown = (endpoint: string): endpoint is keyof typeof ABOUT => Object.hasOwn(ABOUT, endpoint);

/** One exchange, as the console shows it. */
export function exchangeView(exchange: Exchange, facts: Facts): ExchangeView {
  const { request, response, endpoint } = exchange;
  const explanation = explain(exchange, facts);
  const body = textOf(response.body);
  const token = claimsIn(response.body);
  return {
    seq: exchange.seq,
    at: exchange.at,
    about: { key: isKnown(endpoint) ? ABOUT[endpoint] : 'console.exchange.unknown' },
    method: request.method,
    path: request.url.split('?')[0] ?? '',
    status: response.status,
    // this one the relying party will refuse, and Emta did not
    isRefused: explanation !== undefined && explanation.kind !== 'issuer_by_other_name',
    ...(exchange.clientId && { client: exchange.clientId }),
    faults: exchange.delivered,
    ...(explanation && { explanation: explanationView(explanation) }),
    query: pairsOf(request.query),
    form: pairsOf(request.form),
    requestHeaders: pairsOf(request.headers),
    responseHeaders: pairsOf(response.headers),
    ...(body && { body }),
    ...(token && { token }),
  };
}

function explanationView({ kind, rule, expected, received }: Explanation): ExplanationView {
  return {
    title: { key: `console.explain.${kind}.title` },
    rule,
    expected: { key: `console.explain.${kind}.expected` },
    expectedValues: expected,
    receivedValues: received,
    cause: { key: `console.explain.${kind}.cause` },
  };
}

function pairsOf(value: Json): readonly Pair[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  // A header that came several times is a list.
  return Object.entries(value).flatMap(([name, member]) =>
    (Array.isArray(member) ? member : [member]).map((one: Json) => ({
      name,
      value: typeof one === 'string' ? one : JSON.stringify(one),
    })),
  );
}

function textOf(body: Json): string | undefined {
  const parsed = jsonOf(body);
  if (parsed === null || parsed === '') return undefined;
  return typeof parsed === 'string' ? parsed : JSON.stringify(parsed, null, 2);
}

/** Header and claims of the ID token of a token response. */
function claimsIn(body: Json): string | undefined {
  const parsed = jsonOf(body);
  if (typeof parsed !== 'object' || parsed === null || !('id_token' in parsed)) return undefined;
  const parts = String(parsed.id_token).split('.').slice(0, 2);
  if (parts.length < 2) return undefined;
  return parts.map((part) => prettyOr(Buffer.from(part, 'base64url').toString())).join('\n');
}

function prettyOr(text: string): string {
  const parsed = jsonOf(text);
  return typeof parsed === 'string' ? parsed : JSON.stringify(parsed, null, 2);
}

/** A tampered answer is a text, and need not be the JSON that it should be. */
function jsonOf(body: Json): Json {
  if (typeof body !== 'string' || !/^[[{]/.test(body)) return body;
  const parsed = parseJson(body);
  return parsed.ok ? parsed.value : body;
}
