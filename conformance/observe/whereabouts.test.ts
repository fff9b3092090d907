import { expect, test } from '@jest/globals';
import { madeLook, madeSeen, madeSetting } from '../test/made-seen.ts';
import { verbatim } from '../told.ts';
import type { ProbeReading } from './reading.ts';
import { whereabouts } from './whereabouts.ts';

const anonymous: ProbeReading = { kind: 'anonymous', evidence: verbatim('probe -> 401') };
const inAs = (value: string): ProbeReading => ({ kind: 'in', value, evidence: verbatim('probe -> 200') });
const pages = {
  nobody: '<title>sign in</title><p>please sign in with emta</p>',
  maryam: '<title>account</title><p>welcome مریم your orders</p>',
  reza: '<title>account</title><p>welcome رضا your orders</p>',
  nameless: '<title>account</title><p>welcome · your orders</p>',
  strange: '<title>other</title><p>something else altogether</p>',
};
const seen = madeSeen({ accounts: { 'account of A': 'A', 'account of B': 'B', 'of somebody': 'other' } });

test.each([
  ['the account of A', inAs('account of A'), pages.maryam, { state: 'in', who: 'A' }],
  ['an account never seen, with the needle of A', inAs('new'), pages.maryam, { state: 'in', who: 'A' }],
  ['an account never seen, nobody shown', inAs('new'), pages.nameless, { state: 'in', who: 'newcomer' }],
  ["somebody else's account", inAs('of somebody'), pages.nameless, { state: 'in', who: 'stranger' }],
  ['nobody by the probe', anonymous, pages.nobody, { state: 'out', kind: 'P' }],
  ['nobody by the page', { kind: 'none' }, pages.nobody, { state: 'out', kind: 'N' }],
  ['A by the page', { kind: 'none' }, pages.maryam, { state: 'in', who: 'A', kind: 'N' }],
  ['somebody whom nothing names', { kind: 'none' }, pages.nameless, { state: 'unclear', looksSignedIn: true }],
  ['nothing that is known', { kind: 'none' }, pages.strange, { state: 'unclear' }],
] as const)('a look that shows %s', (_what, probe, body, expected) => {
  expect(whereabouts(seen, madeLook(body, probe))).toMatchObject(expected);
});

test('a probe that says nobody beside a page that shows A is read as A, and told as a contradiction', () => {
  expect(whereabouts(seen, madeLook(pages.maryam, anonymous))).toMatchObject({
    state: 'in',
    who: 'A',
    contradiction: { en: 'the probe says nobody is signed in, protected_url shows A' },
  });
});

test('the account of A beside the name of B is told as a contradiction', () => {
  const read = whereabouts(seen, madeLook(pages.reza, inAs('account of A')));
  expect(read).toMatchObject({ state: 'in', who: 'A', alsoShown: 'B' });
  expect(read.contradiction?.en).toContain('shows B');
});

test('where the signed-in page looks like that of nobody, nothing says that anybody is in', () => {
  const same = { host: '127.0.0.1:8080', path: '/account', title: 'home', text: 'welcome' };
  const setting = madeSetting({ anonymous: same, signedIn: same });
  expect(whereabouts(madeSeen({ setting }), madeLook('<title>home</title>welcome')).state).toBe('out');
});

test('without a known page for nobody a page without a name is unclear', () => {
  expect(whereabouts(madeSeen({ setting: madeSetting({ anonymous: null }) }), madeLook(pages.nobody)).state).toBe(
    'unclear',
  );
});
