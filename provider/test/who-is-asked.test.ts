import { expect, test } from '@jest/globals';
import { freshEmta, type Parameters, site } from './fresh-emta.ts';
import { say, textOf } from './say.ts';
import { journeyOf, returned, visitorOf } from './visitor.ts';
import { claimsOf, clientOf, redeem, tokensFor } from './wire.ts';

const levels = { mobile: 'urn:emta:loa:mobile', identity: 'urn:emta:loa:identity' } as const;
const acr = (request: object) => JSON.stringify({ id_token: { acr: request } });

test.each([
  ['the highest, where none is asked for by name', { claims: acr({}) }, levels.identity],
  ['the one asked for', { acr_values: levels.identity }, levels.identity],
  [
    'the first of those asked for, each of which is reached',
    { acr_values: `${levels.mobile} ${levels.identity}` },
    levels.mobile,
  ],
  ['the first that is known', { acr_values: `urn:other ${levels.identity}` }, levels.identity],
  ['the highest, where only an unknown one is wished for', { acr_values: 'urn:other' }, levels.identity],
  ['the one needed', { claims: acr({ essential: true, value: levels.mobile }) }, levels.mobile],
  [
    'one of those needed',
    { claims: acr({ essential: true, values: ['urn:other', levels.identity] }) },
    levels.identity,
  ],
])('says of the level %s', async (_which, params, level) => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta, params);
  expect(claimsOf(body.id_token).acr).toBe(level);
});

test.each([
  ['value', acr({ essential: true, value: 'urn:other' })],
  ['values', acr({ essential: true, values: ['urn:other', 'urn:another'] })],
])('refuses a level that is needed and unknown before anybody is asked (%s)', async (_how, claims) => {
  const emta = await freshEmta();
  const screen = await emta.browser().open(emta.authorizationUrl({ claims }));
  expect(returned(screen)).toMatchObject({ error: 'unmet_authentication_requirements', state: 'the-state' });
});

test('says when the citizen signed in, where that is asked for', async () => {
  const emta = await freshEmta({ clients: [site, clientOf('timely', { require_auth_time: true })] });
  const before = Math.floor(Date.now() / 1000);
  const { body } = await tokensFor(emta, { max_age: '60' });
  expect(claimsOf(body.id_token).auth_time).toBeGreaterThanOrEqual(before);
  expect(claimsOf((await tokensFor(emta)).body.id_token)).not.toHaveProperty('auth_time');
  const timely = { client_id: 'timely', client_secret: 'made-up-secret-of-timely' };
  const { body: always } = await tokensFor(emta, { client_id: 'timely' }, timely);
  expect(claimsOf(always.id_token).auth_time).toBeGreaterThanOrEqual(before);
});

test('asks a browser anew at each request, and leaves no login in it', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  await visitor.walk('end');
  expect((await visitor.begin()).page).toBe('mobile');
  expect(returned(await visitor.browser.open(emta.authorizationUrl({ prompt: 'none' }))).error).toBe('login_required');
});

const remembering = { rememberLogin: true } as const;

test('asks a browser that is remembered for its consent alone, and says that the login is the old one', async () => {
  const emta = await freshEmta(remembering);
  const visitor = visitorOf(emta, 'plain-man');
  const first = await redeem(emta, returned(await visitor.walk('end', { max_age: '1000' })).code ?? '');
  const consent = await visitor.begin({ max_age: '1000' });
  expect(consent.page).toBe('consent');
  expect(await journeyOf(emta, consent)).toMatchObject({ step: 'consent', mobile: '+989070000102' });
  const second = await redeem(emta, returned(await visitor.decide(consent)).code ?? '');
  const [one, two] = [claimsOf(first.body.id_token), claimsOf(second.body.id_token)];
  expect([two.sub, two.auth_time]).toEqual([one.sub, one.auth_time]);
  expect(returned(await visitor.decide(await visitor.begin(), 'refuse')).error).toBe('access_denied');
});

test.each([
  ['prompt=login', { prompt: 'login' }],
  ['max_age=0', { max_age: '0' }],
])('asks a remembered browser for everything with %s', async (_what, params) => {
  const emta = await freshEmta({ ...remembering, rememberConsent: true });
  const visitor = visitorOf(emta, 'plain-man');
  await visitor.walk('end');
  expect((await visitor.begin(params)).page).toBe('mobile');
  expect(returned(await visitor.walk('consent', params)).code).toMatch(/\S{20,}/);
});

test('goes straight back with a remembered login and consent, and asks where prompt=consent or a new scope says so', async () => {
  const emta = await freshEmta({ ...remembering, rememberConsent: true });
  const visitor = visitorOf(emta, 'plain-man');
  await visitor.walk('end', { scope: 'openid user:identity:general' });
  const again = (params: Parameters) => visitor.begin({ scope: 'openid user:identity:general', ...params });
  expect(returned(await again({})).code).toMatch(/\S{20,}/);
  expect(returned(await again({ prompt: 'none' })).code).toMatch(/\S{20,}/);
  expect((await again({ prompt: 'consent' })).page).toBe('consent');
  expect((await again({ scope: 'openid user:primaryMobileNumber' })).page).toBe('consent');
});

