import { endOf, isAlike } from '../../observe/reading.ts';
import { rolesOn } from '../../observe/whereabouts.ts';
import { type Matcher, matcher } from '../finding.ts';

/** An empty jar opens nothing and shows nobody. */
export const anonymousIsOut = (label: string): Matcher =>
  matcher('an anonymous visitor sees nothing personal', (seen) => {
    const expected = 'nobody signed in and nobody shown';
    const reading = seen.looks[label];
    if (reading === undefined)
      return {
        kind: 'P',
        expected,
        observed: seen.stopped ?? 'nobody looked',
        where: label,
        positive: false,
        points: 'unclear',
      };
    const { probe, page } = reading;
    const shown = rolesOn(seen, page.page?.body ?? '');
    if (probe.kind === 'in')
      return {
        kind: 'P',
        expected,
        observed: `the probe says ${probe.value === undefined ? 'someone' : `"${probe.value}"`} is signed in`,
        where: probe.evidence,
        positive: true,
        points: 'against',
      };
    if (shown.length > 0)
      return {
        kind: 'N',
        expected,
        observed: `protected_url shows ${shown.join(' and ')}`,
        where: endOf(page),
        positive: true,
        points: 'against',
      };
    const isSeen = page.ending.kind === 'page' || page.ending.kind === 'held' || probe.kind === 'anonymous';
    return {
      kind: probe.kind === 'anonymous' ? 'P' : 'N',
      expected,
      observed: probe.kind === 'anonymous' ? 'the probe says nobody is signed in' : 'no value of anybody',
      where: endOf(page),
      positive: isSeen,
      points: isSeen ? 'for' : 'unclear',
    };
  });

/** Anonymous, refused and signed-in can be told apart. */
export const threeFaces: Matcher = matcher('three pages that differ', (seen) => {
  const { anonymous, refused, signedIn, rp } = seen.setting;
  const expected = 'three pages that can be told apart';
  const where = rp.protectedUrl;
  const probes = [seen.looks.anonymous?.probe, seen.looks.after?.probe];
  const byProbe = probes[0]?.kind === 'anonymous' && probes[1]?.kind === 'in';
  if (anonymous === null || refused === null || signedIn === null)
    return {
      kind: 'U',
      expected,
      observed: seen.stopped ?? 'calibration did not see all three',
      where,
      positive: false,
      points: 'unclear',
    };
  if (isAlike(signedIn, anonymous) || isAlike(signedIn, refused)) {
    return byProbe
      ? {
          kind: 'P',
          expected,
          observed: 'the signed-in page looks like another; only the probe tells them apart',
          where,
          positive: true,
          points: 'for',
        }
      : {
          kind: 'U',
          expected,
          observed: 'the signed-in page looks like another, and no probe tells them apart',
          where,
          positive: true,
          points: 'against',
        };
  }
  if (isAlike(refused, anonymous))
    return {
      kind: 'U',
      expected,
      observed: 'the page after a refusal looks like that of an anonymous visitor',
      where,
      positive: true,
      points: 'warn',
    };
  return { kind: 'U', expected, observed: 'three different pages', where, positive: true, points: 'for' };
});
