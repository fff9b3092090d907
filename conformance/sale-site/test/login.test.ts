import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Browser, createBrowser } from './browser.ts';
import { type RunningSite, startSite } from './start-site.ts';
import { client, parvin, rawJwt, reza, type StubEmta, startStubEmta } from './stub-emta.ts';

let emta: StubEmta;
let site: RunningSite;
let browser: Browser;

beforeAll(async () => {
  emta = await startStubEmta();
});
beforeEach(async () => {
  site = await startSite(emta);
  browser = createBrowser();
});
afterEach(async () => {
  await site.close();
  for (const name of Object.keys(emta.tampering)) Reflect.deleteProperty(emta.tampering, name);
  emta.citizen = reza;
});
afterAll(() => emta.close());

const signIn = (who: Browser = browser, form?: Record<string, string>) =>
  who.open(`${site.url}/emta/start`, form === undefined ? {} : { form });
const me = async (who: Browser = browser) => {
  const page = await who.ask(`${site.url}/api/me`);
  return page.status === 200 ? JSON.parse(page.text).name : page.status;
};
const reason = (page: { readonly $: (selector: string) => { attr(name: string): string | undefined } }) =>
  page.$('body').attr('data-reason');
const tokenCalls = () => emta.calls.filter(({ path }) => path === '/service/v1/oauth/token').length;

test('leads a citizen to Emta and back to the personal-data page', async () => {
  const page = await signIn();
  expect(page.status).toBe(200);
  expect(page.url.href).toBe(`${site.url}/registration`);
  expect(page.$('#given_name').attr('value')).toBe('رضا');
  expect(page.$('#given_name').attr('readonly')).toBe('readonly');
  expect(await me()).toBe('رضا فرهمند');
});

test('asks for a code with fresh state, nonce and an S256 challenge, and with nothing the citizen typed', async () => {
  await signIn(browser, { national_code: '۹۹۹۱۰۰۱۰۲۶' });
  await signIn();
  const [first, second] = emta.calls.filter(({ path }) => path === '/oauth/authorize').slice(-2);
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(first?.query.get(name)).toMatch(/^[\w-]{43}$/);
    expect(first?.query.get(name)).not.toBe(second?.query.get(name));
  }
  expect(first?.query.get('code_challenge_method')).toBe('S256');
  expect(first?.query.get('response_type')).toBe('code');
  expect(first?.query.get('scope')).toBe('openid user:identity:general user:primaryMobileNumber');
  expect(first?.query.toString()).not.toContain('9991001026');
});

test('leaves no code or state in the last address, and sends its secret in the form alone', async () => {
  const page = await signIn();
  expect(page.url.search).toBe('');
  const call = emta.calls.filter(({ path }) => path === '/service/v1/oauth/token').at(-1);
  expect(call?.form.get('client_secret')).toBe(client.client_secret);
  expect(call?.headers.authorization).toBeUndefined();
  expect(call?.form.get('redirect_uri')).toBe(`${site.url}/emta/callback`);
});

test.each([
  ['access_denied', 'refused', 200],
  ['login_required', 'refused', 200],
  ['unmet_authentication_requirements', 'refused', 200],
  ['mobile_ownership_mismatch', 'mobile_unverified', 200],
  ['temporarily_unavailable', 'unavailable', 503],
  ['server_error', 'unavailable', 503],
  ['invalid_scope', 'bad_answer', 200],
  ['emta_xyz', 'bad_answer', 200],
])('tells %s as %s', async (error, expected, status) => {
  emta.tampering.authorization = (sound) => {
    const answer = new URLSearchParams(sound);
    answer.delete('code');
    answer.set('error', error);
    answer.set('error_description', 'consent_refused: <script>alert(1)</script>');
    return answer;
  };
  const before = tokenCalls();
  const page = await signIn();
  expect([reason(page), page.status]).toEqual([expected, status]);
  expect(page.text).not.toContain('alert(1)');
  expect(page.headers['cache-control']).toBe('no-store');
  expect(page.$('[data-testid=retry]').attr('href')).toBe('/emta/start');
  expect(page.$('[data-testid=home]').attr('href')).toBe('/');
  expect(await me()).toBe(401);
  expect(tokenCalls()).toBe(before);
});

