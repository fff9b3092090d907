import { createHash } from 'node:crypto';
import type { Exchange } from '../../driver/emta-wire.ts';
import { isLoopback } from '../../driver/site.ts';
import { answersOf, type Trace } from '../../driver/user-agent.ts';
import { foundIn, haystackOf, whatOf } from '../../observe/needles.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { isAuthorizeHop } from './refusal.ts';

/** One authorization request, wherever its parameters travelled. */
interface Asked {
  readonly url: string;
  readonly parameters: URLSearchParams;
}

/** What a request object says, RFC 9101; nothing for one that is encrypted. */
function membersOfJwt(jwt: string | null): readonly (readonly [string, string])[] {
  const payload = Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString('utf8');
  if (!payload.startsWith('{')) return [];
  const members: unknown = JSON.parse(payload);
  return typeof members !== 'object' || members === null
    ? []
    : Object.entries(members).map(
        ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const,
      );
}

/** The authorization requests of a step; pushed parameters stand with the request that names them. */
function askedIn(seen: Seen, trace: Trace | undefined): readonly Asked[] {
  return (trace?.hops ?? [])
    .filter((hop) => isAuthorizeHop(hop, seen.setting))
    .map((hop) => {
      const parameters = new URLSearchParams(new URL(hop.url).search);
      for (const [name, value] of new URLSearchParams(hop.requestBody)) parameters.set(name, value);
      const pushed = parameters.get('request_uri');
      const par =
        pushed === null
          ? undefined
          : seen.exchanges.find(({ endpoint, response }) => endpoint === 'par' && response.body.includes(pushed));
      for (const [name, value] of Object.entries(par?.request.form ?? {})) parameters.set(name, value);
      for (const [name, value] of membersOfJwt(parameters.get('request'))) parameters.set(name, value);
      return { url: hop.url, parameters };
    });
}

const allAsked = (seen: Seen): readonly Asked[] => Object.values(seen.traces).flatMap((trace) => askedIn(seen, trace));

/** A matcher over the first authorization request of a step. */
const overRequest = (
  title: string,
  expected: Told,
  read: (parameters: URLSearchParams, seen: Seen) => readonly [Finding['points'], Told],
  label?: string,
): Matcher =>
  matcher(title, (seen) => {
    const [asked] = label === undefined ? allAsked(seen) : askedIn(seen, seen.traces[label]);
    if (asked === undefined) {
      const trace = label === undefined ? Object.values(seen.traces)[0] : seen.traces[label];
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`no authorization request`,
        where: trace === undefined ? verbatim('') : endOf(trace),
        positive: false,
        points: 'unclear',
      };
    }
    const [points, observed] = read(asked.parameters, seen);
    return { kind: 'L', expected, observed, where: verbatim(asked.url), positive: points !== 'unclear', points };
  });

/** Why no authorization request came, where the page or the address that came instead tells it. */
function whyNone({ setting }: Seen, { ending, page }: Trace): Told {
  if (ending.kind === 'off-limits')
    return told`none: the browser was sent off to ${ending.url}; configure the site with the issuer ${setting.issuer}`;
  if (page === undefined || !setting.origins.includes(new URL(page.url).origin)) return told`none`;
  if (page.status >= 400)
    return told`none, but status ${page.status}; the site must reach the discovery or the endpoints of ${setting.issuer} when it starts a login`;
  if (page.forms.some(({ method }) => method === 'POST'))
    return told`none, but «${page.title}» with a form; where its button starts the login, write ${`"start_url": { "url": "${page.url}", "method": "POST" }`}, with what a citizen types there as "form"`;
  if (page.isShell) return told`none, but a page that draws itself by script; use the browser driver`;
  return told`none, but «${page.title}»; name the address that its link to the login leads to`;
}

