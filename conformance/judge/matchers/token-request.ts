import type { Exchange } from '../../driver/emta-wire.ts';
import { codesIn } from '../../driver/user-agent.ts';
import { listed, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { askedIn } from './asked.ts';
import { secretLeak } from './secrets.ts';
import { notSeen } from './steps.ts';

/** The redirect_uri asked for is registered, and the token request repeats it. */
export const redirectIsRepeated = (label: string): Matcher =>
  matcher('redirect_uri is repeated unchanged', (seen) => {
    const expected = told`a registered redirect_uri, repeated byte for byte in the token request`;
    const [asked] = askedIn(seen, seen.traces[label]);
    if (asked === undefined) return notSeen(seen, 'L', expected, told`no authorization request`, verbatim(label));
    const uri = asked.parameters.get('redirect_uri');
    const codes = codesIn(seen.traces[label]?.hops ?? []);
    const token = seen.exchanges.find(
      ({ endpoint, request }) => endpoint === 'token' && codes.has(request.form.code ?? ''),
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
  if (first === undefined) return notSeen(seen, 'L', expected, told`no token request`, told`Emta's record`);
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

/** The token request goes to another place than before. */
export const asksElsewhere = (path: string): Matcher =>
  matcher('the new token endpoint is asked', (seen) => {
    const expected = told`a token request elsewhere than at ${path}`;
    const token = seen.exchanges.find(({ endpoint }) => endpoint === 'token');
    if (token === undefined) return notSeen(seen, 'L', expected, told`no token request`, told`Emta's record`);
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
