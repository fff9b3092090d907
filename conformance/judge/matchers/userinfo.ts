import { whatOf } from '../../observe/needles.ts';
import { endOf, isAnswered } from '../../observe/reading.ts';
import { needlesOn } from '../../observe/whereabouts.ts';
import { told } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { idTokenClaims } from './numbers-of-others.ts';
import { noPage } from './steps.ts';

/** Nothing is visible that only userinfo told; what the ID token or the citizen told may be. */
export const nothingFromUserinfo: Matcher = matcher('no value from userinfo is visible', (seen) => {
  const expected = told`no value from userinfo visible`;
  const known = JSON.stringify(idTokenClaims(seen));
  const traces = [seen.traces.login, seen.looks.after?.page].flatMap((trace) => trace ?? []);
  const last = traces.at(-1);
  const typed = JSON.stringify(seen.setting.rp.start.form);
  const wasTold = (what: string, value: string) =>
    known.includes(JSON.stringify(value).slice(1, -1)) ||
    (what === 'subject' && known.includes(value)) ||
    (what.includes('mobile') && typed.includes('mobile')) ||
    (what === 'national code' && typed.includes('national_code'));
  for (const trace of traces) {
    if (trace.page === undefined || !seen.setting.origins.includes(new URL(trace.page.url).origin)) continue;
    const shown = (needlesOn(seen, trace.page.body).A ?? []).filter(({ what, value }) => !wasTold(what, value));
    if (shown[0] !== undefined)
      return {
        kind: 'N',
        expected,
        observed: told`the ${whatOf(shown[0])} of ${'A'}`,
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
  }
  if (last === undefined) return noPage(seen, 'N', expected, 'login');
  return {
    kind: 'N',
    expected,
    observed: told`none`,
    where: endOf(last),
    positive: traces.some(isAnswered) || seen.looks.after?.probe.kind === 'anonymous',
    points: 'for',
  };
});