/** The browser comes to Emta within so many redirects, with the registered client_id. */
export const arrivesAtEmta = (label: string, redirects: number): Matcher =>
  matcher('the browser is sent to Emta', (seen) => {
    const clientId = seen.setting.rp.client.client_id;
    const expected = told`an authorization request with client_id "${clientId}" within ${redirects} redirect(s)`;
    const trace = seen.traces[label];
    if (trace === undefined)
      return {
        kind: 'U',
        expected,
        observed: seen.stopped ?? told`nothing`,
        where: verbatim(label),
        positive: false,
        points: 'against',
      };
    const index = trace.hops.findIndex((hop) => isAuthorizeHop(hop, seen.setting));
    const [asked] = askedIn(seen, trace);
    if (index < 0 || asked === undefined)
      return {
        kind: 'U',
        expected,
        observed: whyNone(seen, trace),
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    const got = asked.parameters.get('client_id');
    const before = trace.hops.slice(0, index);
    const count = before.length - before.filter(({ method }) => method === 'POST').length;
    const isRight = got === clientId && count <= redirects;
    return {
      kind: 'L',
      expected,
      observed: told`client_id "${got ?? ''}" after ${count} redirect(s)`,
      where: verbatim(asked.url),
      positive: true,
      points: isRight ? 'for' : 'against',
    };
  });

/** response_type is code. */
export const asksForCode = overRequest('it asks for a code', verbatim('response_type=code'), (parameters) => {
  const type = parameters.get('response_type');
  return [type === 'code' ? 'for' : 'against', told`response_type=${type ?? told`(absent)`}`];
});

/** Only registered scopes, openid among them where OpenID Connect is used. */
export const asksForRegisteredScopes = overRequest(
  'it asks for registered scopes',
  told`registered scopes alone, openid among them unless plain OAuth is used`,
  (parameters, seen) => {
    const asked = (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const registered = new Set(['openid', 'user:identity:general', 'user:primaryMobileNumber']);
    const wild = asked.filter((scope) => !registered.has(scope));
    const lacksOpenid =
      seen.setting.rp.client.scope.split(' ').includes('openid') &&
      seen.setting.rp.capabilities.oidc === true &&
      !asked.includes('openid');
    return [
      asked.length > 0 && wild.length === 0 && !lacksOpenid ? 'for' : 'against',
      asked.length === 0
        ? told`no scope`
        : wild.length > 0
          ? told`scope "${asked.join(' ')}", of which "${wild.join(' ')}" is none of the three`
          : told`scope "${asked.join(' ')}"`,
    ];
  },
);

/** State, challenge or nonce. */
export const hasForgeryDefence = overRequest(
  'it defends itself against forgery',
  told`state, or else a challenge or nonce`,
  (parameters) => {
    const has = ['state', 'code_challenge', 'nonce'].filter((name) => (parameters.get(name) ?? '') !== '');
    if (has.includes('state')) return ['for', listed(has, 'comma')];
    return has.length > 0 ? ['warn', told`no state, but ${listed(has, 'and')}`] : ['against', told`none of the three`];
  },
);

const BITS_OF_NONCE = 128;

/** The alphabets that values are written in, the smallest first, and how many letters each has. */
const alphabets: readonly (readonly [letters: RegExp, size: number])[] = [
  [/^\d*$/, 10],
  [/^[0-9a-f-]*$/i, 16],
  [/^[0-9a-z]*$/, 36],
  [/^[0-9A-Z]*$/, 36],
  [/^[0-9a-z]*$/i, 62],
];

/** Bits of each value at most, by its length and the alphabet that all of them are written in. */
function bitsIn(values: readonly string[]): (value: string) => number {
  const size = alphabets.find(([letters]) => values.every((value) => letters.test(value)))?.[1] ?? 64;
  return (value) => value.replaceAll('-', size === 16 ? '' : '-').length * Math.log2(size);
}

/** A parameter is there and new in each authorization request. */
export const isFreshEachTime = (
  parameter: string,
  options: { readonly bits?: boolean; readonly besides?: readonly string[] } = {},
): Matcher =>
  matcher(`${parameter} is fresh each time`, (seen) => {
    const asked = allAsked(seen);
    const expected = told`${asked.length} different value(s) of ${parameter}${options.bits === true ? told` of at least ${BITS_OF_NONCE} bit(s)` : ''}`;
    const where = verbatim(asked.at(-1)?.url ?? '');
    if (asked.length < 2)
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`too few requests`,
        where,
        positive: false,
        points: 'unclear',
      };
    const values = asked.map(({ parameters }) => parameters.get(parameter) ?? '');
    const missing = values.filter((value) => value === '').length;
    const different = new Set(values).size;
    const isFresh = (name: string) =>
      new Set(asked.map(({ parameters }) => parameters.get(name) ?? '')).size === asked.length &&
      asked.every(({ parameters }) => (parameters.get(name) ?? '') !== '');
    const bitsOf = bitsIn(values);
    const weak = options.bits === true ? values.find((value) => bitsOf(value) < BITS_OF_NONCE) : undefined;
    if (missing === 0 && different === values.length && weak === undefined)
      return {
        kind: 'L',
        expected,
        observed: told`${different} different value(s)`,
        where,
        positive: true,
        points: 'for',
      };
    const observed =
      missing > 0
        ? told`${missing} request(s) without it`
        : weak !== undefined
          ? told`"${weak}", about ${Math.round(bitsOf(weak))} bit(s)`
          : told`${different} different value(s) in ${values.length} request(s)`;
    return {
      kind: 'L',
      expected,
      observed,
      where,
      positive: true,
      points: options.besides?.some(isFresh) === true ? 'warn' : 'against',
    };
  });

/** PKCE by S256, with a new challenge each time. */
export const usesS256 = matcher('it uses PKCE with S256', (seen) => {
  const asked = allAsked(seen);
  const expected = told`code_challenge of 43 characters, method S256, different each time`;
  const where = verbatim(asked.at(-1)?.url ?? '');
  if (asked.length === 0)
    return {
      kind: 'L',
      expected,
      observed: seen.stopped ?? told`no authorization request`,
      where,
      positive: false,
      points: 'unclear',
    };
  const wrong = asked.find(
    ({ parameters }) =>
      parameters.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(parameters.get('code_challenge') ?? ''),
  );
  if (wrong !== undefined) {
    const challenge = wrong.parameters.get('code_challenge');
    return {
      kind: 'L',
      expected,
      observed:
        challenge === null
          ? told`no code_challenge`
          : told`method ${wrong.parameters.get('code_challenge_method') ?? told`(absent)`}, ${challenge.length} character(s)`,
      where: verbatim(wrong.url),
      positive: true,
      points: 'against',
    };
  }
  const different = new Set(asked.map(({ parameters }) => parameters.get('code_challenge'))).size;
  return {
    kind: 'L',
    expected,
    observed: told`${different} different challenge(s) in ${asked.length} request(s)`,
    where,
    positive: true,
    points: different === asked.length ? 'for' : 'against',
  };
});

/** The method is S256, whatever else was offered. */
export const methodIsS256 = (label = 'login', otherwise: 'against' | 'warn' = 'against'): Matcher =>
  overRequest(
    'the method is S256',
    verbatim('code_challenge_method=S256'),
    (parameters) => {
      const method =
        parameters.get('code_challenge_method') ?? (parameters.has('code_challenge') ? 'plain' : '(absent)');
      return [method === 'S256' ? 'for' : otherwise, verbatim(`code_challenge_method=${method}`)];
    },
    label,
  );

/** Nonce and state are sent as ever beside the challenge. */
export const keepsADefence = (label = 'login'): Matcher =>
  overRequest(
    'the defence beside plain PKCE stays',
    told`state and nonce as ever`,
    (parameters, seen) => {
      const usual = (['state', 'nonce'] as const).filter(
        (name) => seen.setting.capabilities.find((one) => one.name === name)?.taken === true,
      );
      const missing = usual.filter((name) => (parameters.get(name) ?? '') === '');
      const method = `method ${parameters.get('code_challenge_method') ?? (parameters.has('code_challenge') ? 'plain' : '(none)')}`;
      return [
        missing.length === 0 && usual.length > 0 ? 'for' : 'against',
        missing.length > 0
          ? told`without ${listed(missing, 'and')}; ${method}`
          : told`${usual.length === 0 ? told`neither` : listed(usual, 'and')}; ${method}`,
      ];
    },
    label,
  );

/** The token request goes to another place than before. */
export const asksElsewhere = (path: string): Matcher =>
  matcher('the new token endpoint is asked', (seen) => {
    const expected = told`a token request elsewhere than at ${path}`;
    const token = seen.exchanges.find(({ endpoint }) => endpoint === 'token');
    if (token === undefined)
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`no token request`,
        where: told`Emta's record`,
        positive: false,
        points: 'unclear',
      };
    const asked = token.request.url.split('?')[0] ?? '';
    return {
      kind: 'L',
      expected,
      observed: verbatim(asked),
      where: told`exchange ${token.seq}`,
      positive: true,
      points: asked.endsWith(path) ? 'against' : 'for',
    };
  });

