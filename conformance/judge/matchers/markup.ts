import { load } from 'cheerio';
import { isMarkup } from '../../driver/page.ts';
import type { Hop } from '../../driver/user-agent.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { noPage } from './steps.ts';

/** What an attacker writes where a text is expected; `{mark}` makes it his own. */
export const markup = `</script></title></textarea><script>window.s{mark}=1</script>"><img src=x onerror="window.e{mark}=1"><b data-m{mark}>';window.q{mark}=1;'`;

/** Where the markup came alive in a body; undefined where it is only text. */
export function cameAlive(body: string, contentType: string, mark: string, sniffable: boolean): Told | undefined {
  if (!body.includes(mark)) return undefined;
  if (!isMarkup(contentType, body)) {
    return sniffable && /<script>window\.s/.test(body)
      ? told`raw in an answer of type "${contentType || 'none'}" that invites sniffing`
      : undefined;
  }
  const $ = load(body);
  for (const element of $('*').get()) {
    for (const [name, value] of Object.entries($(element).attr() ?? {})) {
      if (name.toLowerCase() === `data-m${mark}`.toLowerCase())
        return told`as an element, ${`<${'name' in element ? element.name : ''} ${name}>`}`;
      if (/^on/i.test(name) && value.includes(`{mark}`.replace('{mark}', mark)))
        return told`as a handler, ${`${name}="${value.slice(0, 60)}"`}`;
      if (/^(?:href|src|action|formaction|data)$/i.test(name) && /^\s*javascript:/i.test(value) && value.includes(mark))
        return told`as a link to ${value.slice(0, 60)}`;
    }
  }
  for (const script of $('script').get()) {
    const text = $(script).text();
    if (text.trimStart().startsWith(`window.s${mark}`)) return told`as a script of its own`;
    if (
      new RegExp(`(?<!\\\\)';window\\.q${mark}`).test(text) &&
      !/^\s*[{[]/.test(text) &&
      !/application\/(?:ld\+)?json/.test($(script).attr('type') ?? '')
    ) {
      const line = text.split('\n').find((one) => one.includes(`window.q${mark}`)) ?? '';
      if (/'[^'\\]*';window\.q/.test(line) && !line.includes('\\u003c') && !/"[^"]*';window\.q/.test(line))
        return told`as script, past the end of a string`;
    }
  }
  return undefined;
}

const isOwnHop = (seen: Seen) => (hop: Hop) => new URL(hop.url).origin !== seen.setting.emtaOrigin;

/** The marker stands nowhere but escaped; a page of the relying party must have been seen. */
export const markerStaysText = (labels: readonly string[]): Matcher =>
  matcher('markup stays text', (seen) => {
    const expected = told`the marker occurs only escaped`;
    const traces = labels.flatMap((label) =>
      [seen.traces[label], seen.looks[label]?.page].flatMap((trace) => trace ?? []),
    );
    const last = traces.at(-1);
    if (last === undefined) return noPage(seen, 'U', expected, labels.join(', '));
    const hops = traces.flatMap((trace) => trace.hops).filter(isOwnHop(seen));
    for (const hop of hops) {
      const alive = cameAlive(
        hop.body,
        hop.headers['content-type'] ?? '',
        seen.mark,
        !/nosniff/i.test(hop.headers['x-content-type-options'] ?? '') &&
          !/json/i.test(hop.headers['content-type'] ?? ''),
      );
      if (alive !== undefined)
        return {
          kind: 'U',
          expected,
          observed: alive,
          where: verbatim(`${hop.method} ${hop.url} -> ${hop.status}`),
          positive: true,
          points: 'against',
        };
    }
    const finished = traces.filter(
      ({ ending, page }) =>
        ending.kind === 'page' && page !== undefined && new URL(page.url).origin !== seen.setting.emtaOrigin,
    );
    const shown = hops.filter(({ body }) => body.includes(seen.mark)).length;
    return {
      kind: 'U',
      expected,
      observed: shown > 0 ? told`escaped on ${shown} answer(s)` : told`${hops.length} answer(s) without it`,
      where: endOf(last),
      positive: finished.length > 0,
      points: finished.length > 0 ? 'for' : 'unclear',
    };
  });

/** No link, redirect or resource leads where the text pointed. */
export const leadsNowhere = (labels: readonly string[], target: string): Matcher =>
  matcher('nothing leads to error_uri', (seen) => {
    const expected = told`no link or redirect to ${target.replaceAll('{mark}', seen.mark)}`;
    const needle = target
      .replaceAll('{mark}', seen.mark)
      .replaceAll('{trap}', `${seen.setting.trapOrigin}/${seen.mark}`);
    const traces = labels.flatMap((label) => seen.traces[label] ?? []);
    const last = traces.at(-1);
    if (last === undefined) return noPage(seen, 'U', expected, labels.join(', '));
    for (const { page, hops, ending } of traces) {
      const link =
        page?.links.find(({ raw }) => raw.includes(needle)) ??
        page?.forms.find(({ action }) => action.includes(needle));
      if (page !== undefined && new URL(page.url).origin !== seen.setting.emtaOrigin && link !== undefined) {
        return {
          kind: 'U',
          expected,
          observed: told`a link`,
          where: verbatim(page.url),
          positive: true,
          points: 'against',
        };
      }
      const redirect = hops.find((hop) => isOwnHop(seen)(hop) && hop.headers.location?.startsWith(needle) === true);
      if (redirect !== undefined || (ending.kind === 'off-limits' && ending.url.includes(needle))) {
        return {
          kind: 'U',
          expected,
          observed: told`a redirect`,
          where: redirect === undefined ? endOf(last) : verbatim(redirect.url),
          positive: true,
          points: 'against',
        };
      }
    }
    return {
      kind: 'U',
      expected,
      observed: told`none`,
      where: endOf(last),
      positive: last.ending.kind === 'page',
      points: 'for',
    };
  });

/** A sentence stands nowhere on the last page. */
export const sentenceIsHidden = (sentence: string, label = 'login'): Matcher =>
  matcher('the raw description is not shown', (seen) => {
    const expected = told`«${sentence}» is nowhere on the page`;
    const trace = seen.traces[label];
    const page = trace?.page;
    if (trace === undefined || page === undefined) return noPage(seen, 'U', expected, label);
    if (new URL(page.url).origin === seen.setting.emtaOrigin)
      return {
        kind: 'U',
        expected,
        observed: told`the citizen never came back`,
        where: endOf(trace),
        positive: false,
        points: 'unclear',
      };
    const isShown = page.text.includes(sentence) || page.body.includes(sentence);
    return {
      kind: 'U',
      expected,
      observed: isShown ? told`it is shown` : told`it is not shown`,
      where: endOf(trace),
      positive: true,
      points: isShown ? 'against' : 'for',
    };
  });
