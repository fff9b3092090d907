import { endOf } from '../../observe/reading.ts';
import { told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';

/** With Emta down the citizen meets a page of the relying party, or a plain redirect; never a trace of its insides. */
export const meetsOutage = (label: string): Matcher =>
  matcher('an outage is met with a page', (seen) => {
    const expected = told`a page of the relying party, 503 allowed, or a plain redirect to Emta`;
    const trace = seen.traces[label];
    if (trace === undefined) {
      const isFor = seen.relaunchProblem !== undefined;
      return {
        kind: 'U',
        expected,
        observed: isFor ? verbatim(seen.relaunchProblem) : (seen.stopped ?? told`no such step`),
        where: verbatim(label),
        positive: false,
        points: isFor ? 'against' : 'unclear',
      };
    }
    const own = trace.hops.filter(({ url }) => new URL(url).origin !== seen.setting.emtaOrigin);
    const sentOn = trace.hops.length > own.length;
    const where = endOf(trace);
    if (sentOn)
      return { kind: 'U', expected, observed: told`a redirect to Emta`, where, positive: true, points: 'for' };
    const { page, ending } = trace;
    if (ending.kind !== 'page' || page === undefined)
      return { kind: 'U', expected, observed: verbatim(ending.kind), where, positive: true, points: 'against' };
    const isWell = (page.status < 500 || page.status === 503) && (page.text !== '' || page.isShell);
    return {
      kind: 'U',
      expected,
      observed: told`status ${page.status}, «${page.title || page.text.slice(0, 80)}»`,
      where,
      positive: true,
      points: isWell ? 'for' : 'against',
    };
  });