test('asks another person in a remembered browser where that is meant, and does not mix them up', async () => {
  const emta = await freshEmta(remembering);
  const browser = emta.browser();
  await visitorOf(emta, 'plain-man', browser).walk('end');
  const woman = visitorOf(emta, 'married-woman', browser);
  const back = await woman.walk('end', { prompt: 'login' });
  const code = back.left ? returned(back).code : undefined;
  expect(code).toMatch(/\S{20,}/);
  const { body } = await redeem(emta, code ?? '');
  const { body: told } = await emta.api().get('/service/v1/oauth/userinfo').auth(body.access_token, { type: 'bearer' });
  expect(told.family_name).toBe('رستگار');
});

test('remembers consent for a client, whatever the browser, until more is asked for', async () => {
  const emta = await freshEmta({ rememberConsent: true });
  const scope = 'openid user:identity:general';
  await visitorOf(emta, 'plain-man').walk('end', { scope });
  const later = (params: Parameters) => visitorOf(emta, 'plain-man').walk('consent', { scope, ...params });
  expect(returned(await later({})).code).toMatch(/\S{20,}/);
  expect((await later({ scope: `${scope} user:primaryMobileNumber` })).page).toBe('consent');
  expect((await later({ prompt: 'consent' })).page).toBe('consent');
  expect((await later({ claims: JSON.stringify({ userinfo: { email: null } }) })).page).toBe('consent');
  expect((await visitorOf(emta, 'married-woman').walk('consent', { scope })).page).toBe('consent');
});

test('remembers no refusal', async () => {
  const emta = await freshEmta({ rememberConsent: true });
  const visitor = visitorOf(emta, 'plain-man');
  await visitor.decide(await visitor.walk('consent'), 'refuse');
  expect((await visitor.walk('consent')).page).toBe('consent');
});

test('tells the site when somebody else signed in than it asked for', async () => {
  const emta = await freshEmta();
  const { body } = await tokensFor(emta);
  const wanted = [
    { id_token_hint: body.id_token },
    { claims: JSON.stringify({ id_token: { sub: { value: claimsOf(body.id_token).sub } } }) },
  ];
  for (const params of wanted) {
    expect(returned(await visitorOf(emta, 'plain-man').walk('end', params)).code).toMatch(/\S{20,}/);
    expect(returned(await visitorOf(emta, 'married-woman').walk('end', params)).error).toBe('login_required');
  }
});

test('asks somebody who is remembered before signing them out, and goes to an address that the site registered', async () => {
  const emta = await freshEmta(remembering);
  const visitor = visitorOf(emta, 'plain-man');
  const { body } = await redeem(emta, returned(await visitor.walk('end')).code ?? '');
  const url = `/oauth/logout?${new URLSearchParams({
    id_token_hint: body.id_token,
    post_logout_redirect_uri: 'http://localhost:4300/',
    state: 'bye',
  })}`;
  const stayed = await visitor.browser.press(await visitor.browser.open(url), 'logout-stay');
  expect(stayed.left?.href).toBe('http://localhost:4300/?state=bye');
  expect((await visitor.begin()).page).toBe('consent');

  const asked = await visitor.browser.open(url);
  expect([asked.page, textOf(asked, 'page-title')]).toEqual(['logout', say('emta.logout.title')]);
  const gone = await visitor.browser.press(asked, 'logout-confirm');
  expect(gone.left?.href).toBe('http://localhost:4300/?state=bye');
  expect((await visitor.begin()).page).toBe('mobile');
});

test('says that somebody is signed out where no address was given', async () => {
  const emta = await freshEmta(remembering);
  const visitor = visitorOf(emta, 'plain-man');
  await visitor.walk('end');
  const done = await visitor.browser.press(await visitor.browser.open('/oauth/logout'), 'logout-confirm');
  expect([done.status, done.page, textOf(done, 'logout-done')]).toEqual([200, 'logout', say('emta.logout.done')]);
});

test('leads who is not signed in on to the address of the site, with its state', async () => {
  const emta = await freshEmta();
  const browser = emta.browser();
  const params = { client_id: site.client_id, post_logout_redirect_uri: 'http://localhost:4300/', state: 'bye' };
  const back = 'http://localhost:4300/?state=bye';
  expect((await browser.open(`/oauth/logout?${new URLSearchParams(params)}`)).left?.href).toBe(back);
  // RP-Initiated Logout 2: by POST too.
  expect((await browser.open('/oauth/logout', params)).left?.href).toBe(back);
});

test('says that who is not signed in is signed out, in the language that was asked for', async () => {
  const emta = await freshEmta();
  for (const [lang, path] of [
    ['fa', '/oauth/logout'],
    ['en', '/oauth/logout?ui_locales=en-GB'],
  ] as const) {
    const done = await emta.browser().open(path);
    expect([done.status, done.page, done.$('html').attr('lang'), done.$('form').length]).toEqual([
      200,
      'logout',
      lang,
      0,
    ]);
  }
});

test('logs out nobody to an address that no site registered', async () => {
  const emta = await freshEmta();
  const params = { client_id: site.client_id, post_logout_redirect_uri: 'http://elsewhere.example/' };
  const asked = await emta.browser().open(`/oauth/logout?${new URLSearchParams(params)}`);
  expect([asked.status, asked.left, asked.page]).toEqual([400, undefined, 'error']);
});
