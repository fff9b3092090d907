import { endOf } from '../../observe/reading.ts';
import { whereabouts } from '../../observe/whereabouts.ts';
import { told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { noLook, noSuchStep } from './steps.ts';

/** redirect_uri is a registered one whatever the request's headers say, or the request is refused. */
export const redirectIsUnchanged = (label: string): Matcher =>
  matcher('redirect_uri does not follow request headers', (seen) => {
    const expected = told`a registered redirect_uri, or a refusal`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'L', expected, label);
    const where = endOf(trace);
    const sent = trace.hops.find(({ url }) => new URL(url).origin === seen.setting.emtaOrigin);
    const uri = sent === undefined ? null : new URL(sent.url).searchParams.get('redirect_uri');
    if (uri !== null)
      return {
        kind: 'L',
        expected,
        observed: verbatim(uri),
        where,
        positive: true,
        points: seen.setting.rp.client.redirect_uris.includes(uri) ? 'for' : 'against',
      };
    if (trace.ending.kind === 'off-limits')
      return {
        kind: 'U',
        expected,
        observed: told`sent off to ${trace.ending.url}`,
        where,
        positive: true,
        points: 'against',
      };
    const status = trace.page?.status ?? 0;
    return {
      kind: 'U',
      expected,
      observed: told`status ${status}`,
      where,
      positive: true,
      points: status >= 400 && status < 500 ? 'for' : trace.page === undefined ? 'unclear' : 'for',
    };
  });

/** A login that starts at another name of the host ends well, or is led to the name the site goes by. */
export const oneHostName = (host: string, steps: readonly string[], look: string): Matcher =>
  matcher('one host name', (seen) => {
    const expected = told`signed in, or led to the canonical host, from ${host}`;
    const reading = seen.looks[look];
    const hops = steps.flatMap((label) => seen.traces[label]?.hops ?? []);
    const moved = hops.find(
      ({ url }) => new URL(url).hostname !== host && new URL(url).origin !== seen.setting.emtaOrigin,
    );
    if (moved !== undefined)
      return {
        kind: 'U',
        expected,
        observed: told`led to ${moved.url}`,
        where: verbatim(hops[0]?.url ?? ''),
        positive: true,
        points: 'for',
      };
    if (reading === undefined) return noLook(seen, 'P', expected, look);
    const read = whereabouts(seen, reading);
    return {
      kind: read.kind,
      expected,
      observed: read.observed,
      where: read.evidence,
      positive: true,
      points: read.state === 'in' ? 'for' : read.state === 'out' ? 'against' : 'unclear',
    };
  });
