import type { EventEmitter } from 'node:events';
import type * as Cheerio from 'cheerio';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { draftOf, serialiseToken } from '../faults/serialise-token.ts';
import type { AuthorizationAnswer, SigningKey, WireAnswer } from '../faults/tamper.ts';
import type { Exchange, Journal, Trouble } from '../journal/journal.ts';
import type { Json, Store } from '../kernel/ports.ts';
import { whenNeeded } from '../kernel/when-needed.ts';
import type { JourneyRules } from '../steps/rules.ts';
import { performedIn } from '../steps/with-faults.ts';
import { forgetInteraction } from './adapter.ts';
import type { Client, ClientRegistry } from './clients.ts';
import type { Journeys } from './journeys.ts';
import { languageOf } from './language.ts';
import type { Login, Logins } from './logins.ts';
import { responseModes } from './request-checks.ts';
import { nameByTheStandard, takeBackLenientAnswer } from './strict-answers.ts';
import type { Relaxation } from './strictness.ts';
import { type Parties, rememberNonce, type Tampering } from './tampering.ts';
import type { UsedOnce } from './used-once.ts';

export interface WirePorts {
  readonly issuer: string;
  readonly store: Store;
  readonly clients: ClientRegistry;
  readonly journeys: Journeys;
  readonly logins: Logins;
  readonly journal: Journal;
  readonly tampering: Tampering;
  readonly usedOnce: UsedOnce;
  /** The key Emta signs with. */
  readonly key: SigningKey;
  readonly rules: JourneyRules;
  readonly relaxed: readonly Relaxation[];
  /** The page that carries an answer by POST, or keeps the citizen at Emta. */
  readonly renderAnswer: (ctx: KoaContextWithOIDC, answer: AuthorizationAnswer, lang: 'fa' | 'en') => Promise<void>;
}

const cheerio = whenNeeded<typeof Cheerio>('cheerio');

/** oidc-provider's names of routes, and what the journal calls them. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  authorization: 'authorize',
  resume: 'resume',
  discovery: 'discovery',
  jwks: 'jwks',
  token: 'token',
  userinfo: 'userinfo',
  pushed_authorization_request: 'par',
  introspection: 'introspect',
  revocation: 'revoke',
  end_session: 'logout',
  end_session_confirm: 'logout',
  end_session_success: 'logout',
  registration: 'register',
};

/** Where clients authenticate. */
const AUTHENTICATED = new Set(['token', 'par', 'introspect', 'revoke']);

const RESUME = /^\/oauth\/authorize\/./i;

/** Events with which oidc-provider tells that it refused something. */
const REFUSALS = [
  'authorization.error',
  'pushed_authorization_request.error',
  'grant.error',
  'userinfo.error',
  'introspection.error',
  'revocation.error',
  'end_session.error',
] as const;

type Refusal = Error & { readonly error_description?: string; readonly error_detail?: string };

/** An error of oidc-provider has its OAuth code as message. */
function troubleOf({ message, error_description: description, error_detail: detail }: Refusal): Trouble {
  return { error: message, ...(description && { description }), ...(detail && { detail }) };
}

/** What a middleware of oidc-provider is given, before oidc-provider has looked at it. */
type PlainContext = Parameters<Parameters<Provider['use']>[0]>[0];

interface About extends Parties {
  readonly endpoint: string;
  readonly journey?: string;
  /** The page of the journey that is open. */
  readonly page?: string;
  readonly login?: Login;
  readonly client?: Client;
}

/**
 * Watches every exchange with oidc-provider: adds what Emta is stricter about, ties codes and tokens to their journey,
 * applies armed faults to the finished answer, and writes the exchange down as it went over the wire.
 */