test.each([
  ['without iss', (answer: URLSearchParams) => answer.delete('iss'), 'refused'],
  ['that names another issuer', (answer: URLSearchParams) => answer.set('iss', 'https://evil.example'), 'bad_answer'],
  ['without state', (answer: URLSearchParams) => answer.delete('state'), 'bad_answer'],
  ['with a doubled state', (answer: URLSearchParams) => answer.append('state', 'x'), 'bad_answer'],
])('deals with a refusal %s', async (_title, change, expected) => {
  emta.tampering.authorization = (sound) => {
    const answer = new URLSearchParams({ ...Object.fromEntries(sound), error: 'access_denied' });
    answer.delete('code');
    change(answer);
    return answer;
  };
  expect(reason(await signIn())).toBe(expected);
  emta.tampering.authorization = (sound) => sound;
  await signIn();
  expect(await me()).toBe('رضا فرهمند');
});

test.each([
  ['an error beside a code', (answer: URLSearchParams) => answer.set('error', 'access_denied'), 'refused'],
  ['neither code nor error', (answer: URLSearchParams) => answer.delete('code'), 'refused'],
  ['a missing iss', (answer: URLSearchParams) => answer.delete('iss'), 'bad_answer'],
  [
    'an iss with a slash at its end',
    (answer: URLSearchParams) => answer.set('iss', `${answer.get('iss')}/`),
    'bad_answer',
  ],
  ['an altered state', (answer: URLSearchParams) => answer.set('state', 'x'), 'bad_answer'],
])('redeems no code after %s', async (_title, change, expected) => {
  emta.tampering.authorization = (sound) => {
    const answer = new URLSearchParams(sound);
    change(answer);
    return answer;
  };
  const before = tokenCalls();
  expect(reason(await signIn())).toBe(expected);
  expect(tokenCalls()).toBe(before);
});

/** A citizen who keeps back the answer to his own login. */
async function keptBack(who: Browser): Promise<URL> {
  const started = await who.ask(`${site.url}/emta/start`);
  const answered = await who.ask(String(started.headers.location));
  return new URL(String(answered.headers.location));
}

test("never takes somebody else's answer, in an empty, a pending or a signed-in browser", async () => {
  emta.citizen = parvin;
  const foreign = await keptBack(createBrowser());
  emta.citizen = reza;
  const before = tokenCalls();

  expect(reason(await browser.open(foreign))).toBe('bad_answer');
  expect(await me()).toBe(401);
  const own = await keptBack(browser);
  expect(reason(await browser.open(foreign))).toBe('bad_answer');
  expect(tokenCalls()).toBe(before);
  await browser.open(own);
  expect(await me()).toBe('رضا فرهمند');
  expect(reason(await browser.open(foreign))).toBe('bad_answer');
  expect(await me()).toBe('رضا فرهمند');
});

test("refuses somebody else's code under its own state", async () => {
  emta.citizen = parvin;
  const foreign = await keptBack(createBrowser());
  emta.citizen = reza;
  const own = await keptBack(browser);
  own.searchParams.set('code', foreign.searchParams.get('code') ?? '');
  expect(reason(await browser.open(own))).toBe('bad_answer');
  expect(await me()).toBe(401);
});

test('uses an answer once: a reload leads where the first one led, and not back in after sign-out', async () => {
  const answer = await keptBack(browser);
  await browser.open(answer);
  const session = [...browser.jar].find(([name]) => name.endsWith('ikco_session'))?.[1];
  const before = tokenCalls();
  expect((await browser.open(answer)).url.pathname).toBe('/registration');
  expect(tokenCalls()).toBe(before);
  expect([...browser.jar].find(([name]) => name.endsWith('ikco_session'))?.[1]).toBe(session);

  await browser.open(`${site.url}/signout`, { form: {} });
  await browser.open(answer);
  expect(await me()).toBe(401);
});

