import { expect, test } from '@jest/globals';
import { exchange } from '../browser.ts';
import { freshEmta } from '../fresh-emta.ts';
import { journeyOf, uidOf, visitorOf } from '../visitor.ts';
import { redeem } from '../wire.ts';

test('a code that is used twice opens nothing any more, nor do the tokens it gave', async () => {
  const emta = await freshEmta();
  const end = await visitorOf(emta, 'married-woman').walk('end');
  const code = end.left?.searchParams.get('code') ?? '';
  const first = await redeem(emta, code);
  expect(first.status).toBe(200);
  const again = await redeem(emta, code);
  expect(again.status).toBe(400);
  expect(again.body.error).toBe('invalid_grant');
  for (const path of ['/service/v1/user/identity/general', '/service/v1/oauth/userinfo']) {
    expect((await emta.api().get(path).set('Authorization', `Bearer ${first.body.access_token}`)).status).toBe(401);
  }
});

test('a grant that is pressed again gives the same answer, not another code', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const consent = await visitor.walk('consent');
  const { path, form } = visitor.browser.formOf(consent, 'consent-grant');
  const first = await visitor.browser.open(path, form);
  const again = await visitor.browser.open(path, form);
  const anew = await visitor.browser.open(path, { ...form, csrf: `${form.csrf?.split('.')[0]}.other` });
  expect([again.left?.href, anew.left?.href]).toEqual([first.left?.href, first.left?.href]);
});

test('a refusal cannot be made into a grant afterwards', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const consent = await visitor.walk('consent');
  const refused = await visitor.decide(consent, 'refuse');
  expect(refused.left?.searchParams.get('error')).toBe('access_denied');
  const granted = await visitor.decide(consent, 'grant');
  expect(granted.left?.searchParams.get('error') ?? granted.reason).toMatch(/access_denied|expired/);
  expect(granted.left?.searchParams.has('code') ?? false).toBe(false);
});

test('the answer of one picture is none for the next, nor for another journey', async () => {
  const emta = await freshEmta();
  const [one, other] = [visitorOf(emta, 'married-woman'), visitorOf(emta, 'refuser')];
  const [mine, theirs] = [await one.walk('captcha'), await other.walk('captcha')];
  const { captcha } = await journeyOf(emta, mine);
  expect((await one.solve(mine)).page).toBe('verification');
  expect((await other.browser.press(theirs, 'captcha-continue', { captcha })).page).toBe('captcha');
});

test('the SMS code of one journey is none in another of the same number', async () => {
  const emta = await freshEmta();
  const [one, other] = [visitorOf(emta, 'married-woman'), visitorOf(emta, 'married-woman')];
  const mine = await one.walk('verification');
  const { code } = await journeyOf(emta, mine);
  const theirs = await other.walk('verification');
  const { code: second } = await journeyOf(emta, theirs);
  if (second !== code) expect((await other.verify(theirs, { code })).page).toBe('verification');
  expect((await other.verify(theirs, { code: second })).page).toBe('consent');
});

test('no step can be passed over: a press for a later page leads back to the open one', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const screen = await visitor.begin();
  const { form } = visitor.browser.formOf(screen, 'mobile-continue', { mobile: '09070000101' });
  const uid = uidOf(screen);
  for (const [place, fields] of [
    ['consent', { decision: 'grant' }],
    ['verification', { code: '00000' }],
    ['captcha', { captcha: 'x' }],
  ] as const) {
    const answer = await visitor.browser.send(`/journey/${uid}/${place}`, { csrf: form.csrf ?? '', ...fields });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(`/journey/${uid}/mobile`);
  }
  expect(await journeyOf(emta, screen)).toMatchObject({ step: 'mobile' });
});

/** A browser that has a cookie, but not the right one. */
test.each([
  ['none at all', () => ''],
  ['one that nobody signed', (uid: string) => `emta_interaction=${uid}`],
  ['one with a signature of nothing', (uid: string) => `emta_interaction=${uid}; emta_interaction.sig=`],
  ['one with a made-up signature', (uid: string) => `emta_interaction=${uid}; emta_interaction.sig=${'A'.repeat(43)}`],
  [
    'the signature of another name',
    (uid: string, sound: string) =>
      `emta_interaction=${uid}; emta_interaction.sig=${/emta_session\.sig=([^;]+)/.exec(sound)?.[1] ?? ''}`,
  ],
  ['that of another journey', (_uid: string, sound: string) => sound],
])('a browser with %s sees nothing of a journey and changes nothing in it', async (_what, forge) => {
  const emta = await freshEmta();
  const [victim, thief] = [visitorOf(emta, 'married-woman'), visitorOf(emta, 'refuser')];
  const screen = await victim.walk('verification');
  const own = await thief.begin();
  const uid = uidOf(screen);
  const cookie = forge(uid, await thief.browser.cookiesFor(own.url));
  const headers = { Accept: 'text/html', ...(cookie && { Cookie: cookie }) };
  for (const path of [`/journey/${uid}`, `/journey/${uid}/verification`, `/journey/${uid}/captcha.svg`]) {
    const answer = await exchange(`${emta.issuer}${path}`, undefined, headers);
    expect([404, 410]).toContain(answer.status);
    expect(answer.body.toString()).not.toMatch(/0907|۰۹۰۷/);
  }
  const { form } = victim.browser.formOf(screen, 'leave');
  const posted = await exchange(`${emta.issuer}/journey/${uid}/leave`, form, headers);
  expect([404, 410]).toContain(posted.status);
  expect(await journeyOf(emta, screen)).toMatchObject({ step: 'verification' });
  expect((await journeyOf(emta, screen)).outcome).toBeUndefined();
});

test.each([
  ['without the mark of its form', () => ({})],
  ['with an empty one', () => ({ csrf: '' })],
  ['with that of another journey', (other: string) => ({ csrf: other })],
  ['with half of it', (_other: string, own: string) => ({ csrf: own.split('.')[0] ?? '' })],
])('a post from another site, %s, is refused though the browser sends the cookie', async (_what, forge) => {
  const emta = await freshEmta();
  const [victim, attacker] = [visitorOf(emta, 'married-woman'), visitorOf(emta, 'refuser')];
  const screen = await victim.walk('consent');
  const theirs = attacker.browser.formOf(await attacker.begin(), 'mobile-continue').form.csrf ?? '';
  const { path, form } = victim.browser.formOf(screen, 'consent-grant');
  const { csrf = '', ...fields } = form;
  const answer = await victim.browser.send(path, { ...fields, ...forge(theirs, csrf) } as Record<string, string>, {
    Origin: 'https://evil.example',
    'Sec-Fetch-Site': 'cross-site',
  });
  expect(answer.status).toBe(403);
  expect(await journeyOf(emta, screen)).toMatchObject({ step: 'consent' });
});

test('the answer to the relying party is given to the browser that began, and to no other', async () => {
  const emta = await freshEmta();
  const victim = visitorOf(emta, 'married-woman');
  const consent = await victim.walk('consent');
  const { path, form } = victim.browser.formOf(consent, 'consent-grant');
  const granted = await victim.browser.send(path, form);
  const resume = granted.headers.location ?? '';
  const stolen = await exchange(resume, undefined, { Accept: 'text/html' });
  expect(stolen.headers.location ?? '').not.toContain('code=');
  expect((await victim.browser.open(resume)).left?.searchParams.get('code')).toMatch(/^[\w-]{20,}$/);
});
