import { expect, test } from '@jest/globals';
import type { Browser, Screen } from './browser.ts';
import { freshEmta } from './fresh-emta.ts';
import { errorsOf, say, textOf, valuesOf, wordsOf } from './say.ts';
import { identityOf, journeyOf, newestCode, returned, uidOf, visitorOf } from './visitor.ts';
import { ask, redeem, userinfo } from './wire.ts';

type Page = 'mobile' | 'captcha' | 'verification' | 'consent';
const pages: readonly Page[] = ['mobile', 'captcha', 'verification', 'consent'];

async function at(page: Page, options = {}) {
  const emta = await freshEmta(options);
  const visitor = visitorOf(emta, 'plain-man');
  return { emta, visitor, screen: page === 'mobile' ? await visitor.begin() : await visitor.walk(page) };
}

/** The post that leads on from a page. */
async function onward({ emta, visitor, screen }: Awaited<ReturnType<typeof at>>) {
  const { browser, person } = visitor;
  switch (screen.page) {
    case 'mobile':
      return browser.formOf(screen, 'mobile-continue', { mobile: '09070000102' });
    case 'captcha':
      return browser.formOf(screen, 'captcha-continue', { captcha: (await journeyOf(emta, screen)).captcha });
    case 'verification':
      return browser.formOf(screen, 'verification-submit', {
        ...identityOf(person),
        code: await newestCode(emta, person.typed.mobile),
      });
    default:
      return browser.formOf(screen, 'consent-grant');
  }
}

test.each(pages)('answers the post of the page %s with a redirect, so that a reload repeats nothing', async (page) => {
  const setting = await at(page);
  const { path, form } = await onward(setting);
  const answer = await setting.visitor.browser.send(path, form);
  expect([answer.status, String(answer.body)]).toEqual([303, '']);
});

test.each(pages)('shows the page %s again on reload, with the same forms', async (page) => {
  const { visitor, screen } = await at(page);
  const again = await visitor.browser.open(screen.url);
  expect([again.status, again.page, valuesOf(again)]).toEqual([200, page, valuesOf(screen)]);
  expect((await visitor.browser.open(screen.url.replace(/\/[a-z]+$/, ''))).page).toBe(page);
});

test('keeps what was typed and what was wrong over a reload', async () => {
  const { visitor, screen } = await at('verification');
  const wrong = await visitor.verify(screen, { code: '1' });
  const again = await visitor.browser.open(wrong.url);
  expect([errorsOf(again), valuesOf(again)]).toEqual([errorsOf(wrong), valuesOf(wrong)]);
});

test.each(pages.slice(1))(
  'leads back to the page %s from the pages behind it, or lets the number be changed',
  async (page) => {
    const { visitor, screen } = await at(page);
    for (const earlier of pages.slice(0, pages.indexOf(page))) {
      const back = await visitor.browser.open(screen.url.replace(page, earlier));
      expect([earlier, back.page]).toEqual([earlier, earlier === 'mobile' && page !== 'consent' ? 'mobile' : page]);
    }
  },
);

test.each(pages.slice(0, 3))('leads to the page %s from the pages before it, which are not open yet', async (page) => {
  const { visitor, screen } = await at(page);
  for (const later of pages.slice(pages.indexOf(page) + 1)) {
    expect((await visitor.browser.open(screen.url.replace(page, later))).page).toBe(page);
  }
});

test.each([
  ['mobile', 'consent', { decision: 'grant' }],
  ['captcha', 'verification', { code: '00000' }],
  ['captcha', 'consent', { decision: 'grant' }],
  ['verification', 'captcha', { captcha: 'abcdef' }],
  ['verification', 'consent', { decision: 'grant' }],
  ['consent', 'mobile', { mobile: '09070000103' }],
  ['consent', 'verification', { code: '00000' }],
] as const)('does nothing at the page %s for a post to %s', async (open, other, form) => {
  const { emta, visitor, screen } = await at(open);
  const before = await journeyOf(emta, screen);
  const csrf = String(screen.$('[name="csrf"]').attr('value'));
  const after = await visitor.browser.open(screen.url.replace(open, other), { csrf, ...form });
  expect(after.page).toBe(open);
  expect(await journeyOf(emta, screen)).toEqual(before);
});

