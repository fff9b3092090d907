import { expect, test } from '@jest/globals';
import type { CapabilityReading } from '../../capabilities.ts';
import { madeHop, madeSeen, madeSetting, madeTrace, shop } from '../../test/made-seen.ts';
import { isFirstEntry } from './first-entry.ts';

const taken = (name: CapabilityReading['name']): CapabilityReading => ({
  name,
  declared: true,
  observed: null,
  taken: true,
  source: 'declared',
  contradiction: null,
});

/** The pages after the first login of B, after a later one, and after that of A, who refused before. */
const seenWith = (first: string, later: string, now: string, capabilities: readonly CapabilityReading[] = []) =>
  madeSeen({
    setting: madeSetting({ capabilities }),
    traces: {
      'b.first': madeTrace(`${shop}/account`, first),
      'b.later': madeTrace(`${shop}/account`, later),
      'login.2': madeTrace(`${shop}/account`, now),
      login: madeTrace(`${shop}/refused`, '<p>not signed in', {
        before: [madeHop(`${shop}/cb?error=access_denied&state=1`, { status: 302 })],
      }),
    },
  });

test.each([
  ['the page of a newcomer', '<p>welcome', '<p>again', '<p>welcome', 'for'],
  ['the page of a known customer', '<p>welcome', '<p>again', '<p>again', 'against'],
  ['a page as all others, from a site that was told nothing of him', '<p>hello', '<p>hello', '<p>hello', 'for'],
  ['a page unlike all others, from a site that was told nothing of him', '<p>a', '<p>b', '<p>c', 'for'],
])('a citizen who refused before sees %s', (_what, first, later, now, points) => {
  const findings = isFirstEntry('login.2', { first: 'b.first', later: 'b.later' }).match(seenWith(first, later, now));
  expect(findings).toMatchObject([{ points, positive: true }]);
});

test.each(['asks_mobile', 'asks_national_code', 'registration'] as const)(
  'a site that %s may have kept what he typed; how to settle it is said',
  (name) => {
    const seen = seenWith('<p>hello', '<p>hello', '<p>hello', [taken(name)]);
    const [finding] = isFirstEntry('login.2', { first: 'b.first', later: 'b.later' }).match(seen);
    expect(finding?.points).toBe('unclear');
    expect(finding?.observed.en).toContain('to settle it, greet a new customer');
  },
);

test('a page that sets a new password, with the name it is for, is not the page of personal details', () => {
  const password =
    '<form method="post"><input name="username" value="0012345678" readonly><input name="csrf" type="hidden" value="x">' +
    '<input name="password" type="password"><input name="again" type="password"><button>save</button></form>';
  const details = password.replace('</form>', '<input name="address"><input name="issue_date"></form>');
  const first = { first: 'b.first', later: 'b.later' };
  expect(isFirstEntry('login.2', first).match(seenWith(details, password, password))).toMatchObject([
    { points: 'against' },
  ]);
  expect(isFirstEntry('login.2', first).match(seenWith(details, password, details))).toMatchObject([{ points: 'for' }]);
});
