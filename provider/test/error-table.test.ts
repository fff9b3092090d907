import { expect, test } from '@jest/globals';
import { nationalForm } from '../registry/mobile.ts';
import type { Screen } from './browser.ts';
import { callback, freshEmta, site } from './fresh-emta.ts';
import { errorsOf, say, sayInEnglish, textOf } from './say.ts';
import { journeyOf, newestCode, returned, uidOf, visitorOf } from './visitor.ts';

const client = 'ایران خودرو';

/** What the relying party is told, in short: error and reason. */
function answerOf(screen: Screen): readonly (string | undefined)[] {
  const { error, error_description = '', state, iss, to, code } = returned(screen);
  expect({ to, state, code }).toEqual({ to: callback, state: 'the-state', code: undefined });
  expect(iss).toMatch(/^http:\/\/localhost:\d+$/);
  return [error, error_description.split(':')[0]];
}

test('tells of a refused consent straight back', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'refuser');
  const consent = await visitor.walk('consent');
  expect(textOf(consent, 'page-title')).toBe(say('emta.consent.title', { client }));
  expect(answerOf(await visitor.decide(consent, 'refuse'))).toEqual(['access_denied', 'consent_refused']);
});

test('says that the number belongs to someone else, and lets it be edited', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'not-owner');
  const dead = await visitor.walk('consent');
  expect([dead.page, dead.reason]).toEqual(['error', 'mobile_ownership_mismatch']);
  expect(textOf(dead, 'error-message')).toBe(say('emta.error.ownership'));
  expect(textOf(dead, 'edit-mobile')).toBe(say('emta.verify.edit_mobile'));
  expect(textOf(dead, 'leave')).toBe(say('emta.back_to_site', { client }));

  const again = await visitor.browser.open(dead.$('[data-testid="edit-mobile"]').attr('href') ?? '');
  expect(again.page).toBe('mobile');
  // The same person with a number of their own: register a second line for them.
  await emta.control('post', '/citizens', {
    lines: [{ mobile: '09070000911', owner: visitor.person.typed.nationalCode }],
  });
  const captcha = await visitor.giveMobile(again, '09070000911');
  const verification = await visitor.solve(captcha);
  const code = await newestCode(emta, '+989070000911');
  const consent = await visitor.verify(verification, { code });
  expect(consent.page).toBe('consent');
  expect(returned(await visitor.decide(consent)).code).toMatch(/\S{20,}/);
});

test('tells of the mismatch once the citizen goes back', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'not-owner');
  const dead = await visitor.walk('consent');
  expect(answerOf(await visitor.leave(dead))).toEqual(['access_denied', 'mobile_ownership_mismatch']);
});

test('reports the SMS to an inactive line as undeliverable', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'inactive-line');
  const dead = await visitor.solve(await visitor.walk('captcha'));
  expect([dead.page, dead.reason]).toEqual(['error', 'mobile_inactive']);
  expect(textOf(dead, 'error-message')).toBe(say('emta.mobile.inactive'));
  expect(dead.$('[data-testid="edit-mobile"]').length).toBe(1);
  const { messages } = await emta.control('get', '/messages?mobile=09070000112');
  expect(messages).toMatchObject([{ status: 'undeliverable', text: '' }]);
  expect(answerOf(await visitor.leave(dead))).toEqual(['access_denied', 'mobile_inactive']);
});

test('asks again for code and birth date that do not match, five times, then stops for ten minutes', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'wrong-birthday');
  let screen = await visitor.walk('verification');
  for (let turn = 1; turn < 5; turn += 1) {
    screen = await visitor.verify(screen);
    expect(screen.page).toBe('verification');
    expect(errorsOf(screen)).toEqual({ birth: say('emta.error.birth_mismatch') });
  }
  screen = await visitor.verify(screen);
  expect([screen.page, screen.reason]).toEqual(['error', 'identity_mismatch']);
  expect(screen.$('[data-testid="retry"]').length).toBe(0);
  expect(answerOf(await visitor.leave(screen))).toEqual(['access_denied', 'identity_mismatch']);

  const next = await visitor.giveMobile(await visitor.begin());
  expect(errorsOf(next)).toEqual({ mobile: say('emta.mobile.too_often', { minutes: 10 }) });
  emta.clock.advance(600_000);
  expect((await visitor.giveMobile(await visitor.begin())).page).toBe('captcha');
});

test('lets the right birth date pass after a wrong one', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'wrong-birthday');
  const missed = await visitor.verify(await visitor.walk('verification'));
  expect((await visitor.verify(missed, { birth_day: '15' })).page).toBe('consent');
});