/** A parameter is sent. */
export const sends = (names: readonly string[], expected: Told): Matcher =>
  overRequest(expected.en, expected, (parameters) => {
    const has = names.filter((name) => (parameters.get(name) ?? '') !== '');
    return [
      has.length > 0 ? 'for' : 'against',
      has.length === 0
        ? told`none of it`
        : listed(
            has.map((name) => `${name}=${parameters.get(name)}`),
            'comma',
          ),
    ];
  });

/** No national code or number in the request, login_hint excepted. */
export const namesNobody = (role: string, label: string): Matcher =>
  matcher('the request names nobody', (seen) => {
    const expected = told`no national code or mobile number in the query, login_hint excepted`;
    const hops = (seen.traces[label]?.hops ?? []).filter(
      (hop) => new URL(hop.url).origin === seen.setting.emtaOrigin && isAuthorizeHop(hop, seen.setting),
    );
    const [first] = hops;
    if (first === undefined)
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`no authorization request`,
        where: verbatim(label),
        positive: false,
        points: 'unclear',
      };
    const telling = (seen.needles[role] ?? []).filter(
      ({ what }) => what === 'national code' || what === 'mobile number',
    );
    for (const hop of hops) {
      const url = new URL(hop.url);
      url.searchParams.delete('login_hint');
      const found = foundIn(haystackOf([...url.searchParams.values()].join(' ')), telling);
      if (found[0] !== undefined)
        return {
          kind: 'L',
          expected,
          observed: told`the ${whatOf(found[0])} of ${role}`,
          where: verbatim(hop.url),
          positive: true,
          points: 'against',
        };
    }
    return { kind: 'L', expected, observed: told`none`, where: verbatim(first.url), positive: true, points: 'for' };
  });

