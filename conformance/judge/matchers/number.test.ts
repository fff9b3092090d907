import { expect, test } from '@jest/globals';
import { madeLook, madePerson, madeSeen, madeSetting } from '../../test/made-seen.ts';
import { verbatim } from '../../told.ts';
import { numberUnproven } from './number.ts';

const signedIn = { kind: 'in', value: 'a', evidence: verbatim('probe') } as const;
const seen = (profile: 'core-must' | 'emta-strict', body: string) =>
  madeSeen({
    setting: madeSetting({ profile }),
    people: { A: madePerson() },
    accounts: { a: 'A' },
    looks: { after: madeLook(body, signedIn) },
  });

test.each([
  ['core-must', 'warn'],
  ['emta-strict', 'against'],
] as const)('in %s a number that nobody can see points %s', (profile, points) => {
  const [finding] = numberUnproven().match(seen(profile, '<p>مریم رستگار</p>'));
  expect(finding?.points).toBe(points);
});

test('a row about something else is met by a number that stands nowhere, and not by one that is shown', () => {
  const matcher = numberUnproven({ unseen: 'for' });
  expect(matcher.match(seen('emta-strict', '<p>مریم رستگار</p>'))).toMatchObject([{ points: 'for' }]);
  const shown = seen('emta-strict', '<p>مریم رستگار 09121234567</p>');
  expect(matcher.match(shown)).toMatchObject([{ points: 'against' }]);
});

test.each(['<p>مریم رستگار</p>', '<p>مریم رستگار 09121234567</p>'])(
  'without mobile_status it says what to add to the file, with an example: %s',
  (body) => {
    const [finding] = numberUnproven().match(seen('core-must', body));
    expect(finding?.observed.en).toContain(
      '"mobile_status": { "url": "http://127.0.0.1:8080/api/me", "verified": "json:$.mobile_verified" }',
    );
  },
);
