import { parseJson } from '../json-text.ts';
import { uidOf } from './citizen-walker.ts';
import type { EmtaControl } from './emta-control.ts';
import { type Exchange, isObject } from './emta-wire.ts';
import type { Trace } from './user-agent.ts';

/** Emta's record of calls, read once and shared by all cases. */
export interface ExchangeLog {
  /** The newest call known. */
  position(): number;
  /** Reads what came since; answers once everything before this moment is known. */
  sync(): Promise<void>;
  /** Calls after a position. */
  since(position: number): readonly Exchange[];
}

export function createExchangeLog(
  control: Pick<EmtaControl, 'exchanges'>,
  clientIds: ReadonlySet<string>,
): ExchangeLog {
  let known: Exchange[] = [];
  let last = 0;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const read = async () => {
    const fresh = await control.exchanges({ after: last });
    for (const exchange of fresh) {
      last = Math.max(last, exchange.seq);
      if (exchange.clientId === undefined || clientIds.has(exchange.clientId)) known.push(exchange);
    }
    if (known.length > 20_000) known = known.slice(-10_000);
  };
  const start = () => {
    running = read().finally(() => {
      running = undefined;
    });
    return running;
  };
  return {
    position: () => last,
    sync() {
      if (running === undefined) return start();
      next ??= running.then(() => {
        next = undefined;
        return start();
      });
      return next;
    },
    since: (position) => known.filter(({ seq }) => seq > position),
  };
}

const codeIn = (url: string): string | null => (URL.canParse(url) ? new URL(url).searchParams.get('code') : null);

function accessTokenOf(body: string): string | undefined {
  // a fault may have cut the JSON short: then it tells nothing
  const answer = body.startsWith('{') ? parseJson(body) : undefined;
  return isObject(answer) && typeof answer.access_token === 'string' ? answer.access_token : undefined;
}

const bearerOf = ({ request }: Exchange): string | undefined =>
  /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
  request.form.access_token ??
  request.query.access_token;

/** Calls that a relying party makes for one login. */
const loginEndpoints: ReadonlySet<string> = new Set([
  'token',
  'userinfo',
  'identity',
  'mobile',
  'email',
  'status',
  'introspect',
  'revoke',
]);

/** Sorts calls into those of these traces' journeys, and those of the client that belong to no journey at all. */
export function sortExchanges(
  all: readonly Exchange[],
  traces: readonly Trace[],
): { readonly own: readonly Exchange[]; readonly strays: readonly Exchange[] } {
  const journeys = new Set<string>();
  const codes = new Set<string>();
  const states = new Set<string>();
  for (const { hops } of traces) {
    for (const hop of hops) {
      const uid =
        uidOf(hop.url) ??
        (hop.headers.location === undefined || !URL.canParse(hop.headers.location, hop.url)
          ? undefined
          : uidOf(new URL(hop.headers.location, hop.url).href));
      if (uid !== undefined) journeys.add(uid);
      const code = codeIn(hop.url) ?? new URLSearchParams(hop.requestBody).get('code');
      if (code !== null && code !== '') codes.add(code);
      states.add(hop.url);
    }
  }
  const tokens = new Set<string>();
  const requestUris = new Set<string>();
  const isOwn = (exchange: Exchange): boolean => {
    if (exchange.journey !== undefined && journeys.has(exchange.journey)) return true;
    if (exchange.endpoint === 'token' && codes.has(exchange.request.form.code ?? '')) return true;
    if (exchange.endpoint === 'authorize')
      return (
        states.has(exchange.request.url) ||
        [...states].some((url) => url.endsWith(exchange.request.url) && exchange.request.url.length > 1)
      );
    const bearer = bearerOf(exchange);
    return bearer !== undefined && tokens.has(bearer);
  };
  const own: Exchange[] = [];
  const strays: Exchange[] = [];
  for (const exchange of all) {
    if (isOwn(exchange)) {
      own.push(exchange);
      const token = exchange.endpoint === 'token' ? accessTokenOf(exchange.response.body) : undefined;
      if (token !== undefined) tokens.add(token);
      const pushed = exchange.endpoint === 'authorize' ? exchange.request.query.request_uri : undefined;
      if (pushed !== undefined) requestUris.add(pushed);
    } else if (
      exchange.journey === undefined &&
      loginEndpoints.has(exchange.endpoint) &&
      !tokensElsewhere(exchange, all)
    ) {
      strays.push(exchange);
    }
  }
  const pushed = all.filter(
    ({ endpoint, response }) => endpoint === 'par' && [...requestUris].some((uri) => response.body.includes(uri)),
  );
  return { own: [...pushed, ...own].toSorted((a, b) => a.seq - b.seq), strays };
}

/** Whether another login's token or code explains the call. */
function tokensElsewhere(exchange: Exchange, all: readonly Exchange[]): boolean {
  const bearer = bearerOf(exchange);
  return (
    bearer !== undefined &&
    all.some(
      (other) => other.endpoint === 'token' && other.journey !== undefined && other.response.body.includes(bearer),
    )
  );
}