/** https, or loopback. */
export const redirectIsProtected = overRequest(
  'redirect_uri is https or loopback',
  told`an https redirect_uri, or one on loopback`,
  (parameters) => {
    const uri = parameters.get('redirect_uri');
    if (uri === null || !URL.canParse(uri)) return ['against', told`redirect_uri ${uri ?? told`(absent)`}`];
    const { protocol, hostname } = new URL(uri);
    return [protocol === 'https:' || isLoopback(hostname) ? 'for' : 'against', verbatim(uri)];
  },
);

/** The redirect_uri asked for is registered, and the token request repeats it. */
export const redirectIsRepeated = (label: string): Matcher =>
  matcher('redirect_uri is repeated unchanged', (seen) => {
    const expected = told`a registered redirect_uri, repeated byte for byte in the token request`;
    const [asked] = askedIn(seen, seen.traces[label]);
    if (asked === undefined)
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`no authorization request`,
        where: verbatim(label),
        positive: false,
        points: 'unclear',
      };
    const uri = asked.parameters.get('redirect_uri');
    const codes = (seen.traces[label]?.hops ?? []).flatMap(({ url, requestBody }) =>
      [new URL(url).searchParams.get('code'), new URLSearchParams(requestBody).get('code')].filter(
        (code) => code !== null,
      ),
    );
    const token = seen.exchanges.find(
      ({ endpoint, request }) => endpoint === 'token' && codes.includes(request.form.code ?? ''),
    );
    const isRegistered =
      uri === null
        ? seen.setting.rp.client.redirect_uris.length === 1
        : seen.setting.rp.client.redirect_uris.includes(uri);
    if (!isRegistered)
      return {
        kind: 'L',
        expected,
        observed: told`"${uri ?? ''}" is not registered`,
        where: verbatim(asked.url),
        positive: true,
        points: 'against',
      };
    if (token === undefined)
      return {
        kind: 'L',
        expected,
        observed: told`no token request`,
        where: verbatim(asked.url),
        positive: false,
        points: 'unclear',
      };
    const repeated = token.request.form.redirect_uri ?? null;
    return {
      kind: 'L',
      expected,
      observed: told`"${uri ?? ''}", then "${repeated ?? ''}"`,
      where: told`exchange ${token.seq}`,
      positive: true,
      points: repeated === uri ? 'for' : 'against',
    };
  });