test('forgets a login that took longer than ten minutes', async () => {
  const answer = await keptBack(browser);
  site.clock.advance(601);
  expect(reason(await browser.open(answer))).toBe('bad_answer');
});

test('answers neither HEAD nor POST at the callback', async () => {
  const answer = await keptBack(browser);
  expect((await browser.ask(answer, { method: 'HEAD' })).status).toBe(405);
  expect((await browser.ask(answer, { form: {} })).status).toBe(405);
  expect(await me()).toBe(401);
});

type Claims = Readonly<Record<string, unknown>>;
const without = (name: string) => (claims: Claims) => {
  const { [name]: _left, ...rest } = claims;
  return rest;
};
const now = () => Math.floor(Date.now() / 1000);

test.each<[string, (claims: Claims) => Claims]>([
  ['of another issuer', (claims) => ({ ...claims, iss: 'https://evil.example' })],
  ['whose issuer has a slash at its end', (claims) => ({ ...claims, iss: `${claims.iss}/` })],
  ['without an issuer', without('iss')],
  ['for another audience', (claims) => ({ ...claims, aud: 'other' })],
  ['without an audience', without('aud')],
  ['for a further audience', (claims) => ({ ...claims, aud: [client.client_id, 'other'] })],
  [
    'for a further audience with azp',
    (claims) => ({ ...claims, aud: [client.client_id, 'other'], azp: client.client_id }),
  ],
  ['whose azp is another client', (claims) => ({ ...claims, azp: 'other' })],
  ['that has expired', (claims) => ({ ...claims, exp: now() - 600 })],
  ['without exp', without('exp')],
  ['without iat', without('iat')],
  ['from the future', (claims) => ({ ...claims, iat: now() + 3600, exp: now() + 7200 })],
  ['of a week ago', (claims) => ({ ...claims, iat: now() - 604_800 })],
  ['not valid before an hour from now', (claims) => ({ ...claims, nbf: now() + 3600 })],
  ['without a subject', without('sub')],
  ['with an empty subject', (claims) => ({ ...claims, sub: '' })],
  ['whose subject is a number', (claims) => ({ ...claims, sub: 7 })],
  ['whose subject is too long', (claims) => ({ ...claims, sub: 'x'.repeat(300) })],
  ['whose subject holds NUL', (claims) => ({ ...claims, sub: 'sub-\0reza' })],
  ['with a wrong nonce', (claims) => ({ ...claims, nonce: 'x' })],
  ['without the nonce', without('nonce')],
  ['with a wrong at_hash', (claims) => ({ ...claims, at_hash: 'x' })],
])('refuses an ID token %s', async (_title, change) => {
  emta.tampering.idToken = change;
  const before = emta.calls.length;
  expect(reason(await signIn())).toBe('bad_answer');
  expect(await me()).toBe(401);
  expect(emta.calls.slice(before).some(({ path }) => path.endsWith('/userinfo'))).toBe(false);
});

test.each<[string, (claims: Claims, kid: string) => string]>([
  ['unsigned', (claims) => rawJwt({ alg: 'none' }, claims)],
  ['unsigned in disguise', (claims) => rawJwt({ alg: 'nOnE' }, claims)],
  ['signed by the client secret', (claims, kid) => rawJwt({ alg: 'HS256', kid }, claims, client.client_secret)],
  ['with an empty signature', (claims, kid) => rawJwt({ alg: 'RS256', kid }, claims)],
  ['signed by a key nobody published', (claims) => rawJwt({ alg: 'RS256', kid: 'x' }, claims, 'x')],
  ['with an unknown critical header', (claims, kid) => rawJwt({ alg: 'RS256', kid, crit: ['x'] }, claims, 'x')],
])('refuses an ID token %s', async (_title, forge) => {
  emta.tampering.sign = async (claims, { kid }) => forge(claims, kid);
  expect(reason(await signIn())).toBe('bad_answer');
  expect(await me()).toBe(401);
});

