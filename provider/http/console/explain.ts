import type { Exchange } from '../../journal/journal.ts';
import { parseJson } from '../../kernel/json-text.ts';
import type { Json } from '../../kernel/ports.ts';
import { allScopes, type Client } from '../../oidc/clients.ts';
import { LOOPBACK } from '../friends.ts';

/** A slip of the relying party that we can tell from others. Each has words under `console.explain.{kind}.*`. */
const explanationKinds = [
  'unknown_client',
  'redirect_uri_unregistered',
  'redirect_uri_mismatch',
  'wrong_secret',
  'wrong_auth_method',
  'no_client_authentication',
  'client_assertion',
  'pkce_mismatch',
  'pkce_verifier_missing',
  'pkce_not_started',
  'pkce_method',
  'pkce_format',
  'code_reused',
  'code_expired',
  'code_unknown',
  'code_of_other_client',
  'refresh_token',
  'unknown_scope',
  'missing_binding',
  'missing_parameter',
  'doubled_parameter',
  'response_type',
  'grant_type',
  'content_type',
  'prompt_none',
  'token_missing',
  'token_invalid',
  'insufficient_scope',
  'logout_redirect',
  'cookie_lost',
  'issuer_by_other_name',
  'other',
] as const;

export type ExplanationKind = (typeof explanationKinds)[number];

/** Why Emta refused, for a developer. What was expected and why it happens so often are words of the messages. */
export interface Explanation {
  readonly kind: ExplanationKind;
  /** The clause that asks for it. */
  readonly rule: string;
  /** The values that would have passed, where there are such. */
  readonly expected: readonly string[];
  /** What came instead. */
  readonly received: readonly string[];
}

/** What is known besides the exchange itself. */
export interface Facts {
  readonly client?: Client;
  /** Exchanges of the same journey, oldest first; those after this one do not count. */
  readonly others?: readonly Exchange[];
}

/** Errors that tell how a journey ended, and not what the relying party did wrong. */
const NO_SLIP = new Set(['access_denied', 'temporarily_unavailable', 'server_error']);
const CODE_LIFE = 60_000;

/**
 * Explains an answer that refuses the relying party, or that it will refuse; undefined where all is well or an armed
 * fault is to blame.
 */
export function explain(exchange: Exchange, facts: Facts = {}): Explanation | undefined {
  if (exchange.delivered.length > 0) return undefined;
  const error = errorOf(exchange);
  const isRefused = exchange.response.status >= 400 || (error !== undefined && !NO_SLIP.has(error.name));
  if (error && /^(login|consent|interaction|account_selection)_required$/.test(error.name)) {
    return { kind: 'prompt_none', rule: 'OpenID Connect Core 3.1.2.6', expected: [], received: ['prompt=none'] };
  }
  if (!isRefused) return exchange.endpoint === 'discovery' ? ofDiscovery(exchange) : undefined;
  return find(new Reading(exchange, error ?? { name: 'invalid_request', words: '' }, facts));
}

interface WireError {
  readonly name: string;
  /** Description and detail together. */
  readonly words: string;
}

/** One exchange and what can be asked about it. */
class Reading {
  readonly exchange: Exchange;
  readonly error: WireError;
  readonly facts: Facts;

  constructor(exchange: Exchange, error: WireError, facts: Facts) {
    this.exchange = exchange;
    this.error = error;
    this.facts = facts;
  }

  says(pattern: RegExp): boolean {
    return pattern.test(this.error.words);
  }

  /** A parameter of the form or of the query. */
  param(name: string): string {
    return textOf(this.exchange.request.form, name) || textOf(this.exchange.request.query, name);
  }

  header(name: string): string {
    return textOf(this.exchange.request.headers, name);
  }
}

function find(reading: Reading): Explanation {
  const { exchange } = reading;
  switch (exchange.endpoint) {
    case 'authorize':
    case 'par':
      return ofAuthorization(reading) ?? ofClient(reading) ?? other(reading);
    case 'resume':
      return reading.says(/session|cookie|interaction/)
        ? cookieLost(reading)
        : (ofAuthorization(reading) ?? other(reading));
    case 'token':
      return ofClient(reading) ?? ofGrant(reading) ?? ofParameters(reading) ?? other(reading);
    case 'userinfo':
    case 'identity':
    case 'mobile':
    case 'email':
    case 'status':
      return ofBearer(reading);
    case 'logout':
      return ofLogout(reading) ?? other(reading);
    default:
      return ofClient(reading) ?? ofParameters(reading) ?? other(reading);
  }
}