/** How a token request authenticates the client: every way it uses. */
export function methodsOf({ request }: Exchange): readonly string[] {
  const { authorization } = request.headers;
  return [
    ...(/^Basic /i.test(authorization ?? '') ? ['client_secret_basic'] : []),
    ...(request.form.client_secret === undefined ? [] : ['client_secret_post']),
    ...(request.form.client_assertion === undefined ? [] : ['private_key_jwt']),
    ...(request.query.client_secret === undefined ? [] : ['client_secret in the URL']),
  ];
}

/** One way of authenticating, the registered one, and the secret nowhere else. */
export const authenticatesOnce = matcher('the client authenticates by its one method', (seen) => {
  const { client } = seen.setting.rp;
  const expected = told`${client.token_endpoint_auth_method} alone, and the secret in no URL or page`;
  const tokens = [...seen.exchanges, ...seen.strays].filter(({ endpoint }) => endpoint === 'token');
  const [first] = tokens;
  if (first === undefined)
    return {
      kind: 'L',
      expected,
      observed: seen.stopped ?? told`no token request`,
      where: told`Emta's record`,
      positive: false,
      points: 'unclear',
    };
  for (const token of tokens) {
    const methods = methodsOf(token);
    const named = methods.length === 0 ? ['none'] : methods;
    if (named.length !== 1 || named[0] !== client.token_endpoint_auth_method) {
      return {
        kind: 'L',
        expected,
        observed: listed(named, 'and'),
        where: told`exchange ${token.seq}: ${`${token.request.method} ${token.request.url} -> ${token.response.status}`}`,
        positive: true,
        points: 'against',
      };
    }
  }
  const leak = secretLeak(seen, client.client_secret);
  if (leak !== undefined)
    return { kind: 'U', expected, observed: told`the secret`, where: leak, positive: true, points: 'against' };
  return {
    kind: 'L',
    expected,
    observed: told`${client.token_endpoint_auth_method} in ${tokens.length} token request(s)`,
    where: told`exchange ${first.seq}`,
    positive: true,
    points: 'for',
  };
});

/** Secrets this short stand on pages by chance. */
const TELLING_SECRET = 8;

/** Where a secret leaked to: a URL, or a body of the relying party. */
export function secretLeak(seen: Seen, secret: string | undefined): Told | undefined {
  if (secret === undefined || secret.length < TELLING_SECRET) return undefined;
  const traces = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)];
  for (const trace of traces) {
    for (const hop of answersOf(trace)) {
      if (hop.url.includes(secret) || hop.url.includes(encodeURIComponent(secret))) return told`the URL ${hop.url}`;
      if (new URL(hop.url).origin !== seen.setting.emtaOrigin && hop.body.includes(secret))
        return told`the body of ${`${hop.method} ${hop.url}`}`;
    }
  }
  const call = seen.exchanges.find(
    ({ request }) => request.url.includes(secret) || request.url.includes(encodeURIComponent(secret)),
  );
  return call === undefined ? undefined : told`exchange ${call.seq}: ${call.request.url}`;
}

const resourceEndpoints = new Set(['userinfo', 'identity', 'mobile', 'email', 'status']);

/** Every resource is asked with the token in header or body. */
export const tokenInHeader = matcher('access tokens travel in the header or body', (seen) => {
  const expected = told`the access token in the Authorization header or the form body`;
  const calls = seen.exchanges.filter(({ endpoint }) => resourceEndpoints.has(endpoint));
  const [first] = calls;
  if (first === undefined) {
    const used = [...seen.setting.channels].some((channel) => resourceEndpoints.has(channel));
    return {
      kind: 'L',
      expected,
      observed: used ? told`no resource call` : told`the relying party asks no resource`,
      where: told`Emta's record`,
      positive: false,
      points: used ? 'unclear' : 'no-channel',
    };
  }
  const wrong = calls.find(
    ({ request }) =>
      request.query.access_token !== undefined ||
      (request.form.access_token === undefined && !/^Bearer /i.test(request.headers.authorization ?? '')),
  );
  const shown = wrong ?? first;
  return {
    kind: 'L',
    expected,
    observed: wrong === undefined ? told`${calls.length} call(s) so` : told`it is in the query, or missing`,
    where: told`exchange ${shown.seq}: ${`${shown.request.method} ${shown.request.url.split('?')[0]}`}`,
    positive: true,
    points: wrong === undefined ? 'for' : 'against',
  };
});