test('never says that somebody is dead', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'deceased');
  const dead = await visitor.verify(await visitor.walk('verification'));
  expect([dead.page, dead.reason]).toEqual(['error', 'identity_not_verifiable']);
  expect(textOf(dead, 'error-message')).toBe(say('emta.error.not_eligible'));
  expect(dead.html).not.toMatch(/فوت|متوفی|deceased|dead(?!-end)/);
  const back = await visitor.leave(dead);
  expect(answerOf(back)).toEqual(['access_denied', 'identity_not_verifiable']);
  expect(returned(back).error_description).not.toMatch(/deceased|dead/);
});

test('says that the register does not have a national code, and lets it be corrected', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'nobody');
  const dead = await visitor.verify(await visitor.walk('verification'));
  expect([dead.page, dead.reason]).toEqual(['error', 'identity_not_verifiable']);
  expect(textOf(dead, 'error-message')).toBe(say('emta.error.code_unknown'));
  expect((await visitor.browser.open(retryOf(dead))).page).toBe('verification');
  expect(answerOf(await visitor.leave(dead))).toEqual(['access_denied', 'identity_not_verifiable']);
});

test('stops at the third code used up, and holds the number back for ten minutes', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  let screen = await visitor.walk('verification');
  for (let code = 1; code <= 3; code += 1) {
    const { code: right } = await journeyOf(emta, screen);
    const wrong = right === '11111' ? '22222' : '11111';
    for (let miss = 1; miss <= 5; miss += 1) screen = await visitor.verify(screen, { code: wrong });
    if (code === 3) break;
    expect(errorsOf(screen)).toEqual({ code: say('emta.verify.code_used_up') });
    emta.clock.advance(120_000);
    screen = await visitor.browser.press(screen, 'resend');
  }
  expect([screen.page, screen.reason]).toEqual(['error', 'too_many_attempts']);
  expect(textOf(screen, 'error-message')).toBe(say('emta.error.too_many_tries', { minutes: 10 }));
  expect(answerOf(await visitor.leave(screen))).toEqual(['access_denied', 'too_many_attempts']);
});

test.each(['mobile', 'captcha', 'verification', 'consent'] as const)(
  'goes straight back by the exit of the page %s',
  async (page) => {
    const emta = await freshEmta();
    const visitor = visitorOf(emta, 'plain-man');
    const screen = page === 'mobile' ? await visitor.begin() : await visitor.walk(page);
    expect(screen.page).toBe(page);
    expect(textOf(screen, 'leave')).toBe(say('emta.back_to_site', { client }));
    const back = await visitor.leave(screen);
    expect(answerOf(back)).toEqual(['access_denied', 'cancelled']);
    expect(returned(back).error_description).toBe(`cancelled: the citizen left at the step ${page}`);
  },
);

function retryOf(dead: Screen): string {
  return dead.$('[data-testid="retry"]').attr('href') ?? '';
}

test('lets a register that is down be asked again, with all that was typed', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  await emta.control('post', '/armed', { fault: 'register.civil_down', mobile: '09070000102', uses: 1 });
  const dead = await visitor.verify(await visitor.walk('verification'));
  expect([dead.page, dead.reason]).toEqual(['error', 'register_unreachable']);
  expect(textOf(dead, 'error-message')).toBe(say('emta.error.registry_down'));
  const again = await visitor.browser.open(retryOf(dead));
  expect(again.$('[name="national_code"]').attr('value')).toBe(visitor.person.typed.nationalCode);
  const consent = await visitor.browser.press(again, 'verification-submit');
  expect(consent.page).toBe('consent');
});

test.each([
  ['register-down', 'emta.error.registry_down', 'register_unreachable'],
  ['owner-unknown', 'emta.error.ownership_unknown', 'ownership_unknown'],
] as const)('tells %s who goes back that Emta is unavailable, which is no mismatch', async (id, key, reason) => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, id);
  const dead = await visitor.verify(await visitor.walk('verification'));
  expect([dead.page, dead.reason]).toEqual(['error', reason]);
  expect(textOf(dead, 'error-message')).toBe(say(key));
  const again = await visitor.browser.press(await visitor.browser.open(retryOf(dead)), 'verification-submit');
  expect([again.page, again.reason]).toEqual(['error', reason]);
  expect(answerOf(await visitor.leave(again))).toEqual(['temporarily_unavailable', reason]);
});

test('tells of an ownership register that is down as of any other', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  await emta.control('post', '/armed', { fault: 'register.ownership_down', mobile: '09070000102' });
  const dead = await visitor.verify(await visitor.walk('verification'));
  expect(textOf(dead, 'error-message')).toBe(say('emta.error.registry_down'));
  expect(answerOf(await visitor.leave(dead))).toEqual(['temporarily_unavailable', 'register_unreachable']);
});