test.each<[string, (body: Claims) => Claims, string]>([
  ['another subject', (body) => ({ ...body, ...parvin }), 'no_identity'],
  ['no subject', without('sub'), 'no_identity'],
  ['a list of subjects', (body) => ({ ...body, sub: [body.sub, 'sub-parvin'] }), 'no_identity'],
  ['no number', without('phone_number'), 'mobile_unverified'],
  ['an unverified number', (body) => ({ ...body, phone_number_verified: false }), 'mobile_unverified'],
  ['a number without its flag', without('phone_number_verified'), 'mobile_unverified'],
  ['the word true for the flag', (body) => ({ ...body, phone_number_verified: 'true' }), 'mobile_unverified'],
  ['no national code', without('national_code'), 'bad_answer'],
  ['a wrong check digit', (body) => ({ ...body, national_code: '9991001019' }), 'bad_answer'],
  ['somebody under 18', (body) => ({ ...body, birthdate: '2017-03-20' }), 'underage'],
])('lets nobody in on userinfo with %s', async (_title, change, expected) => {
  emta.tampering.userinfo = (body) => ({ body: change(body) });
  const page = await signIn();
  expect([reason(page), page.status]).toEqual([expected, 200]);
  expect(await me()).toBe(401);
});

test('believes neither of two numbers that disagree', async () => {
  emta.tampering.idToken = (claims) => ({ ...claims, phone_number: '+989070000199', phone_number_verified: true });
  expect(reason(await signIn())).toBe('mobile_unverified');
});

test.each([
  ['userinfo', 401, 'no_identity', 200],
  ['userinfo', 500, 'no_identity', 200],
  ['token', 400, 'bad_answer', 200],
  ['token', 401, 'bad_answer', 200],
  ['token', 500, 'unavailable', 503],
  ['token', 307, 'bad_answer', 200],
  ['jwks', 500, 'unavailable', 503],
] as const)('meets %s with status %i by a page of its own', async (endpoint, status, expected, shown) => {
  emta.tampering[endpoint] = () => ({
    status,
    body: { error: 'invalid_grant' },
    headers: { location: 'http://127.0.0.1:1/' },
  });
  const page = await signIn();
  expect([reason(page), page.status]).toEqual([expected, shown]);
  expect(page.text).not.toContain(client.client_secret);
  Reflect.deleteProperty(emta.tampering, endpoint);
  await signIn();
  expect(await me()).toBe('رضا فرهمند');
});

test.each<[string, (body: Claims) => { readonly body: unknown; readonly headers?: Record<string, string> }]>([
  ['no ID token', (body) => ({ body: without('id_token')(body) })],
  ['no access token', (body) => ({ body: without('access_token')(body) })],
  ['a token of an unknown type', (body) => ({ body: { ...body, token_type: 'mac' } })],
  ['an error beside the tokens', (body) => ({ body: { ...body, error: 'server_error' } })],
  ['another content type', (body) => ({ body, headers: { 'content-type': 'text/plain' } })],
  ['broken JSON', () => ({ body: '{"access', headers: { 'content-type': 'application/json' } })],
])('refuses a token answer with %s', async (_title, change) => {
  emta.tampering.token = change;
  const page = await signIn();
  expect([reason(page), page.status]).toEqual(['bad_answer', 200]);
});

test('says so when Emta is down, and starts again once it is up', async () => {
  emta.tampering.discovery = () => ({ status: 500, body: 'down' });
  const page = await signIn();
  expect([reason(page), page.status]).toEqual(['unavailable', 503]);
  Reflect.deleteProperty(emta.tampering, 'discovery');
  await signIn();
  expect(await me()).toBe('رضا فرهمند');
});