export function watchTheWire(provider: Provider, ports: WirePorts): void {
  const troubles = new WeakMap<object, Trouble>();
  const events: EventEmitter = provider;
  for (const event of REFUSALS) {
    events.on(event, (ctx: object, error: Refusal) => {
      troubles.set(ctx, troubleOf(error));
    });
  }
  const failed = new WeakSet<object>();
  events.on('server_error', (ctx: object) => failed.add(ctx));
  provider.use(async (plain, next) => {
    let isAnswered = false;
    try {
      await next();
      isAnswered = !failed.has(plain);
    } finally {
      if (!isAnswered) await ports.usedOnce.takeBack(plain);
    }
  });
  provider.use(async (plain, next) => {
    // The way back from a journey has no parameters; oidc-provider stumbles over those that somebody adds.
    if (!RESUME.test(plain.path)) return watched(plain, next);
    plain.querystring = '';
    let isAnswered = false;
    try {
      await watched(plain, next);
      isAnswered = plain.status < 500;
    } finally {
      if (!isAnswered) keepResumable(plain);
    }
  });

  async function watched(plain: PlainContext, next: () => Promise<unknown>): Promise<void> {
    await next();
    if (!Object.hasOwn(plain, 'oidc')) return;
    const ctx = plain as unknown as KoaContextWithOIDC;
    const endpoint = ENDPOINTS[String(ctx.oidc.route)];
    if (endpoint === undefined || ctx.method === 'OPTIONS') return;
    const about = await identify(ctx, endpoint, ports);
    const delivered: string[] = [];
    const transport = await finish(ctx, about, ports, delivered);
    await ports.journal.exchange(exchangeOf(ctx, about, { delivered, transport, trouble: troubles.get(plain) }));
    cutIfTold(ctx, transport);
  }

  /** Who got no answer comes again, and needs the cookie that oidc-provider takes away before the answer is sure. */
  function keepResumable({ res }: PlainContext): void {
    const taken = provider.cookieName('resume');
    const cookies = [res.getHeader('set-cookie') ?? []].flat().map(String);
    res.setHeader(
      'set-cookie',
      cookies.filter((cookie) => !/^[^=]+/.exec(cookie)?.[0].startsWith(taken)),
    );
  }
}

async function identify(
  ctx: KoaContextWithOIDC,
  endpoint: string,
  { journeys, logins, clients }: WirePorts,
): Promise<About> {
  const { entities, params } = ctx.oidc;
  const form = formOf(ctx);
  const journeyUid = entities.Interaction?.uid;
  const journey = journeyUid ? await journeys.get(journeyUid) : undefined;
  const credential =
    endpoint === 'token' ? (form.code ?? form.refresh_token) : (bearerOf(ctx) ?? form.access_token ?? form.token);
  const login =
    typeof credential === 'string' && endpoint !== 'authorize' && endpoint !== 'resume'
      ? await logins.byCredential(credential)
      : undefined;
  const named =
    ctx.oidc.client?.clientId ?? journey?.clientId ?? login?.clientId ?? params?.client_id ?? form.client_id;
  const client = typeof named === 'string' ? await clients.find(named) : undefined;
  const mobile = journey?.mobile ?? login?.mobile;
  const uid = journeyUid ?? login?.journey;
  return {
    endpoint,
    ...(client && { client, clientId: client.client_id }),
    ...(mobile && { mobile }),
    ...(uid && { journey: uid }),
    ...(journey && { page: journey.step }),
    ...(login && { login }),
  };
}

/** Answers how the connection ends, where it does so without an answer. */
type Ending = WireAnswer['transport'];

async function finish(ctx: KoaContextWithOIDC, about: About, ports: WirePorts, delivered: string[]): Promise<Ending> {
  if (AUTHENTICATED.has(about.endpoint)) {
    nameByTheStandard(ctx);
    await takeBackLenientAnswer(ctx, { client: about.client, form: formOf(ctx), relaxed: ports.relaxed });
  }
  switch (about.endpoint) {
    case 'authorize':
      if (!about.journey) return answerAuthorization(ctx, about, ports, delivered);
      leadToPage(ctx, about);
      return interrupt(ctx, about, ports, delivered);
    case 'resume':
      delivered.push(...(await performedIn(about.journey, ports.store)));
      return answerAuthorization(ctx, about, ports, delivered);
    case 'token':
      return answerToken(ctx, about, ports, delivered);
    case 'userinfo':
    case 'discovery':
    case 'jwks': {
      if (about.endpoint === 'discovery') {
        // oidc-provider names the fragment too, which no client here may ask for.
        Object.assign(ctx.body as object, { response_modes_supported: [...responseModes] });
      }
      const before = wireAnswerOf(ctx);
      const after = await ports.tampering.apply(about.endpoint, before, about, delivered);
      return after === before ? undefined : send(ctx, after);
    }
    default:
      return undefined;
  }
}

/** Spares the citizen the redirect from `/journey/{uid}`, which oidc-provider is told for the sake of its cookie's path. */
function leadToPage(ctx: KoaContextWithOIDC, { journey, page }: About): void {
  const { location } = ctx.response.headers;
  if (typeof location === 'string' && location.endsWith(`/journey/${journey}`)) ctx.redirect(`${location}/${page}`);
}

