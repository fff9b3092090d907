import { parsePage } from '../../driver/page.ts';
import { endOf } from '../../observe/reading.ts';
import { listed, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { hopsAfterReturn } from './refusal.ts';
import { isOwn, noSuchStep } from './steps.ts';

/** Every hop stays at the relying party and at Emta. */
export const staysHome = (label = 'login', kind: Finding['kind'] = 'U'): Matcher =>
  matcher('the browser stays at home', (seen) => {
    const expected = told`every hop on the relying party's own origin, or Emta's`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, kind, expected, label);
    if (trace.ending.kind === 'off-limits')
      return {
        kind,
        expected,
        observed: told`sent off to ${trace.ending.url}`,
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    const allowed = new Set([...seen.setting.origins, seen.setting.emtaOrigin]);
    const away = trace.hops.find(({ url }) => !allowed.has(new URL(url).origin));
    if (away !== undefined)
      return {
        kind,
        expected,
        observed: verbatim(`${away.method} ${away.url}`),
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    const isFinished = trace.ending.kind === 'page';
    return {
      kind,
      expected,
      observed: isFinished ? told`${trace.hops.length} hop(s), all at home` : verbatim(trace.ending.kind),
      where: endOf(trace),
      positive: isFinished,
      points: isFinished ? 'for' : 'unclear',
    };
  });

const holdsAnswer = (url: string) => ['code', 'state'].filter((name) => new URL(url).searchParams.has(name));

/** Code and state are gone from the address in the end. */
export const addressIsClean = (label: string): Matcher =>
  matcher('code and state leave the address', (seen) => {
    const expected = told`a final address without code and state`;
    const trace = seen.traces[label];
    const page = trace?.page;
    if (trace === undefined || page === undefined) return noSuchStep(seen, 'U', expected, label);
    const held = holdsAnswer(page.url);
    return {
      kind: 'U',
      expected,
      observed: held.length === 0 ? verbatim(page.url) : listed(held, 'and'),
      where: endOf(trace),
      positive: true,
      points: held.length === 0 ? 'for' : 'against',
    };
  });

/** The callback URL goes to nobody else. */
export const callbackStaysPrivate = (label: string): Matcher =>
  matcher('the callback URL is not leaked', (seen) => {
    const expected = told`the code gone from the address, or a Referrer-Policy; nothing of third parties on the callback answer`;
    const trace = seen.traces[label];
    const [callback] = trace === undefined ? [] : hopsAfterReturn(trace, seen.setting);
    if (trace === undefined || callback === undefined) return noSuchStep(seen, 'U', expected, label);
    const holding = hopsAfterReturn(trace, seen.setting).filter(
      (hop) => isOwn(seen)(hop) && holdsAnswer(hop.url).includes('code') && hop.status < 300,
    );
    for (const hop of holding) {
      const page = parsePage({
        url: hop.url,
        status: hop.status,
        contentType: hop.headers['content-type'] ?? '',
        body: hop.body,
      });
      const third = page.resources.find(
        (url) => /^https?:/.test(url) && !seen.setting.origins.includes(new URL(url).origin),
      );
      const policy = hop.headers['referrer-policy'] ?? page.select('meta[name="referrer"]', 'content') ?? '';
      const isSilent = /no-referrer(?!-when)|same-origin|^\s*(?:strict-)?origin/.test(policy);
      if (third !== undefined)
        return {
          kind: 'U',
          expected,
          observed: told`a resource of ${third}`,
          where: verbatim(hop.url),
          positive: true,
          points: 'against',
        };
      if (!isSilent)
        return {
          kind: 'U',
          expected,
          observed:
            policy === ''
              ? told`the code in the address, and no Referrer-Policy`
              : told`the code in the address, and Referrer-Policy ${policy}`,
          where: verbatim(hop.url),
          positive: true,
          points: 'against',
        };
    }
    const observed =
      holding.length === 0 ? told`no answer is shown at an address with the code` : told`a Referrer-Policy`;
    return {
      kind: 'U',
      expected,
      observed,
      where: endOf(trace),
      positive: trace.ending.kind === 'page',
      points: 'for',
    };
  });
