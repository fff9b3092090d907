import { expect, test } from '@jest/globals';
import type { ProbeReading } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { emta, madeLook, madeSeen, madeSetting } from '../../test/made-seen.ts';
import { told, verbatim } from '../../told.ts';
import type { Matcher } from '../finding.ts';
import {
  inAs,
  inAsOrOut,
  nothingOf,
  notInAs,
  out,
  outUnlessTls,
  sameAccount,
  stillInAs,
  twoAccounts,
} from './session.ts';

const anonymous: ProbeReading = { kind: 'anonymous', evidence: verbatim('probe -> 401') };
const as = (value: string): ProbeReading => ({ kind: 'in', value, evidence: verbatim('probe -> 200') });
const nobody = '<title>sign in</title>please sign in with emta';
const maryam = '<title>account</title>welcome مریم your orders';
const reza = '<title>account</title>welcome رضا your orders';
const seenWith = (probe: ProbeReading, body: string, more: Partial<Seen> = {}) =>
  madeSeen({ looks: { after: madeLook(body, probe) }, accounts: { a: 'A', b: 'B', c: 'other' }, ...more });
const points = (matcher: Matcher, seen: Seen) => matcher.match(seen)[0]?.points;

test.each([
  ['nobody', anonymous, nobody, 'for'],
  ['A', as('a'), maryam, 'against'],
  ['a probe that denies what the page shows', anonymous, maryam, 'against'],
] as const)('Out, where the look shows %s', (_what, probe, body, expected) => {
  expect(points(out(), seenWith(probe, body))).toBe(expected);
});

test.each([
  ['A', as('a'), maryam, 'for'],
  ['B', as('b'), reza, 'against'],
  ['the account of A with the name of B', as('a'), reza, 'against'],
  ['an account never seen, while that of A is known', as('new'), '<title>account</title>welcome', 'against'],
  ['nobody by the probe, A by the page', anonymous, maryam, 'against'],
] as const)('In as A, where the look shows %s', (_what, probe, body, expected) => {
  expect(points(inAs('A'), seenWith(probe, body))).toBe(expected);
});

test('for a citizen never seen an account unlike every other counts as his', () => {
  expect(points(inAs('A'), seenWith(as('new'), '<title>account</title>welcome', { accounts: { b: 'B' } }))).toBe('for');
});

test('the account of B is B whatever name stands beside it', () => {
  expect(points(notInAs('B'), seenWith(as('b'), maryam))).toBe('against');
  expect(points(notInAs('B'), seenWith(as('a'), maryam))).toBe('for');
});

test('A or nobody is fine, B is not', () => {
  expect(points(inAsOrOut('A'), seenWith(anonymous, nobody))).toBe('for');
  expect(points(inAsOrOut('A'), seenWith(as('b'), reza))).toBe('against');
});

test.each([
  ['http', emta, 'core-must', false, 'against'],
  ['https in core-must', 'https://emta.test', 'core-must', false, 'by-tls'],
  ['https in emta-strict', 'https://emta.test', 'emta-strict', false, 'against'],
  ['https with signature_required', 'https://emta.test', 'core-must', true, 'against'],
] as const)('an accepted token without a good signature over %s', (_what, issuer, profile, isRequired, expected) => {
  const reading = {
    name: 'signature_required',
    declared: isRequired,
    observed: null,
    taken: isRequired,
    source: 'declared',
    contradiction: null,
  } as const;
  const setting = madeSetting({ issuer, profile, capabilities: [reading] });
  expect(points(outUnlessTls(), seenWith(as('a'), maryam, { setting }))).toBe(expected);
});

test('what the row advises stands in what was seen', () => {
  const saw = (matcher: Matcher) => matcher.match(seenWith(as('a'), maryam))[0]?.observed.en;
  expect(saw(outUnlessTls())).toContain('does not hold: verify the signature, or certify over https');
  expect(saw(outUnlessTls('after', told`nothing`))).toContain('does not hold: nothing, or certify over https');
});

test('one account or two is told by the probe', () => {
  const looks = { first: madeLook(maryam, as('a')), second: madeLook(reza, as('b')), third: madeLook(maryam, as('a')) };
  const seen = madeSeen({ looks });
  expect(points(sameAccount('first', 'third'), seen)).toBe('for');
  expect(points(sameAccount('first', 'second'), seen)).toBe('against');
  expect(points(twoAccounts({ role: 'A', label: 'first' }, { role: 'B', label: 'second' }), seen)).toBe('for');
  expect(points(twoAccounts({ role: 'A', label: 'first' }, { role: 'B', label: 'third' }), seen)).toBe('against');
});

test('a session that changed hands is not the one that was there', () => {
  const looks = { before: madeLook(maryam, as('a')), after: madeLook(reza, as('b')) };
  expect(points(stillInAs('A', 'before', 'after'), madeSeen({ looks }))).toBe('against');
  expect(
    points(
      stillInAs('A', 'before', 'after', 'warn'),
      madeSeen({ looks: { ...looks, after: madeLook(nobody, anonymous) } }),
    ),
  ).toBe('warn');
});

test('a value that two citizens share gives neither away', () => {
  const seen = madeSeen({ looks: { after: madeLook('<p>رضا</p>', as('b')) } });
  expect(points(nothingOf('A', ['after']), seen)).toBe('for');
  expect(points(nothingOf('B', ['after']), seen)).toBe('against');
  expect(points(nothingOf('A', ['never']), seen)).toBe('unclear');
});

test('a doubt that a probe would end names the member of the file, with an example', () => {
  const looks = { before: madeLook(maryam), after: madeLook(maryam) };
  const [finding] = sameAccount('before', 'after').match(madeSeen({ looks }));
  expect(finding?.points).toBe('unclear');
  expect(finding?.observed.en).toContain(
    '"session_url": { "url": "http://127.0.0.1:8080/api/me", "signed_in": "json:$.id" }',
  );
});
