import type { Exchange } from '../../driver/emta-wire.ts';
import { codesIn, type Hop, type Trace } from '../../driver/user-agent.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen, Setting } from '../../observe/seen.ts';
import { showsSign, signInWords } from '../../observe/sign.ts';
import type { PageSign } from '../../rp-file.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { out } from './session.ts';
import { notSeen } from './steps.ts';

export interface RefusalOptions {
  /** The step whose last page is judged. */
  readonly label?: string;
  readonly look?: string;
  /** Which configured words the page must show: of refusal, of mismatch, of either. */
  readonly words?: 'refusal' | 'mismatch' | 'either';
  /** An honest 503 with a page is allowed. */
  readonly allows503?: boolean;
  /** Authorization requests that may follow by themselves. */
  readonly retries?: number;
  /** Token requests that belong to the case itself, where a code was handed out. */
  readonly tokenRequests?: number;
}

const lacking = (seen: Seen, label: string, kind: Finding['kind'], expected: Told): Finding =>
  notSeen(seen, kind, expected, told`the step "${label}" never came about`, verbatim(label));

/** Findings on where a step ended. */
const atEndOf =
  (trace: Trace, expected: Told) =>
  (points: Finding['points'], observed: Told): Finding => ({
    kind: 'U',
    expected,
    observed,
    where: endOf(trace),
    positive: points !== 'unclear',
    points,
  });

export const isAuthorizeHop = (hop: Hop, setting: Pick<Setting, 'emtaOrigin'>): boolean => {
  const url = new URL(hop.url);
  return url.origin === setting.emtaOrigin && url.pathname.endsWith('/oauth/authorize');
};

/** The hops after the browser was first sent back to the relying party; a step that starts with a callback counts whole. */
export function hopsAfterReturn(trace: Trace, setting: Setting): readonly Hop[] {
  const first = trace.hops.findIndex(({ url }) => isReturn(url, setting));
  return first < 0 ? [] : trace.hops.slice(first);
}

const isReturn = (url: string, setting: Setting) => {
  const target = new URL(url);
  return setting.rp.client.redirect_uris.some(
    (uri) => new URL(uri).origin === target.origin && new URL(uri).pathname === target.pathname,
  );
};

const isOwn = (url: string, setting: Setting) => setting.origins.includes(new URL(url).origin);

/** The browser ends on a page of the relying party that has something to read on it. */
export const endsOnOwnPage = (
  label = 'login',
  options: { readonly allows503?: boolean; readonly otherwise?: 'against' | 'warn' } = {},
): Matcher =>
  matcher('the citizen ends on a page of the relying party', (seen) => {
    const { setting } = seen;
    const expected = told`a page of the relying party with text on it${options.allows503 === true ? told`, 503 allowed` : ''}`;
    const trace = seen.traces[label];
    if (trace === undefined) return lacking(seen, label, 'U', expected);
    const bad = options.otherwise ?? 'against';
    const finding = atEndOf(trace, expected);
    const { ending, page } = trace;
    if (ending.kind === 'loop')
      return finding(bad, told`no page that stays: ${trace.hops.length} hop(s) and on to ${ending.next}`);
    if (ending.kind === 'silence') return finding(bad, told`no answer within ${ending.milliseconds} ms`);
    if (ending.kind === 'broken') return finding(bad, told`the connection broke: ${ending.code} ${ending.message}`);
    if (ending.kind === 'off-limits') return finding(bad, told`the browser was sent off to ${ending.url}`);
    if (ending.kind === 'held') return finding('unclear', told`held before ${ending.next.url}`);
    if (page === undefined) return finding('unclear', told`no page`);
    if (!isOwn(page.url, setting)) {
      const wasBack = hopsAfterReturn(trace, setting).length > 0;
      return wasBack
        ? finding(bad, told`the citizen stands on ${page.url}, not on a page of the relying party`)
        : finding('unclear', told`the browser never came back from ${page.url} (${page.title})`);
    }
    if (page.status >= 500 && !(page.status === 503 && options.allows503 === true))
      return finding(bad, told`status ${page.status}`);
    if (page.isShell)
      return finding(
        'unclear',
        told`the page draws itself by script and shows nothing without it; use the browser driver`,
      );
    if (page.text === '') return finding(bad, told`a blank page, status ${page.status}`);
    return finding('for', told`status ${page.status}, «${page.title || page.text.slice(0, 80)}»`);
  });

/** No server error on the last page; whatever else it says is right. */
export const noServerError = (label = 'login', otherwise: 'against' | 'warn' = 'against'): Matcher =>
  matcher('no server error is shown', (seen) => {
    const expected = told`a last page without a 5xx status`;
    const trace = seen.traces[label];
    if (trace === undefined) return lacking(seen, label, 'U', expected);
    const status = trace.page?.status ?? 0;
    const finding = atEndOf(trace, expected);
    switch (trace.ending.kind) {
      case 'loop':
        return finding(otherwise, told`no page that stays: ${trace.hops.length} hop(s)`);
      case 'silence':
        return finding(otherwise, told`no answer within ${trace.ending.milliseconds} ms`);
      case 'broken':
        return finding(otherwise, told`the connection broke: ${trace.ending.code}`);
      case 'off-limits':
        return finding('for', told`sent off to ${trace.ending.url}`);
      default:
        return finding(status >= 500 ? otherwise : 'for', told`status ${status}`);
    }
  });

const isTokenRequest = ({ endpoint }: Exchange) => endpoint === 'token';

