import { answersOf } from '../../driver/user-agent.ts';
import type { Seen } from '../../observe/seen.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { notSeen } from './steps.ts';

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

const tokensOf = (seen: Seen): readonly string[] =>
  seen.exchanges
    .filter(({ endpoint }) => endpoint === 'token')
    .flatMap(({ response }) =>
      [...response.body.matchAll(/"(?:access_token|id_token|refresh_token)"\s*:\s*"([^"]+)"/g)].flatMap(
        ([, token]) => token ?? [],
      ),
    );

/** No token and no secret in a body or URL of the relying party. */
export const keepsSecrets = matcher('tokens and the secret stay on the server', (seen) => {
  const expected = told`no access token, ID token or secret in any body or URL`;
  const traces = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)];
  const tokens = tokensOf(seen);
  const hops = traces.flatMap(answersOf).filter((hop) => new URL(hop.url).origin !== seen.setting.emtaOrigin);
  const leak = hops.find((hop) =>
    tokens.some(
      (token) =>
        token.length > 15 &&
        (hop.url.includes(token) || hop.body.includes(token) || (hop.headers.location ?? '').includes(token)),
    ),
  );
  const secret = secretLeak(seen, seen.setting.rp.client.client_secret);
  const where =
    leak === undefined
      ? (secret ?? told`${hops.length} answer(s) of the relying party`)
      : verbatim(`${leak.method} ${leak.url}`);
  if (tokens.length === 0 && secret === undefined)
    return notSeen(seen, 'U', expected, told`no token was handed out`, where);
  return {
    kind: 'U',
    expected,
    observed: leak !== undefined ? told`a token` : secret !== undefined ? told`the secret` : told`none`,
    where,
    positive: true,
    points: leak === undefined && secret === undefined ? 'for' : 'against',
  };
});

/** The secret stands on no page of the case. */
export const hidesSecret = matcher('the secret is not shown', (seen) => {
  const expected = told`no client secret on the page`;
  const leak = secretLeak(seen, seen.setting.rp.client.client_secret);
  return {
    kind: 'U',
    expected,
    observed: leak === undefined ? told`none` : told`the secret`,
    where: leak ?? told`the last page`,
    positive: leak !== undefined,
    points: leak === undefined ? 'for' : 'against',
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
