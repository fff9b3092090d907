import { type NeedleName, whatOf } from '../../observe/needles.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { needlesOn, rolesOn, type Whereabouts, whereabouts } from '../../observe/whereabouts.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { wantsSessionUrl } from '../advice.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { noLook, noPage, notSeen } from './steps.ts';

/** What a look says, and how to tell of it where that leaves a doubt which a probe would end. */
interface Read extends Whereabouts {
  readonly inDoubt: Told;
}

/** What a look says, or that there was none. */
function readLook(seen: Seen, label: string, expected: Told): Read | Finding {
  const reading = seen.looks[label];
  if (reading === undefined) {
    return notSeen(seen, 'P', expected, told`nobody looked at "${label}"`, verbatim(label));
  }
  const read = whereabouts(seen, reading);
  const { session } = seen.setting.rp;
  const isMute = session === undefined || session.signedIn.kind === 'status';
  return { ...read, inDoubt: isMute ? told`${read.observed}; ${wantsSessionUrl(seen.setting)}` : read.observed };
}

const found = (
  seen: Read,
  expected: Told,
  points: Finding['points'],
  observed = points === 'unclear' ? seen.inDoubt : seen.observed,
): Finding => ({
  kind: seen.kind,
  expected,
  observed,
  where: seen.evidence,
  positive: points !== 'unclear',
  points,
  ...(seen.contradiction === undefined ? {} : { contradiction: seen.contradiction }),
});

/** Nobody is signed in; what it means when somebody is can be softened. */
export const out = (
  label = 'after',
  otherwise: 'against' | 'warn' = 'against',
  expected = told`nobody is signed in`,
): Matcher =>
  matcher('nobody is signed in', (seen) => {
    const read = readLook(seen, label, expected);
    if ('points' in read) return read;
    return found(read, expected, read.state === 'out' ? 'for' : read.state === 'in' ? otherwise : 'unclear');
  });

/** Out, with the exception that OpenID Connect makes for a signature that came over validated TLS. */
export const outUnlessTls = (label = 'after', remedy = told`verify the signature`): Matcher =>
  matcher('nobody is signed in, the exception for TLS aside', (seen) => {
    const { issuer, profile, capabilities } = seen.setting;
    const isExcused =
      issuer.startsWith('https:') &&
      profile === 'core-must' &&
      capabilities.find(({ name }) => name === 'signature_required')?.taken !== true;
    const expected = told`nobody is signed in by a token whose signature does not verify`;
    const read = readLook(seen, label, expected);
    if ('points' in read) return read;
    if (read.state !== 'in') return found(read, expected, read.state === 'out' ? 'for' : 'unclear');
    return found(
      read,
      expected,
      isExcused ? 'by-tls' : 'against',
      told`${read.observed}, over ${isExcused ? told`https` : issuer.startsWith('https:') ? told`https, where signatures are demanded` : told`http, where the exception for TLS does not hold: ${remedy}, or certify over https`}`,
    );
  });

const knowsAccountOf = (seen: Seen, role: string) => Object.values(seen.accounts).includes(role);

/** Who a look shows, as a role; a newcomer is whoever of the case has no account that is known. */
function isSignedInAs(seen: Seen, label: string, role: string, read: Whereabouts): boolean | 'unclear' {
  if (read.state === 'unclear') return 'unclear';
  if (read.state === 'out') return false;
  if (read.contradiction !== undefined) return false;
  if (read.who === undefined) return 'unclear';
  if (read.who === role) return true;
  return read.who === 'newcomer' && !knowsAccountOf(seen, role) && seen.looks[label] !== undefined;
}

/** This citizen is signed in, and nobody else. */
export const inAs = (role: string, label = 'after', otherwise: 'against' | 'warn' = 'against'): Matcher =>
  matcher(`${role} is signed in`, (seen) => {
    const expected = told`${role} is signed in, as himself`;
    const read = readLook(seen, label, expected);
    if ('points' in read) return read;
    const answer = isSignedInAs(seen, label, role, read);
    return found(read, expected, answer === 'unclear' ? 'unclear' : answer ? 'for' : otherwise);
  });

/** This citizen is not signed in; somebody else, or nobody, may be. */
export const notInAs = (role: string, label = 'after'): Matcher =>
  matcher(`${role} is not signed in`, (seen) => {
    const expected = told`${role} is not signed in`;
    const read = readLook(seen, label, expected);
    if ('points' in read) return read;
    if (read.state === 'out') return found(read, expected, 'for');
    if (read.state === 'unclear') return found(read, expected, 'unclear');
    const answer =
      read.who === role || read.alsoShown === role || (read.who === 'newcomer' && !knowsAccountOf(seen, role));
    return found(read, expected, answer ? 'against' : read.who === undefined ? 'unclear' : 'for');
  });