/** Calls that belong to one step: its journeys, or codes that its browser carried. */
function callsOf(seen: Seen, label: string | undefined): readonly Exchange[] {
  if (label === undefined) return seen.exchanges;
  const hops = seen.traces[label]?.hops ?? [];
  const journeys = new Set(
    hops.flatMap(({ url, headers }) =>
      [url, headers.location ?? ''].flatMap((text) => /\/journey\/([^/?#]+)/.exec(text)?.[1] ?? []),
    ),
  );
  const codes = codesIn(hops);
  return seen.exchanges.filter(
    ({ journey, request }) => (journey !== undefined && journeys.has(journey)) || codes.has(request.form.code ?? ''),
  );
}

/** At most so many token requests; strays count when nobody else was about. */
export const tokenRequests = (
  atMost: number,
  expected: Told = atMost === 0 ? told`no token request` : told`at most ${atMost} token request(s)`,
  label?: string,
  otherwise: 'against' | 'warn' = 'against',
): Matcher =>
  matcher(expected.en, (seen) => {
    const own = callsOf(seen, label).filter(isTokenRequest);
    const strays = seen.strays.filter(isTokenRequest);
    const count = own.length + strays.length;
    const [first] = [...own, ...strays].slice(atMost);
    const where =
      first === undefined
        ? told`Emta's record of this case`
        : told`exchange ${first.seq}: ${`${first.request.method} ${first.request.url} -> ${first.response.status}`}`;
    const finding = (points: Finding['points'], observed: Told, positive: boolean): Finding => ({
      kind: 'L',
      expected,
      observed,
      where,
      positive,
      points,
    });
    if (own.length > atMost || (seen.isAlone && count > atMost))
      return finding(otherwise, told`${count} token request(s)`, true);
    if (count > atMost) {
      return {
        ...finding('unclear', told`${strays.length} token request(s) of no login, perhaps of another case`, false),
        onlyAloneCounts: true,
      };
    }
    return finding('for', told`${own.length} token request(s)`, false);
  });

/** The login is not started again by itself. */
export const noRetry = (label = 'login', allowed = 0): Matcher =>
  matcher('the login is not started again by itself', (seen) => {
    const expected =
      allowed === 0
        ? told`no further authorization request by itself`
        : told`at most ${allowed} further authorization request(s) by itself`;
    const trace = seen.traces[label];
    if (trace === undefined) return lacking(seen, label, 'L', expected);
    const back = hopsAfterReturn(trace, seen.setting);
    const again = back.filter((hop) => isAuthorizeHop(hop, seen.setting));
    const isTooMany = again.length > allowed;
    return {
      kind: 'L',
      expected,
      observed: told`${again.length} further authorization request(s)`,
      where: isTooMany ? verbatim(`${again[0]?.method} ${again[0]?.url}`) : endOf(trace),
      positive: isTooMany,
      points: back.length === 0 ? 'unclear' : isTooMany ? 'against' : 'for',
    };
  });

/** A page that sends itself on after a while does not start the login again; one that stays has nothing to answer for. */
export const noLaterRetry = (label: string): Matcher =>
  matcher('the login is not started again after a while', (seen) => {
    const trace = seen.traces[label];
    if (trace === undefined) return [];
    const again = trace.hops.find((hop) => isAuthorizeHop(hop, seen.setting));
    return {
      kind: 'L',
      expected: told`a page that stays, or sends itself to a page without a login`,
      observed:
        again === undefined
          ? told`the page sends itself to ${trace.hops[0]?.url ?? ''}`
          : told`the page sends itself to ${trace.hops[0]?.url ?? ''}, which starts the login again`,
      where: again === undefined ? endOf(trace) : verbatim(`${again.method} ${again.url}`),
      positive: true,
      points: again === undefined ? 'for' : 'against',
    };
  });

/** The page says what the owner said it would. */
export const saysWords = (which: 'refusal' | 'mismatch' | 'either', label = 'login'): Matcher =>
  matcher(`the page has the words of ${which}`, (seen) => {
    const { rp } = seen.setting;
    const signs: readonly PageSign[] = (which === 'either' ? [rp.refusal, rp.mismatch] : [rp[which]]).flatMap(
      (sign) => sign ?? [],
    );
    if (signs.length === 0 || (which === 'either' && signs.length < 2 && rp.refusal === undefined)) return [];
    const expected = listed(signs.map(signInWords), 'or');
    const trace = seen.traces[label];
    if (trace === undefined) return lacking(seen, label, 'U', expected);
    const { page } = trace;
    if (page === undefined)
      return { kind: 'U', expected, observed: told`no page`, where: endOf(trace), positive: false, points: 'against' };
    if (page.isShell)
      return {
        kind: 'U',
        expected,
        observed: told`the page draws itself by script; use the browser driver`,
        where: endOf(trace),
        positive: false,
        points: 'unclear',
      };
    const isShown = signs.some((sign) => showsSign(page, sign));
    return {
      kind: 'U',
      expected,
      observed: isShown
        ? told`the page shows it`
        : page.text === ''
          ? told`a page without text`
          : told`«${page.title}» ${page.text.slice(0, 160)}`,
      where: endOf(trace),
      positive: true,
      points: isShown ? 'for' : 'against',
    };
  });

/** All that makes a refusal handled; see "handled refusal" in conformance.md, section 4. */
export function handledRefusal(options: RefusalOptions = {}): readonly Matcher[] {
  const label = options.label ?? 'login';
  return [
    out(options.look ?? 'after'),
    endsOnOwnPage(label, options.allows503 === undefined ? {} : { allows503: options.allows503 }),
    noRetry(label, options.retries ?? 0),
    tokenRequests(
      options.tokenRequests ?? 0,
      (options.tokenRequests ?? 0) === 0
        ? told`no token request after the error`
        : told`at most ${options.tokenRequests ?? 0} token request(s)`,
      label,
    ),
    ...(options.words === undefined ? [] : [saysWords(options.words, label)]),
  ];
}