/** Faults that act before the citizen sees anything. */
async function interrupt(
  ctx: KoaContextWithOIDC,
  about: About,
  ports: WirePorts,
  delivered: string[],
): Promise<Ending> {
  const { arming } = ports.tampering;
  for (const armed of await arming.find('authorization_request', about)) {
    const tamper = armed.entry.tampers.authorization_request;
    if (!tamper || !(await arming.markDelivered(armed.id, about.journey))) continue;
    const params = new URLSearchParams(stringsOf(ctx.oidc.params ?? {}));
    const answer: AuthorizationAnswer = {
      redirectUri: params.get('redirect_uri') ?? '',
      params: new URLSearchParams({
        ...(params.has('state') && { state: params.get('state') ?? '' }),
        iss: ports.issuer,
      }),
      mode: params.get('response_mode') === 'form_post' ? 'form_post' : 'query',
    };
    const interruption = tamper({ params, answer }, await ports.tampering.context(armed.parameters, about));
    delivered.push(armed.fault);
    if (interruption.kind === 'wire') return send(ctx, interruption.wire);
    const switched = await withSwitches(interruption.answer, about, ports);
    const sent = await ports.tampering.apply('authorization_response', switched, about, delivered);
    await sendAuthorizationAnswer(ctx, sent, about, ports);
    return undefined;
  }
  return undefined;
}

async function answerAuthorization(
  ctx: KoaContextWithOIDC,
  about: About,
  ports: WirePorts,
  delivered: string[],
): Promise<Ending> {
  const sent = await authorizationAnswerOf(ctx);
  if (!sent) return undefined;
  const login = await tieCode(ctx, sent, ports);
  const nonce = ctx.oidc.params?.nonce;
  if (login && typeof nonce === 'string') await rememberNonce(ports.store, nonce, about);
  const switched = await withSwitches(sent, about, ports);
  const answer = await ports.tampering.apply('authorization_response', switched, about, delivered);
  if (answer !== sent || answer.mode === 'form_post') await sendAuthorizationAnswer(ctx, answer, about, ports);
  if (about.journey) {
    const location = String(ctx.response.headers.location ?? '');
    await ports.journeys.remember(about.journey, location ? { location } : { page: String(ctx.body) });
    await forgetInteraction(about.journey, ports.store);
  }
  return undefined;
}

/** The answer as this client and this carrier have it (design: section 4). */
async function withSwitches(sent: AuthorizationAnswer, about: About, ports: WirePorts): Promise<AuthorizationAnswer> {
  const journey = about.journey ? await ports.journeys.get(about.journey) : undefined;
  const isSilent = ports.rules.carrier === 'silent' && journey?.outcome && journey.outcome !== 'granted';
  const names = [
    ...(about.client?.emta_iss_parameter === false ? ['iss'] : []),
    ...(isSilent ? ['error', 'error_description', 'iss'] : []),
  ];
  return names.length > 0 ? without(sent, ...names) : sent;
}

async function tieCode(
  ctx: KoaContextWithOIDC,
  { params }: AuthorizationAnswer,
  { logins }: WirePorts,
): Promise<Login | undefined> {
  const code = params.get('code');
  const grantId = ctx.oidc.entities.Grant?.jti;
  if (!code || !grantId) return undefined;
  const login = await logins.byGrant(grantId);
  if (login) await logins.tie(code, login);
  return login;
}

async function answerToken(
  ctx: KoaContextWithOIDC,
  about: About,
  ports: WirePorts,
  delivered: string[],
): Promise<Ending> {
  if (ctx.status === 200 && about.login) {
    const body = ctx.body as Readonly<Record<string, unknown>>;
    for (const member of ['access_token', 'refresh_token']) {
      const token = body[member];
      if (typeof token === 'string') await ports.logins.tie(token, about.login);
    }
    if (typeof body.id_token === 'string') {
      const draft = draftOf(body.id_token);
      const tampered = await ports.tampering.apply('id_token', draft, about, delivered);
      if (tampered !== draft) ctx.body = { ...body, id_token: await serialiseToken(tampered, ports.key) };
    }
  }
  const before = wireAnswerOf(ctx);
  const after = await ports.tampering.apply('token_response', before, about, delivered);
  return after === before ? undefined : send(ctx, after);
}

function exchangeOf(
  ctx: KoaContextWithOIDC,
  { endpoint, journey, clientId, mobile }: About,
  {
    delivered,
    transport,
    trouble,
  }: { readonly delivered: readonly string[]; readonly transport: Ending; readonly trouble: Trouble | undefined },
): Omit<Exchange, 'seq' | 'at'> {
  return {
    endpoint,
    ...(journey && { journey }),
    ...(clientId && { clientId }),
    ...(mobile && { mobile }),
    request: {
      method: ctx.method,
      // As it was asked for, before any rewriting.
      url: ctx.originalUrl,
      headers: { ...ctx.headers } as Json,
      query: { ...ctx.query } as Json,
      form: bounded(formOf(ctx) as Json),
    },
    response: transport
      ? nothingSent
      : { status: ctx.status, headers: { ...ctx.response.headers } as Json, body: bodyForJournal(ctx.body) },
    ...(trouble && { trouble }),
    delivered,
  };
}