/** One of them, or nobody; never anybody else. */
export const inAsOrOut = (role: string, label = 'after'): Matcher =>
  matcher(`${role} is signed in, or nobody`, (seen) => {
    const expected = told`${role} is signed in, or nobody`;
    const read = readLook(seen, label, expected);
    if ('points' in read) return read;
    if (read.state === 'out') return found(read, expected, 'for');
    const answer = isSignedInAs(seen, label, role, read);
    return found(read, expected, answer === 'unclear' ? 'unclear' : answer ? 'for' : 'against');
  });

/** Either is right; what it was is written down. */
export const reported = (label = 'after', what = told`signed in or not`): Matcher =>
  matcher(what.en, (seen) => {
    const read = readLook(seen, label, what);
    if ('points' in read) return read;
    return found(read, what, read.state === 'unclear' ? 'unclear' : 'for');
  });

/** Out, and being signed in is worth no more than a warning or a note. */
export const inIsWarn = (label = 'after'): Matcher => out(label, 'warn');

/** Two looks show two accounts. */
export const twoAccounts = (
  first: { readonly role: string; readonly label: string },
  second: { readonly role: string; readonly label: string },
): Matcher =>
  matcher('two accounts', (seen) => {
    const expected = told`${first.role} and ${second.role} have an account each`;
    const [a, b] = [seen.looks[first.label]?.probe, seen.looks[second.label]?.probe];
    const read = readLook(seen, second.label, expected);
    if ('points' in read) return read;
    if (read.state === 'out') return found(read, expected, 'for', told`${second.role} was not let in`);
    if (a?.kind === 'in' && b?.kind === 'in' && a.value !== undefined && b.value !== undefined) {
      const isSame = a.value === b.value;
      return found(
        read,
        expected,
        isSame ? 'against' : 'for',
        isSame ? told`both are "${a.value}"` : told`"${a.value}" and "${b.value}"`,
      );
    }
    const answer = isSignedInAs(seen, second.label, second.role, read);
    return found(read, expected, answer === 'unclear' ? 'unclear' : answer ? 'for' : 'against');
  });

/** Two looks show the same account. */
export const sameAccount = (first: string, second: string): Matcher =>
  matcher('one account', (seen) => {
    const expected = told`both logins reach the same account`;
    const [a, b] = [seen.looks[first]?.probe, seen.looks[second]?.probe];
    const read = readLook(seen, second, expected);
    if ('points' in read) return read;
    if (a?.kind === 'in' && b?.kind === 'in' && a.value !== undefined && b.value !== undefined) {
      return found(read, expected, a.value === b.value ? 'for' : 'against', told`"${a.value}" and "${b.value}"`);
    }
    return found(read, expected, read.state === 'out' ? 'against' : 'unclear');
  });

/** Nothing of a citizen stands on any of these pages, values shared with others aside. */
export const nothingOf = (role: string, labels: readonly string[]): Matcher =>
  matcher(`nothing of ${role} is visible`, (seen) => {
    const expected = told`no value of ${role} is visible`;
    const traces = labels.flatMap((label) =>
      [seen.traces[label], seen.looks[label]?.page].flatMap((trace) => trace ?? []),
    );
    const pages = traces
      .filter(({ ending }) => ending.kind === 'page')
      .filter(({ page }) => page !== undefined && new URL(page.url).origin !== seen.setting.emtaOrigin);
    for (const trace of pages) {
      const body = trace.page?.body ?? '';
      if (!rolesOn(seen, body).includes(role)) continue;
      const values = new Map((needlesOn(seen, body)[role] ?? []).map((needle) => [needle.what, whatOf(needle)]));
      return {
        kind: 'N',
        expected,
        observed: told`${listed([...values.values()], 'comma')} of ${role}`,
        where: endOf(trace),
        positive: true,
        points: 'against',
      };
    }
    const last = traces.at(-1);
    if (last === undefined) return noPage(seen, 'N', expected, labels.join(', '));
    return {
      kind: 'N',
      expected,
      observed: told`${pages.length} page(s) without any`,
      where: endOf(last),
      positive: pages.length > 0,
      points: 'for',
    };
  });