test('compares what was typed before Emta with what Emta verified', async () => {
  expect(reason(await signIn(browser, { national_code: '9991001034' }))).toBe('mismatch');
  expect(reason(await signIn(browser, { mobile: '09070000199' }))).toBe('mobile_unverified');
  await signIn(browser, { national_code: '999-100102-6', mobile: '0098 907 000 0102' });
  expect(await me()).toBe('رضا فرهمند');
});

test('names a malformed national code before anybody goes to Emta', async () => {
  const page = await signIn(browser, { national_code: '9991001019' });
  expect(page.status).toBe(422);
  expect(page.$('#national_code').attr('value')).toBe('9991001019');
  expect(page.$('#national_code-error').text()).toContain('کد ملی نامعتبر است');
});

test('gives a new session at each sign-in, and nothing of one citizen to the next', async () => {
  await browser.open(site.url);
  browser.jar.set(`${new URL(site.url).host} ikco_session`, 'planted');
  await signIn();
  const first = browser.jar.get(`${new URL(site.url).host} ikco_session`);
  expect(first).toMatch(/^[\w-]{43}$/);
  emta.citizen = parvin;
  const page = await signIn();
  expect(await me()).toBe('پروین سعادت');
  expect(page.text).not.toContain('فرهمند');
  browser.jar.set(`${new URL(site.url).host} ikco_session`, String(first));
  expect(await me()).toBe(401);
});

test('signs out by a form of its own and by nothing else', async () => {
  await signIn();
  await browser.open(`${site.url}/signout`);
  expect(await me()).toBe('رضا فرهمند');
  const forged = await browser.ask(`${site.url}/signout`, { form: {}, headers: { 'sec-fetch-site': 'cross-site' } });
  expect(forged.status).toBe(403);
  expect(await me()).toBe('رضا فرهمند');
  await browser.open(`${site.url}/signout`, { form: {} });
  expect(await me()).toBe(401);
});

test('flags its cookies and forbids framing', async () => {
  const page = await browser.ask(`${site.url}/emta/start`);
  expect(page.headers['set-cookie']).toEqual([
    expect.stringMatching(/^ikco_browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=lax$/),
  ]);
  expect(page.headers['x-frame-options']).toBe('DENY');
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
});

test('goes to no address that a request brings along', async () => {
  for (const query of [
    'return_to=//evil.example',
    'next=https://evil.example',
    'target_link_uri=https://evil.example',
  ]) {
    const page = await browser.open(`${site.url}/emta/start?${query}`);
    expect(page.url.href).toBe(`${site.url}/registration`);
  }
});

test('leads a visitor who used another name of the host to the one its cookies belong to', async () => {
  const page = await browser.ask(`${site.url}/emta/start`, { headers: { host: 'localhost:1' } });
  expect(page.headers.location).toBe(`${site.url}/emta/start`);
});

test('escapes what Emta says of a citizen', async () => {
  emta.tampering.userinfo = (body) => ({ body: { ...body, given_name: '<script>x</script>" onfocus="x' } });
  await signIn();
  for (const path of ['/account', '/registration', '/']) {
    const page = await browser.open(`${site.url}${path}`);
    expect(page.text).not.toContain('<script>x');
    expect(page.$('[onfocus]').length).toBe(0);
  }
});

test('shows folded letters and keeps the joiner', async () => {
  emta.tampering.userinfo = (body) => ({ body: { ...body, given_name: 'يكتا', family_name: 'كاوياني\u200cنژاد' } });
  await signIn();
  expect(await me()).toBe('یکتا کاویانی\u200cنژاد');
});

test('tells machines who is in and which number is proven', async () => {
  await signIn();
  expect(JSON.parse((await browser.ask(`${site.url}/api/mobile`)).text)).toEqual({
    mobile: '+989070000102',
    verified: true,
  });
  const account = await browser.open(`${site.url}/account`);
  expect(account.$('dd').text()).toContain('۰۹۰۷۰۰۰۰۱۰۲');
  expect(account.text).not.toContain('9991001026');
});
