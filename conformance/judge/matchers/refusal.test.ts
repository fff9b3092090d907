import { expect, test } from '@jest/globals';
import type { Exchange } from '../../driver/emta-wire.ts';
import type { Seen } from '../../observe/seen.ts';
import {
  emta,
  madeHop,
  madeLook,
  madeRelyingParty,
  madeSeen,
  madeSetting,
  madeTrace,
  shop,
} from '../../test/made-seen.ts';
import { verbatim } from '../../told.ts';
import { endsOnOwnPage, handledRefusal, noRetry, saysWords, tokenRequests } from './refusal.ts';

const authorize = madeHop(`${emta}/oauth/authorize?client_id=shop`, {
  status: 303,
  headers: { location: '/journey/uid1' },
});
const back = madeHop(`${shop}/cb?error=access_denied&state=s`, { status: 303 });
const journey = [
  madeHop(`${shop}/login`, { status: 303 }),
  authorize,
  madeHop(`${emta}/journey/uid1/consent`, { status: 303 }),
  back,
];
const refusedPage = '<title>refused</title><p>مجوز داده نشد</p>';
const token = (more: Partial<Exchange> = {}): Exchange => ({
  seq: 9,
  at: '',
  endpoint: 'token',
  journey: 'uid1',
  request: { method: 'POST', url: '/token', headers: {}, query: {}, form: { code: 'c' } },
  response: { status: 400, headers: {}, body: '{}' },
  delivered: [],
  ...more,
});
const seenWith = (trace: Seen['traces'][string], more: Partial<Seen> = {}) =>
  madeSeen({
    traces: { login: trace },
    looks: { after: madeLook('<title>sign in</title>please sign in with emta') },
    ...more,
  });
const good = madeTrace(`${shop}/refused`, refusedPage, { before: journey });
const points = (seen: Seen, matchers = handledRefusal()) =>
  matchers.flatMap((one) => one.match(seen)).map((one) => one.points);

test('a page of the relying party, out, no retry and no token request is a handled refusal', () => {
  expect(points(seenWith(good))).toEqual(['for', 'for', 'for', 'for']);
});

test.each([
  ['a blank page', madeTrace(`${shop}/cb`, '<title>x</title>', { before: journey }), 'a blank page, status 200'],
  ['status 500', madeTrace(`${shop}/cb`, 'oops', { before: journey, status: 500 }), 'status 500'],
  [
    "Emta's page again",
    madeTrace(`${emta}/journey/uid2/mobile`, 'mobile', { before: [...journey, authorize] }),
    expect.stringContaining('not on a page of the relying party'),
  ],
  [
    'a loop',
    { hops: journey, ending: { kind: 'loop', next: `${shop}/x` } } as const,
    expect.stringContaining('no page that stays'),
  ],
  [
    'silence',
    { hops: journey, ending: { kind: 'silence', url: `${shop}/cb`, milliseconds: 15_000 } } as const,
    'no answer within 15000 ms',
  ],
])('%s is no handled refusal', (_what, trace, observed) => {
  expect(endsOnOwnPage().match(seenWith(trace))).toMatchObject([{ points: 'against', observed: { en: observed } }]);
});

test('an honest 503 counts where the row allows it', () => {
  const seen = seenWith(madeTrace(`${shop}/cb`, 'unavailable', { before: journey, status: 503 }));
  expect(endsOnOwnPage('login', { allows503: true }).match(seen)[0]?.points).toBe('for');
  expect(endsOnOwnPage('login').match(seen)[0]?.points).toBe('against');
});

test('a page drawn by script alone cannot be judged without a browser', () => {
  const seen = seenWith(
    madeTrace(`${shop}/cb`, '<div id=root></div><script src=/app.js></script>', { before: journey }),
  );
  expect(endsOnOwnPage().match(seen)[0]?.points).toBe('unclear');
});

test('a browser that never came back from Emta tells nothing', () => {
  expect(endsOnOwnPage().match(seenWith(madeTrace(`${emta}/journey/uid1/mobile`, 'mobile')))[0]?.points).toBe(
    'unclear',
  );
});

test('a second authorization request by itself is a retry, and one is allowed where the row says so', () => {
  const seen = seenWith(madeTrace(`${shop}/refused`, refusedPage, { before: [...journey, authorize, back] }));
  expect(noRetry('login', 0).match(seen)[0]?.points).toBe('against');
  expect(noRetry('login', 1).match(seen)[0]?.points).toBe('for');
});

test('a token request of this login counts against it; a stray one only when nobody else was about', () => {
  const stray = { strays: [token({ journey: 'other' })] };
  expect(tokenRequests(0).match(seenWith(good, { exchanges: [token()] }))[0]?.points).toBe('against');
  expect(tokenRequests(0).match(seenWith(good, stray))).toMatchObject([{ points: 'unclear', onlyAloneCounts: true }]);
  expect(tokenRequests(0).match(seenWith(good, { ...stray, isAlone: true }))[0]?.points).toBe('against');
  expect(
    tokenRequests(0, verbatim('none'), 'login').match(
      seenWith(good, { exchanges: [token({ journey: 'another', request: { ...token().request, form: {} } })] }),
    )[0]?.points,
  ).toBe('for');
});

test('configured words are looked for without regard to joiners, digits and spaces', () => {
  const rp = madeRelyingParty({ refusal: { text: 'مجوز‌ داده نشد' } });
  expect(saysWords('refusal').match(seenWith(good, { setting: madeSetting({ rp }) }))[0]?.points).toBe('for');
  const other = madeRelyingParty({ refusal: { selector: '#refused' } });
  expect(saysWords('refusal').match(seenWith(good, { setting: madeSetting({ rp: other }) }))[0]?.points).toBe(
    'against',
  );
  expect(saysWords('refusal').match(seenWith(good))).toEqual([]);
});
