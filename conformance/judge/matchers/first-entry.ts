import { personalDataForm } from '../../driver/registration.ts';
import type { Trace } from '../../driver/user-agent.ts';
import { blanked } from '../../observe/needles.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { hopsAfterReturn } from './refusal.ts';
import { noSuchStep } from './steps.ts';

const entryMarks = (trace: Trace | undefined): boolean => personalDataForm(trace?.page) !== undefined;

/** Nothing is kept of a citizen whom the site never learned of: he typed nothing there, and the refusal was its whole answer. */
function neverNamed(seen: Seen, expected: Told): Finding | undefined {
  const { capabilities, origins } = seen.setting;
  const asks = (['asks_mobile', 'asks_national_code', 'registration'] as const).some(
    (name) => capabilities.find((one) => one.name === name)?.taken === true,
  );
  const refused = seen.traces.login;
  const answer = (refused === undefined ? [] : hopsAfterReturn(refused, seen.setting)).find(({ url, requestBody }) => {
    const { origin, searchParams } = new URL(url);
    const carried = [searchParams, new URLSearchParams(requestBody)];
    return origins.includes(origin) && carried.some((parameters) => parameters.has('error'));
  });
  if (asks || answer === undefined) return undefined;
  return {
    kind: 'L',
    expected,
    observed: told`the site was told nothing of the citizen who refused, so it has no account of his`,
    where: verbatim(answer.url),
    positive: true,
    points: 'for',
  };
}

/** A citizen is treated as unknown: the personal-details page is offered to him, as at a first entry. */
export const isFirstEntry = (
  label: string,
  compare: { readonly first: string; readonly later: string } | null = null,
): Matcher =>
  matcher('it is a first entry', (seen) => {
    const expected = told`a login as of somebody unknown`;
    const trace = seen.traces[label];
    if (trace === undefined) return noSuchStep(seen, 'P', expected, label);
    if (entryMarks(trace))
      return {
        kind: 'U',
        expected,
        observed: told`the personal-details page is offered`,
        where: endOf(trace),
        positive: true,
        points: 'for',
      };
    if (compare !== null && entryMarks(seen.traces[compare.first])) {
      const observed = told`not the personal-details page, but «${trace.page?.title ?? ''}»`;
      return { kind: 'U', expected, observed, where: endOf(trace), positive: true, points: 'against' };
    }
    if (compare !== null) {
      const needles = Object.values(seen.needles).flat();
      const text = (at: string) =>
        blanked(
          `${seen.traces[at]?.page?.url.split('?')[0] ?? ''} ${seen.traces[at]?.page?.title ?? ''} ${seen.traces[at]?.page?.text ?? ''}`,
          needles,
        ).replace(/\d+/g, '#');
      const [first, later, now] = [text(compare.first), text(compare.later), text(label)];
      if (first !== later && [first, later].includes(now))
        return {
          kind: 'U',
          expected,
          observed: now === first ? told`the page of a first login` : told`the page of a returning citizen`,
          where: endOf(trace),
          positive: true,
          points: now === first ? 'for' : 'against',
        };
    }
    const refused = neverNamed(seen, expected);
    if (refused !== undefined) return refused;
    return {
      kind: 'U',
      expected,
      observed: told`nothing tells a first login from a later one; to settle it, greet a new customer after the login in other words than one who comes back, and leave those words out of every later login`,
      where: endOf(trace),
      positive: false,
      points: 'unclear',
    };
  });