function bodyForJournal(body: unknown): Json {
  if (typeof body === 'string') return body.startsWith('<') ? '(a page)' : body;
  return body === undefined ? null : (JSON.parse(JSON.stringify(body)) as Json);
}

const DEEPEST = 8;

/** As deep as a record needs; what lies deeper could bring the one who writes it down to an end. */
function bounded(value: Json, depth = 0): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return '(deeper)';
  if (Array.isArray(value)) return value.map((item: Json) => bounded(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, bounded(member as Json, depth + 1)]));
}

function formOf(ctx: KoaContextWithOIDC): Readonly<Record<string, unknown>> {
  const { body } = ctx.oidc;
  return typeof body === 'object' && body !== null ? { ...(body as Record<string, unknown>) } : {};
}

export function bearerOf(ctx: { get(name: string): string }): string | undefined {
  return /^Bearer (\S+)$/i.exec(ctx.get('authorization'))?.[1];
}

function stringsOf(params: object): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >;
}

/** What the browser is about to carry back, or undefined where it goes nowhere. */
async function authorizationAnswerOf(ctx: KoaContextWithOIDC): Promise<AuthorizationAnswer | undefined> {
  const redirectUri = ctx.oidc.params?.redirect_uri;
  if (typeof redirectUri !== 'string') return undefined;
  const location = String(ctx.response.headers.location ?? '');
  if (location.startsWith(redirectUri)) {
    const params = new URLSearchParams(new URL(location).search);
    for (const name of new URL(redirectUri).searchParams.keys()) params.delete(name);
    return { redirectUri, params, mode: 'query' };
  }
  if (typeof ctx.body !== 'string' || ctx.oidc.params?.response_mode !== 'form_post') return undefined;
  const page = cheerio().load(ctx.body);
  if (page('form').attr('action') !== redirectUri) return undefined;
  const params = new URLSearchParams();
  page('form input[name]').each((_, input) => {
    params.append(page(input).attr('name') ?? '', page(input).attr('value') ?? '');
  });
  return { redirectUri, params, mode: 'form_post' };
}

function without(answer: AuthorizationAnswer, ...names: string[]): AuthorizationAnswer {
  const params = new URLSearchParams(answer.params);
  for (const name of names) params.delete(name);
  return { ...answer, params };
}

async function sendAuthorizationAnswer(
  ctx: KoaContextWithOIDC,
  answer: AuthorizationAnswer,
  about: About,
  ports: WirePorts,
): Promise<void> {
  if (answer.mode !== 'query') {
    ctx.response.remove('location');
    ctx.status = 200;
    const journey = about.journey ? await ports.journeys.get(about.journey) : undefined;
    return ports.renderAnswer(ctx, answer, journey?.lang ?? languageOf(ctx.oidc.params?.ui_locales));
  }
  // RFC 6749 3.1.2: a query that the redirect URI has is kept, to the letter.
  const query = answer.params.toString();
  const { href } = new URL(answer.redirectUri);
  const sign = href.includes('?') ? '&' : '?';
  ctx.status = 303;
  ctx.redirect(query === '' ? href : `${href}${sign}${query}`);
  ctx.body = '';
}

function wireAnswerOf(ctx: KoaContextWithOIDC): WireAnswer {
  const headers = Object.fromEntries(
    Object.entries(ctx.response.headers)
      .filter(([name]) => name !== 'set-cookie')
      .map(([name, value]) => [name, String(value)]),
  );
  return {
    status: ctx.status,
    headers,
    body: typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body ?? ''),
  };
}

/** What the journal holds where the connection ended without an answer. */
export const nothingSent = { status: 0, headers: {}, body: null } as const;

/** Makes a tampered answer the answer, after its delay; tells how the connection ends where it does so without one. */
export async function send(
  ctx: Pick<KoaContextWithOIDC, 'status' | 'body' | 'set' | 'response'> & { respond?: boolean | undefined },
  answer: WireAnswer,
): Promise<Ending> {
  if (answer.delayMs) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
  if (answer.transport) {
    ctx.respond = false;
    return answer.transport;
  }
  for (const name of Object.keys(ctx.response.headers)) {
    if (!Object.hasOwn(answer.headers, name) && name !== 'set-cookie') ctx.response.remove(name);
  }
  ctx.status = answer.status;
  ctx.body = answer.body;
  if (!Object.hasOwn(answer.headers, 'content-type')) ctx.response.remove('content-type');
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = answer.headers;
  ctx.set(headers);
  return undefined;
}

/** Cuts the connection, once the exchange is written down; one that hangs is left to the peer's patience. */
export function cutIfTold({ req }: Pick<KoaContextWithOIDC, 'req'>, transport: Ending): void {
  if (transport === 'reset') req.socket.destroy();
}
