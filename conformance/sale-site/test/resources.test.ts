import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Browser, createBrowser } from './browser.ts';
import { type RunningSite, startSite } from './start-site.ts';
import { type Answer, parvin, reza, type StubEmta, startStubEmta } from './stub-emta.ts';

type Claims = Readonly<Record<string, unknown>>;

let emta: StubEmta;
let site: RunningSite;
let browser: Browser;

beforeAll(async () => {
  emta = await startStubEmta();
});
beforeEach(async () => {
  site = await startSite(emta, { face: 'oauth2' });
  browser = createBrowser();
});
afterEach(async () => {
  await site.close();
  for (const name of Object.keys(emta.tampering)) Reflect.deleteProperty(emta.tampering, name);
  emta.citizen = reza;
});
afterAll(() => emta.close());

const signIn = (who = browser, nationalCode = '9991001026') =>
  who.open(`${site.url}/emta/start`, { form: { national_code: nationalCode } });
const me = async (who = browser) => JSON.parse((await who.ask(`${site.url}/api/me`)).text);

test('reads identity and number with one token, and asks for neither openid nor userinfo', async () => {
  const before = emta.calls.length;
  const page = await signIn();
  expect(page.url.pathname).toBe('/registration');
  expect(page.$('#birth_date').attr('value')).toBe('1377/07/07');
  const calls = emta.calls.slice(before);
  expect(calls.map(({ path }) => path)).toEqual([
    '/oauth/authorize',
    '/service/v1/oauth/token',
    '/service/v1/user/identity/general',
    '/service/v1/user/primaryMobileNumber',
  ]);
  expect(calls[0]?.query.get('scope')).toBe('user:identity:general user:primaryMobileNumber');
  expect(calls[0]?.query.get('code_challenge_method')).toBe('S256');
  expect(calls[0]?.query.has('nonce')).toBe(false);
});

const without = (name: string) => (body: Claims) => {
  const { [name]: _left, ...rest } = body;
  return rest;
};

test.each<[string, string, 'identity' | 'mobile', (body: Claims) => Answer]>([
  ['an identity that is refused', 'bad_answer', 'identity', () => ({ status: 401, body: { error: 'invalid_token' } })],
  ['a number that is refused', 'mobile_unverified', 'mobile', () => ({ status: 401, body: {} })],
  ['a number that is forbidden', 'mobile_unverified', 'mobile', () => ({ status: 403, body: {} })],
  ['a broken identity', 'no_identity', 'identity', () => ({ status: 500, body: 'down' })],
  ['a broken number', 'no_identity', 'mobile', () => ({ status: 500, body: 'down' })],
  ['a page in place of a record', 'no_identity', 'identity', () => ({ body: '<html>' })],
  ['half a record', 'no_identity', 'mobile', () => ({ body: '{', headers: { 'content-type': 'application/json' } })],
  ['a redirect', 'no_identity', 'identity', () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })],
  ['an empty record', 'bad_answer', 'identity', () => ({ body: {} })],
  ['no national code', 'bad_answer', 'identity', (body) => ({ body: without('nationalCode')(body) })],
  ['an error in the record', 'no_identity', 'identity', (body) => ({ body: { ...body, error: 'x' } })],
  ['another citizen', 'mismatch', 'identity', (body) => ({ body: { ...body, nationalCode: parvin.national_code } })],
  ['no number object', 'mobile_unverified', 'mobile', () => ({ body: {} })],
  [
    'a number that is a number',
    'mobile_unverified',
    'mobile',
    () => ({ body: { primaryMobileNumber: { mobileNumber: 989070000102 } } }),
  ],
  [
    'a number too short',
    'mobile_unverified',
    'mobile',
    () => ({ body: { primaryMobileNumber: { mobileNumber: '0907000010' } } }),
  ],
])('lets nobody in on %s', async (_title, reason, resource, answer) => {
  emta.tampering[resource] = answer;
  const page = await signIn();
  expect([page.$('body').attr('data-reason'), page.status]).toEqual([reason, 200]);
  expect((await browser.ask(`${site.url}/api/me`)).status).toBe(401);
});

test.each(['09070000102', '00989070000102', '989070000102', '۰۹۰۷۰۰۰۰۱۰۲', '+98 907 000 0102'])(
  'knows the number %s',
  async (number) => {
    emta.tampering.mobile = () => ({ body: { primaryMobileNumber: { mobileNumber: number } } });
    await signIn();
    expect(JSON.parse((await browser.ask(`${site.url}/api/mobile`)).text).mobile).toBe('+989070000102');
  },
);

test('opens the fields of names that are null', async () => {
  emta.tampering.identity = (body) => ({ body: { ...body, name: null, fatherName: null } });
  const page = await signIn();
  expect(page.$('#given_name').attr('readonly')).toBeUndefined();
  expect(page.$('#given_name').attr('value')).toBe('');
});

test('keys accounts on the national code, whatever number and name they share', async () => {
  await signIn();
  emta.citizen = {
    ...parvin,
    given_name: reza.given_name,
    family_name: reza.family_name,
    phone_number: reza.phone_number,
  };
  const other = createBrowser();
  await signIn(other, '9991001034');
  expect((await me(other)).name).toBe((await me()).name);
  expect((await me(other)).id).not.toBe((await me()).id);
});

test('takes a code only where it was asked for', async () => {
  const started = await browser.ask(`${site.url}/emta/start`);
  const answered = await browser.ask(String(started.headers.location));
  const answer = new URL(String(answered.headers.location));
  const before = emta.calls.length;
  answer.pathname = '/emta/return';
  const page = await browser.open(answer);
  expect(page.$('body').attr('data-reason')).toBe('bad_answer');
  expect(emta.calls).toHaveLength(before);
});