function ofAuthorization(reading: Reading): Explanation | undefined {
  const { error, facts } = reading;
  const asked = reading.param('scope').split(' ').filter(Boolean);
  if (error.name === 'invalid_client' && reading.exchange.endpoint === 'authorize') return unknownClient(reading);
  if (error.name === 'invalid_redirect_uri' || reading.says(/redirect_uri did not match/)) {
    return {
      kind: 'redirect_uri_unregistered',
      rule: 'RFC 9700 section 2.1, RFC 6749 section 3.1.2.3',
      expected: facts.client?.redirect_uris ?? [],
      received: [`redirect_uri=${reading.param('redirect_uri')}`],
    };
  }
  if (error.name === 'invalid_scope') {
    const allowed = facts.client?.scope.split(' ') ?? [...allScopes];
    return {
      kind: 'unknown_scope',
      rule: 'RFC 6749 section 3.3',
      expected: allowed,
      received: asked.filter((scope) => !allowed.includes(scope)),
    };
  }
  if (reading.says(/at least one of state, nonce and code_challenge/)) {
    return {
      kind: 'missing_binding',
      rule: 'RFC 9700 section 2.1',
      expected: ['state', 'nonce', 'code_challenge'],
      received: [],
    };
  }
  if (reading.says(/code_challenge/)) return ofChallenge(reading);
  const responseType = reading.param('response_type');
  if (error.name === 'unsupported_response_type' || (responseType !== '' && responseType !== 'code')) {
    return {
      kind: 'response_type',
      rule: 'RFC 6749 section 3.1.1',
      expected: ['response_type=code'],
      received: [`response_type=${responseType}`],
    };
  }
  // Without a response type no response mode is allowed, and oidc-provider looks at the mode first.
  if (responseType === '' && reading.says(/response_mode/)) {
    return { kind: 'missing_parameter', rule: 'RFC 6749 section 4.1.1', expected: ['response_type'], received: [] };
  }
  return ofParameters(reading);
}

function ofChallenge(reading: Reading): Explanation {
  const method = reading.param('code_challenge_method');
  const isMethod = reading.says(/method/) || (method !== '' && method !== 'S256');
  return isMethod
    ? {
        kind: 'pkce_method',
        rule: 'RFC 7636 section 4.2',
        expected: ['code_challenge_method=S256'],
        received: [`code_challenge_method=${method}`],
      }
    : pkceFormat(`code_challenge=${reading.param('code_challenge')}`);
}

function pkceFormat(received: string): Explanation {
  return {
    kind: 'pkce_format',
    rule: 'RFC 7636 section 4.1',
    expected: ['[A-Za-z0-9._~-]{43,128}'],
    received: [received],
  };
}

function ofClient(reading: Reading): Explanation | undefined {
  const { error, facts, exchange } = reading;
  const { client } = facts;
  const used = methodUsed(exchange);
  if (reading.says(/no client authentication mechanism/)) {
    return {
      kind: 'no_client_authentication',
      rule: 'RFC 6749 section 3.2.1',
      expected: client ? [client.token_endpoint_auth_method] : ['client_id', 'client_secret'],
      received: [],
    };
  }
  if (reading.says(/only be provided using one mechanism|client_secret must be provided in the Authorization/)) {
    return {
      kind: 'wrong_auth_method',
      rule: 'RFC 6749 section 2.3',
      expected: client ? [client.token_endpoint_auth_method] : [],
      received: ['client_secret_basic', 'client_secret_post'],
    };
  }
  if (error.name !== 'invalid_client') return undefined;
  if (!client || reading.says(/client not found/)) return unknownClient(reading);
  if (client.token_endpoint_auth_method !== used || reading.says(/does not match the registered/)) {
    return {
      kind: 'wrong_auth_method',
      rule: 'OpenID Connect Registration section 2, token_endpoint_auth_method',
      expected: [client.token_endpoint_auth_method],
      received: [used],
    };
  }
  if (used === 'private_key_jwt') {
    return {
      kind: 'client_assertion',
      rule: 'RFC 7523 section 3',
      expected: ['iss = sub = client_id', 'aud', 'exp', 'jti'],
      received: [reading.error.words],
    };
  }
  return { kind: 'wrong_secret', rule: 'RFC 6749 section 2.3.1', expected: [], received: [used] };
}

function unknownClient(reading: Reading): Explanation {
  const fromHeader = clientIdOfBasic(reading.header('authorization'));
  const clientId = reading.param('client_id') || fromHeader;
  return {
    kind: 'unknown_client',
    rule: reading.exchange.endpoint === 'token' ? 'RFC 6749 section 5.2' : 'RFC 6749 section 4.1.2.1',
    expected: [],
    received: [`client_id=${clientId}`],
  };
}

