import { foundIn, haystackOf, needlesOf } from '../../observe/needles.ts';
import { endOf } from '../../observe/reading.ts';
import { whereabouts } from '../../observe/whereabouts.ts';
import { told } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { noLook } from './steps.ts';

/** The number is right where it is shown, never shifted or shortened; refusing it is right too. */
export const numberIsWhole: Matcher = matcher('the number is whole', (seen) => {
  const expected = told`the right number, or a refusal; never a shifted or shortened one`;
  const person = seen.people.A;
  const reading = seen.looks.after;
  if (person === undefined || reading === undefined) return noLook(seen, 'N', expected, 'after');
  const read = whereabouts(seen, reading);
  if (read.state === 'out')
    return { kind: read.kind, expected, observed: read.observed, where: read.evidence, positive: true, points: 'for' };
  const national = person.mobile.replace(/^\+98/, '');
  const whole = needlesOf(person).filter(({ what }) => what === 'mobile number');
  for (const trace of [seen.traces.login, reading.page]) {
    const page = trace?.page;
    if (trace === undefined || page === undefined || !seen.setting.origins.includes(new URL(page.url).origin)) continue;
    const haystack = haystackOf(page.body);
    const rest = whole.reduce((text, { pattern }) => text.replace(new RegExp(pattern.source, 'g'), '·'), haystack);
    // a part of the number that stands by itself, with other digits before or behind it
    const cut = new RegExp(`\\d*(?:${national.slice(2)}|${national.slice(0, 8)})\\d*`).exec(rest)?.[0];
    if (cut !== undefined)
      return {
        kind: 'N',
        expected,
        observed: told`"${cut}" for ${person.mobile}`,
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    if (foundIn(haystack, whole).length > 0)
      return {
        kind: 'N',
        expected,
        observed: told`the right number`,
        where: endOf(trace),
        positive: true,
        points: 'for',
      };
  }
  return {
    kind: read.kind,
    expected,
    observed: told`signed in, the number shown nowhere`,
    where: read.evidence,
    positive: true,
    points: 'for',
  };
});