/** The verifier is well-formed and matches the challenge. */
export const verifierMatches = (label: string): Matcher =>
  matcher('the code_verifier is valid', (seen) => {
    const expected = told`43 to 128 unreserved characters that match the challenge`;
    const [asked] = askedIn(seen, seen.traces[label]);
    const challenge = asked?.parameters.get('code_challenge') ?? undefined;
    const codes = (seen.traces[label]?.hops ?? []).flatMap(({ url }) => new URL(url).searchParams.get('code') ?? []);
    const token = seen.exchanges.find(
      ({ endpoint, request }) => endpoint === 'token' && codes.includes(request.form.code ?? ''),
    );
    const verifier = token?.request.form.code_verifier;
    if (challenge === undefined || token === undefined)
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`no challenge, or no token request`,
        where: verbatim(label),
        positive: false,
        points: 'unclear',
      };
    const where = told`exchange ${token.seq}`;
    if (verifier === undefined)
      return { kind: 'L', expected, observed: told`no code_verifier`, where, positive: true, points: 'against' };
    const isPlain = asked?.parameters.get('code_challenge_method') !== 'S256';
    const hashed = isPlain ? verifier : createHash('sha256').update(verifier).digest('base64url');
    const isWell = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier);
    return {
      kind: 'L',
      expected,
      observed:
        hashed === challenge
          ? told`${verifier.length} character(s), matching`
          : told`${verifier.length} character(s), not matching`,
      where,
      positive: true,
      points: isWell && hashed === challenge ? 'for' : 'against',
    };
  });

/** Two logins redeem two codes, and at least one of the three values differs. */
export const differsBetween = (first: string, second: string): Matcher =>
  matcher('two logins differ', (seen) => {
    const expected = told`two codes redeemed, and another state, nonce or challenge`;
    const [[one], [two]] = [askedIn(seen, seen.traces[first]), askedIn(seen, seen.traces[second])];
    if (one === undefined || two === undefined) {
      return {
        kind: 'L',
        expected,
        observed: seen.stopped ?? told`the relying party starts no second login`,
        where: verbatim(second),
        positive: false,
        points: 'unclear',
      };
    }
    const codes = new Set(
      seen.exchanges.flatMap(({ endpoint, request, response }) =>
        endpoint === 'token' && response.status === 200 ? (request.form.code ?? []) : [],
      ),
    );
    if (!seen.exchanges.some(({ endpoint }) => endpoint === 'token')) {
      return {
        kind: 'L',
        expected,
        observed: told`the relying party redeems no code at all`,
        where: verbatim(two.url),
        positive: false,
        points: 'unclear',
      };
    }
    const changed = ['state', 'nonce', 'code_challenge'].filter(
      (name) => one.parameters.get(name) !== two.parameters.get(name),
    );
    return {
      kind: 'L',
      expected,
      observed:
        changed.length === 0
          ? told`${codes.size} code(s) redeemed, none of the three changed`
          : told`${codes.size} code(s) redeemed, ${listed(changed, 'comma')} changed`,
      where: verbatim(two.url),
      positive: true,
      points: codes.size >= 2 && changed.length > 0 ? 'for' : 'against',
    };
  });

/** One token request for each code. */
export const codesOnce = matcher('each code is redeemed once', (seen) => {
  const expected = told`one token request per code`;
  const tokens = seen.exchanges.filter(({ endpoint }) => endpoint === 'token');
  const counts = new Map<string, number>();
  for (const { request } of tokens) counts.set(request.form.code ?? '', (counts.get(request.form.code ?? '') ?? 0) + 1);
  const [twice] = [...counts].filter(([, count]) => count > 1);
  return {
    kind: 'L',
    expected,
    observed:
      twice === undefined
        ? told`${counts.size} code(s), ${tokens.length} token request(s)`
        : told`${twice[1]} token request(s) with one code`,
    where: told`Emta's record`,
    positive: tokens.length > 0,
    points: tokens.length === 0 ? 'unclear' : twice === undefined ? 'for' : 'against',
  };
});