function ofGrant(reading: Reading): Explanation | undefined {
  const { error, exchange } = reading;
  if (error.name === 'unsupported_grant_type' || reading.says(/grant type is not allowed/)) {
    return {
      kind: 'grant_type',
      rule: 'RFC 6749 section 4.1.3',
      expected: (reading.facts.client?.grant_types ?? ['authorization_code']).map((type) => `grant_type=${type}`),
      received: [`grant_type=${reading.param('grant_type')}`],
    };
  }
  if (reading.says(/^code_verifier |; code_verifier (must be a string|contains)/)) {
    return pkceFormat(`code_verifier=${reading.param('code_verifier')}`);
  }
  if (error.name !== 'invalid_grant') return undefined;
  if (reading.param('grant_type') === 'refresh_token') {
    return {
      kind: 'refresh_token',
      rule: 'RFC 6749 section 6, RFC 9700 section 4.14',
      expected: [],
      received: [error.words],
    };
  }
  if (reading.says(/redirect_uri mismatch/)) {
    const asked = earlier(reading).find(({ endpoint }) => endpoint === 'authorize' || endpoint === 'par');
    return {
      kind: 'redirect_uri_mismatch',
      rule: 'RFC 6749 section 4.1.3',
      expected: asked
        ? [textOf(asked.request.query, 'redirect_uri') || textOf(asked.request.form, 'redirect_uri')]
        : [],
      received: [`redirect_uri=${reading.param('redirect_uri')}`],
    };
  }
  if (reading.says(/code_verifier must be provided/)) {
    return { kind: 'pkce_verifier_missing', rule: 'RFC 7636 section 4.5', expected: ['code_verifier'], received: [] };
  }
  if (reading.says(/unsupported code_challenge_method/)) {
    return {
      kind: 'pkce_not_started',
      rule: 'RFC 7636 section 4.3',
      expected: ['code_challenge'],
      received: ['code_verifier'],
    };
  }
  if (reading.says(/does not match code_challenge/)) {
    return {
      kind: 'pkce_mismatch',
      rule: 'RFC 7636 section 4.6',
      expected: ['BASE64URL(SHA256(code_verifier)) = code_challenge'],
      received: [`code_verifier=${reading.param('code_verifier')}`],
    };
  }
  if (reading.says(/client mismatch/)) {
    return {
      kind: 'code_of_other_client',
      rule: 'RFC 6749 section 4.1.3',
      expected: [],
      received: [`client_id=${exchange.clientId ?? ''}`],
    };
  }
  return ofCode(reading);
}

/** Codes are deleted when they expire and when their login is revoked, so only the exchanges before tell which it was. */
function ofCode(reading: Reading): Explanation {
  const code = reading.param('code');
  const received = [`code=${code}`];
  const before = earlier(reading);
  const isKnown = before.some(({ endpoint }) => endpoint === 'resume' || endpoint === 'authorize');
  const wasRedeemed = before.some(
    ({ endpoint, request, response }) =>
      endpoint === 'token' && response.status === 200 && textOf(request.form, 'code') === code,
  );
  if (wasRedeemed || reading.says(/consumed|already used/)) {
    return { kind: 'code_reused', rule: 'RFC 6749 section 4.1.2', expected: [], received };
  }
  const issued = before.findLast(({ response }) => textOf(response.headers, 'location').includes(code));
  const age = issued ? Date.parse(reading.exchange.at) - Date.parse(issued.at) : 0;
  if (reading.says(/expired/) || age >= CODE_LIFE || (isKnown && !issued)) {
    return { kind: 'code_expired', rule: 'RFC 6749 section 4.1.2', expected: [], received };
  }
  return { kind: 'code_unknown', rule: 'RFC 6749 section 4.1.3', expected: [], received };
}

function ofParameters(reading: Reading): Explanation | undefined {
  if (reading.says(/content-type bodies are supported/)) {
    return {
      kind: 'content_type',
      rule: 'RFC 6749 section 4.1.3',
      expected: ['application/x-www-form-urlencoded'],
      received: [reading.header('content-type')],
    };
  }
  if (reading.says(/must not be provided twice/)) {
    return { kind: 'doubled_parameter', rule: 'RFC 6749 section 3.1', expected: [], received: namesIn(reading) };
  }
  if (reading.says(/missing required parameter/)) {
    return { kind: 'missing_parameter', rule: 'RFC 6749 section 4.1', expected: namesIn(reading), received: [] };
  }
  return undefined;
}

