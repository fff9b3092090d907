import { expect, test } from '@jest/globals';
import type { StoredCookie } from '../../driver/jar.ts';
import type { ProbeReading } from '../../observe/reading.ts';
import { madeLook, madeSeen, madeTrace, shop } from '../../test/made-seen.ts';
import { verbatim } from '../../told.ts';
import { noSecondSession } from './cookies.ts';

const cookie = (value: string): readonly StoredCookie[] => [
  {
    name: 'sid',
    value,
    domain: '127.0.0.1',
    path: '/',
    secure: false,
    httpOnly: true,
    sameSite: 'lax',
    hostOnly: true,
  },
];
const anonymous: ProbeReading = { kind: 'anonymous', evidence: verbatim('probe -> 401') };
const account = madeTrace(`${shop}/account`, '<p>welcome');
const refused = madeTrace(`${shop}/cb?code=1`, '<p>this answer was used before', { status: 400 });

/** The session cookie after the first callback, after a visit, and after the callback was delivered again. */
const seenWith = ([first, rested, replayed]: readonly [string, string, string], second = account) =>
  madeSeen({
    cookies: { 'signed-in': cookie(first), rested: cookie(rested), replayed: cookie(replayed) },
    trials: { trials: [{ cookie: 'sid', reading: madeLook('<p>please sign in with emta', anonymous) }] },
    traces: { first: account, second },
  });

test.each([
  ['the same session as before', ['s1', 's1', 's1'], account, []],
  ['a session renewed by the old callback', ['s1', 's1', 's2'], account, ['warn']],
  ['a cookie that changes with every visit', ['s1', 's2', 's3'], account, []],
  ['a signed cookie that took up a message of the refusal', ['s1', 's1', 's1+message'], refused, []],
] as const)('a callback used twice, where it left %s', (_what, values, second, points) => {
  const findings = noSecondSession('trials', { first: 'first', second: 'second' }).match(seenWith(values, second));
  expect(findings.map((finding) => finding.points)).toEqual(points);
});