/** An endpoint is not asked in the case. */
export const notAsked = (endpoint: string, because: Told): Matcher =>
  matcher(`${endpoint} is not asked`, (seen) => {
    const expected = told`no call of ${endpoint}: ${because}`;
    const call = seen.exchanges.find((exchange) => exchange.endpoint === endpoint);
    return {
      kind: 'L',
      expected,
      observed: call === undefined ? told`none` : told`it was`,
      where:
        call === undefined
          ? told`Emta's record`
          : told`exchange ${call.seq}: ${`${call.request.method} ${call.request.url}`}`,
      positive: call !== undefined,
      points: call === undefined ? 'for' : 'against',
    };
  });

/** The access token of the last token answer is not presented as Bearer. */
export const tokenNotPresented = matcher('the token is not presented', (seen) => {
  const expected = told`the access token is not presented as Bearer`;
  const call = seen.exchanges.find(
    ({ endpoint, request }) => resourceEndpoints.has(endpoint) && /^Bearer /i.test(request.headers.authorization ?? ''),
  );
  return {
    kind: 'L',
    expected,
    observed: call === undefined ? told`it is not` : told`it is`,
    where: call === undefined ? told`Emta's record` : told`exchange ${call.seq}: ${call.request.url}`,
    positive: call !== undefined,
    points: call === undefined ? 'for' : 'against',
  };
});

/** Nothing secret arrives at the attacker's host. */
export const trapGetsNothing = (what: 'credentials' | 'anything' | 'token'): Matcher =>
  matcher(`the attacker's host gets no ${what}`, (seen) => {
    const expected =
      what === 'anything'
        ? told`no request to the attacker's host`
        : what === 'token'
          ? told`no access token at the attacker's host`
          : told`no code, secret or verifier at the attacker's host`;
    const { client_secret: secret } = seen.setting.rp.client;
    const codes = seen.exchanges.flatMap(({ request }) =>
      [request.form.code, request.form.code_verifier, request.form.client_assertion].flatMap((value) => value ?? []),
    );
    const tokens = seen.exchanges.flatMap(
      ({ response }) => /"access_token"\s*:\s*"([^"]+)"/.exec(response.body)?.[1] ?? [],
    );
    const basic = seen.exchanges.flatMap(({ endpoint, request }) =>
      endpoint === 'token' ? (request.headers.authorization ?? []) : [],
    );
    const values = [
      ...(what === 'token'
        ? []
        : [...codes, ...basic, ...(secret === undefined ? [] : [secret, encodeURIComponent(secret)])]),
      ...tokens,
    ].filter((value) => value.length >= TELLING_SECRET);
    for (const visit of seen.trapped) {
      const text = `${visit.url}\n${Object.values(visit.headers).join('\n')}\n${visit.body}`;
      const isBad =
        what === 'anything' ||
        values.some((value) => text.includes(value)) ||
        /(?:code|client_secret|code_verifier)=|Bearer |Basic /i.test(text);
      if (isBad)
        return {
          kind: 'L2',
          expected,
          observed: verbatim(`${visit.method} ${visit.url}`),
          where: told`the attacker's host ${seen.setting.trapOrigin}`,
          positive: true,
          points: 'against',
        };
    }
    return {
      kind: 'L2',
      expected,
      observed: told`${seen.trapped.length} request(s), none of that kind`,
      where: told`the attacker's host ${seen.setting.trapOrigin}`,
      positive: false,
      points: 'for',
    };
  });

/** At most so many key fetches in the case; counted when nobody else was about. */
export const keyFetches = (atMost: number, points: 'warn' | 'against' = 'warn'): Matcher =>
  matcher(`at most ${atMost} key fetches`, (seen) => {
    const expected = told`at most ${atMost} fetch(es) of the key set`;
    const fetches = seen.fetches.filter(({ endpoint }) => endpoint === 'jwks');
    if (!seen.setting.channels.has('jwks') && fetches.length === 0)
      return {
        kind: 'L',
        expected,
        observed: told`the relying party never fetches keys`,
        where: told`Emta's record`,
        positive: false,
        points: 'for',
      };
    const isTooMany = fetches.length > atMost;
    return {
      kind: 'L',
      expected,
      observed: told`${fetches.length} fetch(es)`,
      where: told`Emta's record`,
      positive: isTooMany,
      points: isTooMany ? (seen.isAlone ? points : 'for') : 'for',
    };
  });