function ofBearer(reading: Reading): Explanation {
  const { exchange, error } = reading;
  const authorization = reading.header('authorization');
  if (exchange.response.status === 403 || error.name === 'insufficient_scope') {
    return {
      kind: 'insufficient_scope',
      rule: 'RFC 6750 section 3.1',
      expected: [SCOPES[exchange.endpoint] ?? 'openid'],
      received: askedScopes(reading),
    };
  }
  const hasToken = /^Bearer \S/i.test(authorization) || reading.param('access_token') !== '';
  if (!hasToken) {
    return {
      kind: 'token_missing',
      rule: 'RFC 6750 section 2.1',
      expected: ['Authorization: Bearer …'],
      received: authorization ? [`Authorization: ${authorization.split(' ')[0]} …`] : [],
    };
  }
  return {
    kind: 'token_invalid',
    rule: 'RFC 6750 section 3.1',
    expected: [],
    received: error.words ? [error.words] : [],
  };
}

const SCOPES: Readonly<Record<string, string>> = {
  userinfo: 'openid',
  identity: 'user:identity:general',
  mobile: 'user:primaryMobileNumber',
  email: 'user:primaryEmail',
  status: 'user:status',
};

function askedScopes(reading: Reading): readonly string[] {
  const asked = earlier(reading).find(({ endpoint }) => endpoint === 'authorize');
  return asked ? textOf(asked.request.query, 'scope').split(' ').filter(Boolean) : [];
}

function ofLogout(reading: Reading): Explanation | undefined {
  if (!reading.says(/post_logout_redirect_uri/)) return undefined;
  return {
    kind: 'logout_redirect',
    rule: 'OpenID Connect RP-Initiated Logout section 3',
    expected: reading.facts.client?.post_logout_redirect_uris ?? [],
    received: [`post_logout_redirect_uri=${reading.param('post_logout_redirect_uri')}`],
  };
}

/** Another name of this machine than the issuer has. A name of elsewhere may be that of a proxy, which does no harm. */
function ofDiscovery({ request, response }: Exchange): Explanation | undefined {
  const issuer = textOf(bodyOf(response.body), 'issuer');
  const [scheme] = issuer.split(':', 1);
  const asked = `${scheme}://${textOf(request.headers, 'host')}`;
  if (!URL.canParse(issuer) || !URL.canParse(asked)) return undefined;
  const [named, used] = [new URL(issuer), new URL(asked)];
  const isSamePlace = named.port === used.port && LOOPBACK.includes(named.hostname) && LOOPBACK.includes(used.hostname);
  return isSamePlace && named.hostname !== used.hostname
    ? {
        kind: 'issuer_by_other_name',
        rule: 'OpenID Connect Discovery 4.3',
        expected: [issuer],
        received: [`${used.origin}${named.pathname.replace(/\/$/, '')}`],
      }
    : undefined;
}

function cookieLost(reading: Reading): Explanation {
  return {
    kind: 'cookie_lost',
    rule: 'RFC 6265 section 5.4',
    expected: ['Cookie: emta_resume'],
    received: [reading.error.words],
  };
}

function other(reading: Reading): Explanation {
  const { name, words } = reading.error;
  return { kind: 'other', rule: 'RFC 6749', expected: [], received: [name, words].filter(Boolean) };
}

function earlier({ exchange, facts }: Reading): readonly Exchange[] {
  return (facts.others ?? []).filter(({ seq }) => seq < exchange.seq);
}

/** Names of parameters in an error's words: `'code'`, or a list of them. */
function namesIn({ error }: Reading): readonly string[] {
  return [...error.words.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
}

function errorOf({ trouble, response }: Exchange): WireError | undefined {
  if (trouble) {
    return { name: trouble.error, words: [trouble.description, trouble.detail].filter(Boolean).join('; ') };
  }
  const name = textOf(bodyOf(response.body), 'error');
  return name ? { name, words: textOf(bodyOf(response.body), 'error_description') } : undefined;
}

function bodyOf(body: Json): Json {
  if (typeof body !== 'string' || !body.startsWith('{')) return body;
  const parsed = parseJson(body);
  return parsed.ok ? parsed.value : body;
}

function methodUsed({ request: { headers, form } }: Exchange): string {
  if (textOf(headers, 'authorization')) return 'client_secret_basic';
  if (textOf(form, 'client_assertion')) return 'private_key_jwt';
  return textOf(form, 'client_secret') ? 'client_secret_post' : 'none';
}

function clientIdOfBasic(header: string): string {
  const [, credentials] = /^Basic (\S+)$/i.exec(header) ?? [];
  return credentials ? (Buffer.from(credentials, 'base64').toString().split(':')[0] ?? '') : '';
}

function textOf(of: Json, name: string): string {
  if (typeof of !== 'object' || of === null || Array.isArray(of)) return '';
  const value = (of as Readonly<Record<string, Json>>)[name];
  return typeof value === 'string' ? value : '';
}