test.each(['mobile', 'captcha', 'verification', 'consent'] as const)(
  'explains at the page %s that the journey has expired, and leads to the address of the site',
  async (page) => {
    const emta = await freshEmta();
    const visitor = visitorOf(emta, 'plain-man');
    const screen = page === 'mobile' ? await visitor.begin() : await visitor.walk(page);
    emta.clock.advance(600_000);
    for (const expired of [await visitor.browser.open(screen.url), await visitor.leave(screen)]) {
      expect([expired.status, expired.page, expired.reason]).toEqual([410, 'error', 'expired']);
      expect(textOf(expired, 'error-message')).toBe(say('emta.error.expired', { client }));
      const exit = expired.$('[data-testid="leave"]');
      expect([exit.is('a'), exit.attr('href')]).toEqual([true, 'http://localhost:4300/']);
    }
    const answers = (await emta.control('get', `/exchanges?journey=${uidOf(screen)}`)).exchanges;
    expect(answers.filter(({ endpoint }: { endpoint: string }) => endpoint === 'resume')).toEqual([]);
  },
);

test('leads an expired journey to the origin of the redirect URI where the client named no address', async () => {
  const { client_uri: _address, ...withoutAddress } = site;
  const emta = await freshEmta({ clients: [withoutAddress] });
  const visitor = visitorOf(emta, 'plain-man');
  const screen = await visitor.begin({ ui_locales: 'en' });
  emta.clock.advance(600_000);
  const expired = await visitor.browser.open(screen.url);
  expect(textOf(expired, 'error-message')).toBe(sayInEnglish('emta.error.expired', { client: 'Iran Khodro' }));
  expect(expired.$('[data-testid="leave"]').attr('href')).toBe('http://localhost:4300/');
});

const withoutRedirect: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
  ['an unknown client', { client_id: 'nobody' }],
  ['no client', { client_id: undefined }],
  ['no redirect URI', { redirect_uri: undefined }],
  ['a redirect URI of somebody else', { redirect_uri: 'http://localhost:4300.example/emta/callback' }],
  ['a redirect URI with something behind it', { redirect_uri: `${callback}?more=1` }],
  ['a redirect URI with a slash behind it', { redirect_uri: `${callback}/` }],
  ['a redirect URI in other case', { redirect_uri: callback.toUpperCase() }],
];

test.each(withoutRedirect)('shows a page and redirects nowhere for %s', async (_what, params) => {
  const emta = await freshEmta();
  const screen = await emta.browser().open(emta.authorizationUrl(params));
  expect([screen.status, screen.left, screen.page, screen.reason]).toEqual([400, undefined, 'error', 'bad_request']);
  expect(textOf(screen, 'error-message')).toBe(say('emta.error.bad_request'));
  expect(screen.$('form').length).toBe(0);
});

test.each([
  [
    'invalid_client: client is invalid; expected "client_id" as it is registered, got "nobody"',
    { client_id: 'nobody' },
  ],
  [
    "invalid_redirect_uri: redirect_uri did not match any of the client's registered redirect_uris; " +
      'expected "redirect_uri" as it is registered, got "http://localhost:4300/other"',
    { redirect_uri: 'http://localhost:4300/other' },
  ],
])('says beside the page, for developers: %s', async (words, params) => {
  const emta = await freshEmta();
  const screen = await emta.browser().open(emta.authorizationUrl(params));
  expect(textOf(screen, 'error-detail')).toBe(words);
  expect(screen.$('main [data-testid="error-detail"]').length).toBe(0);
});

test('answers prompt=none with login_required, since nobody is signed in', async () => {
  const emta = await freshEmta();
  const screen = await emta.browser().open(emta.authorizationUrl({ prompt: 'none' }));
  expect(returned(screen)).toMatchObject({ error: 'login_required', state: 'the-state', iss: emta.issuer });
});

test('answers prompt=none with consent_required for somebody signed in who has to be asked', async () => {
  const emta = await freshEmta({ rememberLogin: true });
  const visitor = visitorOf(emta, 'plain-man');
  await visitor.walk('end');
  const screen = await visitor.browser.open(emta.authorizationUrl({ prompt: 'none' }));
  expect(returned(screen).error).toBe('consent_required');
});

test('keeps one refusal from another journey of the same person', async () => {
  const emta = await freshEmta();
  const refuser = visitorOf(emta, 'refuser');
  await refuser.decide(await refuser.walk('consent'), 'refuse');
  expect(returned(await refuser.walk('end')).code).toMatch(/\S{20,}/);
});

test('shows a number in its usual spelling where it can be changed', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  const captcha = await visitor.walk('captcha');
  const edit = await visitor.browser.open(captcha.$('[data-testid="edit-mobile"]').attr('href') ?? '');
  expect(edit.$('[name="mobile"]').attr('value')).toBe(nationalForm(visitor.person.typed.mobile));
});