/** Some value of a citizen stands on a page, found after folding letters and digits. */
export const shows = (
  role: string,
  what: NeedleName,
  labels: readonly string[],
  otherwise: Finding['points'] = 'against',
): Matcher =>
  matcher(`${what} of ${role} is shown`, (seen) => {
    const expected = told`the ${whatOf({ what })} of ${role} is shown`;
    const traces = labels.flatMap((label) =>
      [seen.traces[label], seen.looks[label]?.page].flatMap((trace) => trace ?? []),
    );
    const last = traces.at(-1);
    const at = traces.find((trace) =>
      (needlesOn(seen, trace.page?.body ?? '')[role] ?? []).some(
        (needle) => needle.what === what || (what === 'mobile number' && needle.what === 'masked mobile number'),
      ),
    );
    if (at !== undefined)
      return { kind: 'N', expected, observed: told`it is shown`, where: endOf(at), positive: true, points: 'for' };
    return {
      kind: 'N',
      expected,
      observed: seen.stopped ?? told`it stands nowhere`,
      where: last === undefined ? verbatim(labels.join(', ')) : endOf(last),
      positive: false,
      points: last === undefined ? 'unclear' : otherwise,
    };
  });

/** The session that was there is there still: the same account, or at least the same citizen. */
export const stillInAs = (
  role: string,
  before: string,
  after: string,
  outIs: 'against' | 'warn' = 'against',
  expected = told`${role} is still signed in`,
): Matcher =>
  matcher(`${role} is still signed in`, (seen) => {
    const read = readLook(seen, after, expected);
    if ('points' in read) return read;
    if (read.state === 'out') return found(read, expected, outIs);
    const [a, b] = [seen.looks[before]?.probe, seen.looks[after]?.probe];
    if (a?.kind === 'in' && b?.kind === 'in' && a.value !== undefined && b.value !== undefined && a.value !== b.value) {
      return found(read, expected, 'against', told`the account was "${a.value}" and is "${b.value}"`);
    }
    const isSame = a?.kind === 'in' && b?.kind === 'in' && a.value !== undefined && a.value === b.value;
    if (isSame && read.contradiction === undefined) return found(read, expected, 'for');
    const answer = isSignedInAs(seen, after, role, read);
    return found(read, expected, answer === 'unclear' ? 'unclear' : answer ? 'for' : 'against');
  });

/** At least one of several looks shows one of these citizens, and none shows anybody else. */
export const oneOf = (roles: readonly string[], labels: readonly string[]): Matcher =>
  matcher('at least one login succeeds, as its own citizen', (seen) => {
    const expected = told`${listed(roles, 'or')} signed in at least once, and nobody else`;
    const reads = labels.flatMap((label) => {
      const read = readLook(seen, label, expected);
      return 'points' in read ? [] : [read];
    });
    const last = reads.at(-1);
    if (last === undefined) return noLook(seen, 'P', expected, labels.join(', '));
    const foreign = reads.find(({ state, who }) => state === 'in' && who !== undefined && !roles.includes(who));
    if (foreign !== undefined) return found(foreign, expected, 'against');
    const good = reads.find(({ state, who }) => state === 'in' && who !== undefined && roles.includes(who));
    return found(
      good ?? last,
      expected,
      good !== undefined ? 'for' : reads.some(({ state }) => state !== 'out') ? 'unclear' : 'against',
    );
  });

/** The login is asked for again, or nobody is signed in. */
export const asksAgainOrOut = (label: string, look = 'after'): Matcher =>
  matcher('it asks again, or nobody is signed in', (seen) => {
    const trace = seen.traces[label];
    const asked = (trace?.hops ?? []).filter(
      ({ url }) =>
        new URL(url).origin === seen.setting.emtaOrigin && new URL(url).pathname.endsWith('/oauth/authorize'),
    );
    const expected = told`a new authorization request, or nobody signed in`;
    const again = asked[1];
    if (again !== undefined)
      return {
        kind: 'L',
        expected,
        observed: told`a new authorization request`,
        where: verbatim(again.url),
        positive: true,
        points: 'for',
      };
    const read = readLook(seen, look, expected);
    if ('points' in read) return read;
    return found(read, expected, read.state === 'out' ? 'for' : read.state === 'in' ? 'against' : 'unclear');
  });

/** Signed in at the first of several tries, or at a later one. */
export const inAtEither = (role: string, labels: readonly string[]): Matcher =>
  matcher(`${role} is signed in at one of the tries`, (seen) => {
    const expected = told`${role} signed in, at the latest more than a minute after the last key fetch`;
    const made = labels.filter((label) => seen.looks[label] !== undefined);
    const last = made.at(-1);
    return last === undefined
      ? inAs(role, labels[0]).match(seen)
      : inAs(role, last)
          .match(seen)
          .map((finding) => ({ ...finding, expected }));
  });

/** The relying party took the key while it was published; else its withdrawal says nothing. */
export const knewTheKey = (labels: readonly string[]): Matcher =>
  matcher('the key was known before it was withdrawn', (seen) => {
    const expected = told`a login by the key while it was published`;
    const last = labels.findLast((label) => seen.looks[label] !== undefined) ?? labels[0] ?? '';
    const read = readLook(seen, last, expected);
    if ('points' in read) return read;
    return found(read, expected, read.state === 'in' ? 'for' : 'unclear');
  });
