import type { Page } from '../driver/page.ts';
import type { Trace } from '../driver/user-agent.ts';
import { listed, type Told, told } from '../told.ts';
import { foundIn, haystackOf, type Needle } from './needles.ts';
import { endOf, fingerprintOf, likeness, type Reading } from './reading.ts';
import type { Seen } from './seen.ts';

/** Who is signed in with a jar, as far as an outsider can tell. */
export interface Whereabouts {
  readonly state: 'in' | 'out' | 'unclear';
  /** Role of the case, `stranger` for an account of somebody else, `newcomer` for one never seen; absent: nobody can say. */
  readonly who?: string;
  /** Another role whose values protected_url shows beside the account the probe names. */
  readonly alsoShown?: string;
  /** Both readings in one sentence. */
  readonly observed: Told;
  readonly evidence: Told;
  readonly kind: 'P' | 'N';
  /** Probe against needle, in words. */
  readonly contradiction?: Told;
  /** Nobody can say who, but protected_url looks as it does for somebody. */
  readonly looksSignedIn?: true;
}

/** Needles of each role on a page. */
export function needlesOn(seen: Pick<Seen, 'needles'>, body: string): Readonly<Record<string, readonly Needle[]>> {
  const haystack = haystackOf(body);
  return Object.fromEntries(Object.entries(seen.needles).map(([role, needles]) => [role, foundIn(haystack, needles)]));
}

const bodyOf = (trace: Trace): string => (trace.ending.kind === 'page' ? (trace.page?.body ?? '') : '');

/** The roles whose own values stand on a page; a value that two of them share tells nobody apart. */
export function rolesOn(seen: Pick<Seen, 'needles'>, body: string): readonly string[] {
  const found = needlesOn(seen, body);
  const owners = (value: string) =>
    Object.values(seen.needles).filter((needles) => needles.some((needle) => needle.value === value)).length;
  return Object.entries(found).flatMap(([role, needles]) =>
    needles.some(({ value }) => owners(value) === 1) ? [role] : [],
  );
}

type PageState = 'anonymous' | 'signed-in' | 'unclear';

/** Whether protected_url looks as it does for nobody, or for somebody. */
function pageState(seen: Seen, page: Trace): PageState {
  const { anonymous, signedIn, calibrationNeedles } = seen.setting;
  if (anonymous === null || page.ending.kind === 'silence' || page.ending.kind === 'broken') return 'unclear';
  const found = fingerprintOf(page, [...calibrationNeedles, ...Object.values(seen.needles).flat()]);
  const { standsFor } = seen.setting;
  const now = standsFor !== undefined && found.host === standsFor.copy ? { ...found, host: standsFor.host } : found;
  const toAnonymous = likeness(now, anonymous);
  const toSignedIn = signedIn === null ? 0 : likeness(now, signedIn);
  const samePlace = now.host === anonymous.host && now.path === anonymous.path;
  // where both look alike, nothing shows that anybody is signed in
  if (toAnonymous >= 0.9 && toAnonymous >= toSignedIn) return 'anonymous';
  if (samePlace && toAnonymous > toSignedIn + 0.15) return 'anonymous';
  if (toSignedIn >= 0.75 && toSignedIn > toAnonymous) return 'signed-in';
  return 'unclear';
}

const isRefusalStatus = (page: Page | undefined) => page?.status === 401 || page?.status === 403;

/** Reads a look: probe first, needles where there is none, the worse of the two where they are at odds. */
export function whereabouts(seen: Seen, reading: Reading): Whereabouts {
  const { probe, page } = reading;
  const evidence = endOf(page);
  const roles = rolesOn(seen, bodyOf(page));
  const onPage =
    roles.length > 0 ? told`protected_url shows ${listed(roles, 'and')}` : told`protected_url shows nobody's data`;
  const owner =
    probe.kind === 'in' && probe.value !== undefined ? (seen.accounts[probe.value] ?? 'newcomer') : undefined;
  const [needled] = roles;

  switch (probe.kind) {
    case 'in': {
      const named = owner === 'other' ? 'stranger' : owner;
      const value =
        probe.value === undefined
          ? told`someone`
          : named === 'newcomer'
            ? roles.length === 1
              ? told`"${probe.value}"`
              : told`"${probe.value}" (an account not seen before)`
            : named === 'stranger'
              ? told`"${probe.value}" (somebody else's account)`
              : told`"${probe.value}" (the account of ${named ?? ''})`;
      const foreign = roles.find((role) => role !== named);
      const who =
        named === undefined
          ? roles.length === 1
            ? needled
            : undefined
          : named === 'newcomer' && roles.length === 1 && needled !== undefined
            ? needled
            : named;
      const isOdd = named !== undefined && named !== 'newcomer' && foreign !== undefined;
      return {
        state: 'in',
        ...(who === undefined ? {} : { who }),
        ...(isOdd ? { alsoShown: foreign } : {}),
        observed: told`the probe says ${value} is signed in; ${onPage}`,
        evidence: probe.evidence,
        kind: 'P',
        ...(isOdd ? { contradiction: told`the probe says ${value}, protected_url shows ${foreign}` } : {}),
      };
    }
    case 'anonymous':
      if (needled === undefined) {
        return {
          state: 'out',
          observed: told`the probe says nobody is signed in; ${onPage}`,
          evidence: probe.evidence,
          kind: 'P',
        };
      }
      return {
        state: 'in',
        who: needled,
        observed: told`the probe says nobody is signed in, but ${onPage}`,
        evidence,
        kind: 'N',
        contradiction: told`the probe says nobody is signed in, protected_url shows ${needled}`,
      };
    default: {
      const about = (rest: Told): Told =>
        probe.kind === 'unclear' ? told`the probe cannot be read (${probe.evidence}); ${rest}` : rest;
      if (needled !== undefined) {
        return {
          state: 'in',
          ...(roles.length === 1 ? { who: needled } : {}),
          observed: about(onPage),
          evidence,
          kind: 'N',
        };
      }
      const state = pageState(seen, page);
      if (state === 'anonymous' || (isRefusalStatus(page.page) && seen.setting.anonymous !== null)) {
        return {
          state: 'out',
          observed: about(told`${onPage} and looks as it does for an anonymous visitor`),
          evidence,
          kind: 'N',
        };
      }
      if (state === 'signed-in') {
        return {
          state: 'unclear',
          observed: about(told`${onPage}, but looks as it does for somebody signed in`),
          evidence,
          kind: 'N',
          looksSignedIn: true,
        };
      }
      return {
        state: 'unclear',
        observed: about(told`${onPage} and looks neither anonymous nor signed in`),
        evidence,
        kind: 'N',
      };
    }
  }
}
