import { endOf, isAlike, isAnswered } from '../../observe/reading.ts';
import { rolesOn, whereabouts } from '../../observe/whereabouts.ts';
import { listed, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { noLook, notSeen } from './steps.ts';

/** An empty jar opens nothing and shows nobody. */
export const anonymousIsOut = (label: string): Matcher =>
  matcher('an anonymous visitor sees nothing personal', (seen) => {
    const expected = told`nobody signed in and nobody shown`;
    const reading = seen.looks[label];
    if (reading === undefined) return noLook(seen, 'P', expected, label);
    const { probe, page } = reading;
    const shown = rolesOn(seen, page.page?.body ?? '');
    if (probe.kind === 'in')
      return {
        kind: 'P',
        expected,
        observed: told`the probe says ${probe.value === undefined ? told`someone` : `"${probe.value}"`} is signed in`,
        where: probe.evidence,
        positive: true,
        points: 'against',
      };
    if (shown.length > 0)
      return {
        kind: 'N',
        expected,
        observed: told`protected_url shows ${listed(shown, 'and')}`,
        where: endOf(page),
        positive: true,
        points: 'against',
      };
    const isSeen = isAnswered(page) || probe.kind === 'anonymous';
    return {
      kind: probe.kind === 'anonymous' ? 'P' : 'N',
      expected,
      observed: probe.kind === 'anonymous' ? told`the probe says nobody is signed in` : told`no value of anybody`,
      where: endOf(page),
      positive: isSeen,
      points: isSeen ? 'for' : 'unclear',
    };
  });

/** Where nobody got in, what Emta says of a call that it turned away: settings that differ, most likely. */
export const takenByEmta = (look: string): Matcher =>
  matcher('Emta turned no call of the login away', (seen) => {
    const reading = seen.looks[look];
    if (reading === undefined || whereabouts(seen, reading).state !== 'out') return [];
    const call = [...seen.exchanges, ...seen.strays].find(
      ({ explanation, delivered }) => explanation !== undefined && delivered.length === 0,
    );
    if (call?.explanation === undefined) return [];
    const { kind, rule, expected, received } = call.explanation;
    const asked = `${call.request.method} ${call.request.url.split('?')[0]}`;
    const wanted = expected.length === 0 ? verbatim('') : told`, expected ${expected.join(', ')}`;
    const came = received.length === 0 ? verbatim('') : told`, got ${received.join(', ')}`;
    return {
      kind: 'L',
      expected: told`no call of this login turned away by Emta`,
      observed: told`Emta turned ${asked} away: ${kind.replaceAll('_', ' ')} (${rule})${wanted}${came}; compare "${'client'}" in the file with what the site is set to`,
      where: told`exchange ${call.seq}: ${`${asked} -> ${call.response.status}`}`,
      positive: true,
      points: 'against',
    };
  });

/** Anonymous, refused and signed-in can be told apart. */
export const threeFaces: Matcher = matcher('three pages that differ', (seen) => {
  const { anonymous, refused, signedIn, rp } = seen.setting;
  const expected = told`three pages that can be told apart`;
  const where = verbatim(rp.protectedUrl);
  const probes = [seen.looks.anonymous?.probe, seen.looks.after?.probe];
  const byProbe = probes[0]?.kind === 'anonymous' && probes[1]?.kind === 'in';
  if (anonymous === null || refused === null || signedIn === null)
    return notSeen(seen, 'U', expected, told`calibration did not see all three`, where);
  if (isAlike(signedIn, anonymous) || isAlike(signedIn, refused)) {
    return byProbe
      ? {
          kind: 'P',
          expected,
          observed: told`the signed-in page looks like another; only the probe tells them apart`,
          where,
          positive: true,
          points: 'for',
        }
      : {
          kind: 'U',
          expected,
          observed: told`the signed-in page looks like another, and no probe tells them apart`,
          where,
          positive: true,
          points: 'against',
        };
  }
  if (isAlike(refused, anonymous))
    return {
      kind: 'U',
      expected,
      observed: told`the page after a refusal looks like that of an anonymous visitor`,
      where,
      positive: true,
      points: 'warn',
    };
  return { kind: 'U', expected, observed: told`three different pages`, where, positive: true, points: 'for' };
});
