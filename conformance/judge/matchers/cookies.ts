import type { Seen } from '../../observe/seen.ts';
import { whereabouts } from '../../observe/whereabouts.ts';
import { listed, type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';

/** Cookies without which the session is closed. */
function openers(seen: Seen, label: string): readonly string[] {
  return (seen.trials[label] ?? [])
    .filter(({ reading }) => whereabouts(seen, reading).state === 'out')
    .map(({ cookie }) => cookie);
}

const unclear = (
  seen: Seen,
  expected: Told,
  trials: string,
  observed = seen.stopped ?? told`no cookie was found that opens the session`,
): Finding => ({
  kind: 'U',
  expected,
  observed,
  where: verbatim(trials),
  positive: false,
  points: 'unclear',
});

/** Every cookie that opens the session got a new value at sign-in. */
export const renewsOpeners = (trials: string, before: readonly string[], after: string): Matcher =>
  matcher('the session identifier is new', (seen) => {
    const expected = told`a new value for every cookie that opens the session`;
    const names = openers(seen, trials);
    if (names.length === 0) return unclear(seen, expected, trials);
    const now = (seen.cookies[after] ?? []).filter(({ name }) => names.includes(name));
    const old = before.flatMap((label) => seen.cookies[label] ?? []);
    const kept = now.find((cookie) => old.some(({ name, value }) => name === cookie.name && value === cookie.value));
    // a signed or encrypted cookie changes with its contents; one that keeps its first part keeps its identifier
    const identifier = (value: string) =>
      decodeURIComponent(value.replace(/%(?![0-9a-f]{2})/gi, '%25'))
        .replace(/^s:/, '')
        .split(/[.|]/)[0] ?? '';
    const carried = now.find((cookie) =>
      old.some(
        ({ name, value }) =>
          name === cookie.name &&
          identifier(value).length >= 16 &&
          identifier(value) === identifier(cookie.value) &&
          !identifier(value).startsWith('eyJ'),
      ),
    );
    const bad = kept ?? carried;
    return {
      kind: 'U',
      expected,
      observed: bad === undefined ? told`${names.join(', ')}: new` : told`"${bad.name}" has the value it had before`,
      where: verbatim(names.join(', ')),
      positive: true,
      points: bad === undefined ? 'for' : 'against',
    };
  });

/**
 * A callback that is delivered again opens no session anew. A session whose cookie changes with every visit, or because
 * another page was shown, says nothing: only a new value beside the same welcome does.
 */
export const noSecondSession = (
  trials: string,
  { first, second }: { readonly first: string; readonly second: string },
): Matcher =>
  matcher('no second session', (seen) => {
    const expected = told`no second session`;
    const cookieValue = (label: string, cookie: string) =>
      seen.cookies[label]?.find(({ name }) => name === cookie)?.value;
    const isRolling = (name: string) => cookieValue('signed-in', name) !== cookieValue('rested', name);
    const renewed = openers(seen, trials).find(
      (name) => !isRolling(name) && cookieValue('rested', name) !== cookieValue('replayed', name),
    );
    const landing = (label: string) => {
      const page = seen.traces[label]?.page;
      return page === undefined ? '' : `${page.status} ${page.url.split('?', 1)[0]}`;
    };
    if (renewed === undefined || landing(first) !== landing(second)) return [];
    return {
      kind: 'U',
      expected,
      observed: told`"${renewed}" has a new value, and the citizen is welcomed as before`,
      where: verbatim(landing(second)),
      positive: true,
      points: 'warn',
    };
  });

/** Flags of every cookie that opens the session. */
export const openersAreFlagged = (trials: string, after: string): Matcher =>
  matcher('the session cookie is flagged', (seen) => {
    const isTls = seen.setting.rp.protectedUrl.startsWith('https:');
    const isFormPost = seen.setting.capabilities.find(({ name }) => name === 'form_post')?.taken === true;
    const expected = told`${isTls ? 'HttpOnly, Secure' : 'HttpOnly'} and SameSite=Lax or Strict${isFormPost ? told`, or None with Secure` : ''}`;
    const names = openers(seen, trials);
    if (names.length === 0) return unclear(seen, expected, trials);
    const cookies = (seen.cookies[after] ?? []).filter(({ name }) => names.includes(name));
    const isRight = (cookie: (typeof cookies)[number]) =>
      cookie.httpOnly &&
      (!isTls || cookie.secure) &&
      (cookie.sameSite === 'lax' ||
        cookie.sameSite === 'strict' ||
        (isFormPost && cookie.sameSite === 'none' && cookie.secure));
    const bad = cookies.find((cookie) => !isRight(cookie));
    const flags = (cookie: (typeof cookies)[number]) =>
      `${cookie.name}: ${[cookie.httpOnly ? 'HttpOnly' : 'no HttpOnly', cookie.secure ? 'Secure' : 'no Secure', `SameSite ${cookie.sameSite}`].join(', ')}`;
    return {
      kind: 'U',
      expected,
      observed: listed((bad === undefined ? cookies : [bad]).map(flags), 'semicolon'),
      where: verbatim(names.join(', ')),
      positive: true,
      points: bad === undefined ? 'for' : 'against',
    };
  });

/** There was something to plant. */
export const somethingPlanted = (label: string): Matcher =>
  matcher('a cookie is set before sign-in', (seen) => {
    const cookies = seen.cookies[label] ?? [];
    const expected = told`a cookie before sign-in that can be planted`;
    if (cookies.length === 0)
      return {
        kind: 'U',
        expected,
        observed: told`the relying party sets no cookie before sign-in, so there is none to plant`,
        where: verbatim(label),
        positive: false,
        points: 'no-channel',
      };
    return {
      kind: 'U',
      expected,
      observed: listed(
        cookies.map(({ name }) => name),
        'comma',
      ),
      where: verbatim(label),
      positive: false,
      points: 'for',
    };
  });
