import { isLoopback } from '../../driver/site.ts';
import type { Trace } from '../../driver/user-agent.ts';
import { foundIn, haystackOf, whatOf } from '../../observe/needles.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { askedIn, overRequest } from './asked.ts';
import { isAuthorizeHop } from './refusal.ts';
import { notSeen } from './steps.ts';

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
    if (first === undefined) return notSeen(seen, 'L', expected, told`no authorization request`, verbatim(label));
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