test.each(pages)(
  'acts once for two posts of the page %s at the same moment, and both end at one place',
  async (page) => {
    const setting = await at(page);
    const { emta, visitor, screen } = setting;
    const { path, form } = await onward(setting);
    const answers = await Promise.all([visitor.browser.send(path, form), visitor.browser.send(path, form)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(answers[0]?.headers.location).toBe(answers[1]?.headers.location);
    const { messages } = await emta.control('get', '/messages?mobile=09070000102');
    expect(messages).toHaveLength(page === 'mobile' ? 0 : 1);
    const { entries } = await emta.control('get', `/journal?journey=${uidOf(screen)}`);
    const steps = entries.filter(({ kind, data }: { kind: string; data: { step: string } }) => {
      return kind === 'step' && data.step === page;
    });
    expect(steps).toHaveLength(1);
  },
);

test('counts one try for a wrong code that was sent twice at once', async () => {
  const { visitor, screen } = await at('verification');
  const { path, form } = visitor.browser.formOf(screen, 'verification-submit', {
    ...identityOf(visitor.person),
    code: '00000',
  });
  const [first] = await Promise.all([1, 2, 3].map(() => visitor.browser.send(path, form)));
  const again = await visitor.browser.open(String(first?.headers.location));
  expect(wordsOf(again)).toContain(say('emta.verify.tries_left', { n: 4 }));
});

test.each(['grant', 'refuse'] as const)(
  'brings a second press of %s to the same answer as the first',
  async (decision) => {
    const { visitor, screen } = await at('consent');
    const first = await visitor.decide(screen, decision);
    const second = await visitor.decide(screen, decision);
    expect(second.left?.href).toBe(first.left?.href);
    expect((await visitor.browser.open(screen.url)).left?.href).toBe(first.left?.href);
    expect((await visitor.leave(screen)).left?.href).toBe(first.left?.href);
  },
);

test('gives the answer again for a minute, and never to another browser', async () => {
  const { emta, visitor, screen } = await at('consent');
  const first = await visitor.decide(screen);
  const stranger = await emta.browser().open(screen.url);
  expect([stranger.status, stranger.left]).toEqual([410, undefined]);
  expect((await visitor.browser.open(screen.url)).left?.href).toBe(first.left?.href);
  emta.clock.advance(60_000);
  const late = await visitor.browser.open(screen.url);
  expect([late.status, late.reason, late.left]).toEqual([410, 'expired', undefined]);
});

test('brings a resumed request that is asked for twice to the same answer', async () => {
  const { visitor, screen } = await at('consent');
  const { path, form } = visitor.browser.formOf(screen, 'consent-grant');
  const resume = String((await visitor.browser.send(path, form)).headers.location);
  const [first, second] = [await visitor.browser.open(resume), await visitor.browser.open(resume)];
  expect(returned(first).code).toMatch(/\S{20,}/);
  expect(second.left?.href).toBe(first.left?.href);
});

test('goes on with an end that the browser never followed', async () => {
  const { visitor, screen } = await at('consent');
  const { path, form } = visitor.browser.formOf(screen, 'consent-grant');
  await visitor.browser.send(path, form);
  const reloaded = await visitor.browser.open(screen.url);
  expect(returned(reloaded).code).toMatch(/\S{20,}/);
});

test('does not let the second of two tabs undo the first', async () => {
  const { emta, visitor, screen: captchaInBoth } = await at('captcha');
  const stale = await journeyOf(emta, captchaInBoth);
  const first = await visitor.solve(captchaInBoth);
  expect(first.page).toBe('verification');
  const second = await visitor.browser.press(captchaInBoth, 'captcha-continue', { captcha: stale.captcha });
  expect([second.page, errorsOf(second)]).toEqual(['verification', {}]);
  expect((await visitor.browser.press(captchaInBoth, 'captcha-refresh')).page).toBe('verification');
  expect((await visitor.verify(first)).page).toBe('consent');
});

test('holds the newest number where two tabs give two', async () => {
  const { emta, visitor, screen: verification } = await at('verification');
  const edit = await visitor.browser.open(verification.$('[data-testid="edit-mobile"]').attr('href') ?? '');
  const other = await visitor.giveMobile(edit, '09070000101');
  expect(other.page).toBe('captcha');
  const first = await visitor.verify(verification);
  expect(first.page).toBe('captcha');
  expect(await journeyOf(emta, first)).toMatchObject({ mobile: '+989070000101' });
  const back = visitorOf(emta, 'married-woman', visitor.browser);
  expect((await back.verify(await back.solve(first))).page).toBe('consent');
});

test.each([
  ['first', [0, 1]],
  ['second', [1, 0]],
] as const)('finishes two journeys in one browser, the %s one first', async (_which, order) => {
  const emta = await freshEmta();
  const browser = emta.browser();
  const visitors = [visitorOf(emta, 'plain-man', browser), visitorOf(emta, 'married-woman', browser)] as const;
  const consents = [
    await visitors[0].walk('consent', { state: 'state-0', nonce: 'nonce-0' }),
    await visitors[1].walk('consent', { state: 'state-1', nonce: 'nonce-1' }),
  ] as const;
  const codes: string[] = [];
  for (const index of order) {
    const back = returned(await visitors[index].decide(consents[index]));
    expect(back).toMatchObject({ state: `state-${index}` });
    codes[index] = String(back.code);
  }
  for (const [index, name] of ['فرهمند', 'رستگار'].entries()) {
    const answer = await redeem(emta, codes[index] ?? '');
    const claims = await ask(emta, userinfo, answer.body.access_token);
    expect(claims.body.family_name).toBe(name);
  }
});

test('finishes one journey after the other was refused in the same browser', async () => {
  const emta = await freshEmta();
  const browser = emta.browser();
  const [one, two] = [visitorOf(emta, 'plain-man', browser), visitorOf(emta, 'refuser', browser)];
  const [first, second] = [await one.walk('consent'), await two.walk('consent')];
  expect(returned(await two.decide(second, 'refuse')).error).toBe('access_denied');
  expect(returned(await one.decide(first)).code).toMatch(/\S{20,}/);
});

test('finishes two journeys that began before the browser had a single cookie', async () => {
  const emta = await freshEmta();
  const browser = emta.browser();
  const [one, two] = [visitorOf(emta, 'plain-man', browser), visitorOf(emta, 'married-woman', browser)];
  const [first, second] = await Promise.all([one.begin({ state: 'one' }), two.begin({ state: 'two' })]);
  const finish = async (visitor: typeof one, screen: Screen) =>
    returned(await visitor.decide(await visitor.verify(await visitor.solve(await visitor.giveMobile(screen)))));
  expect(await finish(two, second)).toMatchObject({ state: 'two', code: expect.stringMatching(/\S{20,}/) });
  expect(await finish(one, first)).toMatchObject({ state: 'one', code: expect.stringMatching(/\S{20,}/) });
});

const elsewhere = async (browser: Browser, screen: Screen): Promise<readonly Screen[]> => [
  await browser.open(screen.url),
  await browser.open(screen.url.replace(/\/[a-z]+$/, '')),
  await browser.open(screen.url, { csrf: String(screen.$('[name="csrf"]').attr('value')), decision: 'grant' }),
  await browser.open(screen.url.replace(/\/[a-z]+$/, '/leave'), {
    csrf: String(screen.$('[name="csrf"]').attr('value')),
  }),
];

test.each(pages)('gives the page %s to no other browser, though it knows the address', async (page) => {
  const { emta, screen } = await at(page);
  const before = await journeyOf(emta, screen);
  const other = visitorOf(emta, 'refuser');
  await other.begin();
  for (const browser of [emta.browser(), other.browser]) {
    for (const refused of await elsewhere(browser, screen)) {
      expect([refused.status, refused.page, refused.reason]).toEqual([410, 'error', 'expired']);
      expect(refused.html).not.toContain(before.captcha ?? '(no captcha)');
      expect(refused.html).not.toContain('09070000102');
    }
  }
  expect(await journeyOf(emta, screen)).toEqual(before);
});

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['that of another journey', 'other'],
])('refuses a form with %s for its token, and does nothing', async (_what, token) => {
  const { emta, visitor, screen } = await at('consent');
  const other = await visitorOf(emta, 'refuser').begin();
  const csrf = token === 'other' ? String(other.$('[name="csrf"]').attr('value')) : token;
  const refused = await visitor.browser.open(screen.url, {
    ...(csrf !== undefined && { csrf }),
    decision: 'grant',
  });
  expect([refused.status, refused.page, textOf(refused, 'error-message')]).toEqual([
    403,
    'error',
    say('emta.error.bad_request'),
  ]);
  expect(await journeyOf(emta, screen)).not.toHaveProperty('outcome');
});

test('knows no journey that was never begun', async () => {
  const emta = await freshEmta();
  const screen = await emta.browser().open('/journey/nothing/mobile');
  expect([screen.status, screen.page, screen.reason]).toEqual([410, 'error', 'expired']);
});

test('sets cookies that scripts cannot read, on the path of the journey, under names of its own', async () => {
  const emta = await freshEmta();
  const answer = await emta.browser().send(emta.authorizationUrl());
  const cookies = answer.headers['set-cookie'] ?? [];
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^emta_/);
    expect(cookie.toLowerCase()).toContain('httponly');
    expect(cookie.toLowerCase()).toContain('samesite=lax');
  }
});
