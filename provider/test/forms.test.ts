import { expect, test } from '@jest/globals';
import { toPersianDigits } from '../kernel/text.ts';
import type { Form, Screen } from './browser.ts';
import { freshEmta, type TestEmta } from './fresh-emta.ts';
import { errorsOf, say, sayInEnglish, summaryOf, textOf, valuesOf, wordsOf } from './say.ts';
import { identityOf, journeyOf, newestCode, returned, type Visitor, visitorOf } from './visitor.ts';

async function atPage(page: 'mobile' | 'captcha' | 'verification', options = {}) {
  const emta = await freshEmta(options);
  const visitor = visitorOf(emta, 'married-woman');
  return { emta, visitor, screen: page === 'mobile' ? await visitor.begin() : await visitor.walk(page) };
}

test.each([
  '09070000101',
  '9070000101',
  '+989070000101',
  '00989070000101',
  '989070000101',
  '0907 000 0101',
  '0907-000-0101',
  '+98 (0)907 000 0101',
  '۰۹۰۷۰۰۰۰۱۰۱',
  '٠٩٠٧٠٠٠٠١٠١',
  '\u200e09070000101\u200f',
  ' \u202a0907\u200c0000101\u202c ',
])('takes the spelling %j of a mobile number', async (mobile) => {
  const { emta, visitor, screen } = await atPage('mobile');
  const next = await visitor.giveMobile(screen, mobile);
  expect(next.page).toBe('captcha');
  expect(await journeyOf(emta, next)).toMatchObject({ step: 'captcha', mobile: '+989070000101' });
  expect(wordsOf(next)).toContain(toPersianDigits('09070000101'));
});

test.each(['0907000010', '090700001011', '02112345678', '0907000010a', '+1 202 555 0100', '', '<b>'])(
  'asks again for the mobile number %j, and keeps it in the field',
  async (mobile) => {
    const { emta, visitor, screen } = await atPage('mobile');
    const again = await visitor.giveMobile(screen, mobile);
    expect([again.page, again.status]).toEqual(['mobile', 200]);
    expect(errorsOf(again)).toEqual({ mobile: say('emta.mobile.invalid') });
    expect(summaryOf(again)).toEqual([say('emta.mobile.invalid')]);
    expect(valuesOf(again)).toEqual({ mobile });
    expect(textOf(again, 'error-summary')).toContain(say('emta.check_input'));
    expect(await journeyOf(emta, again)).not.toHaveProperty('mobile');
  },
);

const solveWith = (visitor: Visitor, screen: Screen, captcha: string) =>
  visitor.browser.press(screen, 'captcha-continue', { captcha });

test('shows six letters and digits without those that look alike, as picture and as sound', async () => {
  const { emta, visitor, screen } = await atPage('captcha');
  const { captcha } = await journeyOf(emta, screen);
  expect(captcha).toMatch(/^[2-9a-hjkmnp-z]{6}$/);
  const picture = await visitor.browser.send(String(screen.$('[data-testid="captcha-image"]').attr('src')));
  expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/svg+xml']);
  expect(String(picture.body)).toMatch(/^<svg /);
  expect(String(picture.body)).not.toContain(captcha);
  expect(picture.headers['cache-control']).toBe('no-store');
  const sound = await visitor.browser.send(String(screen.$('[data-testid="captcha-audio"]').attr('href')));
  expect([sound.status, sound.headers['content-type']]).toEqual([200, 'audio/wav']);
  expect(sound.body.subarray(0, 4).toString() + sound.body.subarray(8, 12).toString()).toBe('RIFFWAVE');
  expect(sound.body.length).toBeGreaterThan(10_000);
});

test('gives no picture or sound once the captcha is behind', async () => {
  const { visitor, screen } = await atPage('verification');
  const base = screen.url.replace(/\/verification$/, '');
  for (const file of ['captcha.svg', 'captcha.wav']) {
    expect((await visitor.browser.send(`${base}/${file}`)).status).toBe(404);
  }
});

test.each([
  ['upper case', (text: string) => text.toUpperCase()],
  ['mixed case', (text: string) => text.replace(/[a-z]/, (letter) => letter.toUpperCase())],
  ['Persian digits', toPersianDigits],
  ['blanks', (text: string) => ` ${text.slice(0, 3)} ${text.slice(3)} `],
])('takes the answer in %s', async (_how, spelled) => {
  const { emta, visitor, screen } = await atPage('captcha');
  const { captcha } = await journeyOf(emta, screen);
  expect((await solveWith(visitor, screen, spelled(captcha))).page).toBe('verification');
});

test.each([
  ['', 'emta.captcha.required'],
  ['zzzzzz', 'emta.captcha.wrong'],
  ['......', 'emta.captcha.wrong'],
] as const)('asks again with a new picture after the answer %j', async (typed, key) => {
  const { emta, visitor, screen } = await atPage('captcha');
  const { captcha } = await journeyOf(emta, screen);
  const again = await solveWith(visitor, screen, typed);
  expect(errorsOf(again)).toEqual({ captcha: say(key) });
  expect(valuesOf(again)).toEqual({ captcha: '' });
  expect((await journeyOf(emta, again)).captcha).not.toBe(captcha);
  expect(errorsOf(await solveWith(visitor, again, captcha))).toEqual({ captcha: say('emta.captcha.wrong') });
});

test('shows another picture on request, without an error, and the old answer is void', async () => {
  const { emta, visitor, screen } = await atPage('captcha');
  const { captcha: old } = await journeyOf(emta, screen);
  emta.clock.advance(1000);
  const fresh = await visitor.browser.press(screen, 'captcha-refresh');
  expect([fresh.page, errorsOf(fresh)]).toEqual(['captcha', {}]);
  const sourceOf = ({ $ }: Screen) => $('[data-testid="captcha-image"]').attr('src');
  expect(sourceOf(fresh)).not.toBe(sourceOf(screen));
  expect((await journeyOf(emta, fresh)).captcha).not.toBe(old);
  expect(errorsOf(await solveWith(visitor, fresh, old))).toEqual({ captcha: say('emta.captcha.wrong') });
});

test('takes an answer for two minutes', async () => {
  const { emta, visitor, screen } = await atPage('captcha');
  emta.clock.advance(120_000);
  const late = await visitor.solve(screen);
  expect(errorsOf(late)).toEqual({ captcha: say('emta.captcha.expired') });
  emta.clock.advance(119_999);
  expect((await visitor.solve(late)).page).toBe('verification');
});

test('takes an answer once: after the number is changed there is a new picture', async () => {
  const { emta, visitor, screen } = await atPage('captcha');
  const { captcha: old } = await journeyOf(emta, screen);
  const verification = await visitor.solve(screen);
  const edit = await visitor.browser.open(String(verification.$('[data-testid="edit-mobile"]').attr('href')));
  const again = await visitor.giveMobile(edit, '09070000102');
  expect(errorsOf(await solveWith(visitor, again, old))).toEqual({ captcha: say('emta.captcha.wrong') });
});

test('has a fixed answer, or no captcha at all, by a rule', async () => {
  const fixed = await atPage('captcha', { rules: { captcha: 'abc234' } });
  expect((await solveWith(fixed.visitor, fixed.screen, 'ABC234')).page).toBe('verification');
  const none = await atPage('mobile', { rules: { captcha: 'off' } });
  expect((await none.visitor.giveMobile(none.screen)).page).toBe('verification');
});

test('sends an SMS with the title of the circular, and names the number without showing it whole', async () => {
  const { emta, screen } = await atPage('verification');
  const { messages } = await emta.control('get', '/messages?mobile=09070000101');
  expect(messages).toHaveLength(1);
  const [{ code, text, from, to, status }] = messages;
  expect({ from, to, status }).toEqual({ from: 'emta', to: '+989070000101', status: 'delivered' });
  expect(code).toMatch(/^[0-9]{5}$/);
  expect(text).toBe(`کد احراز امتا: ${code}\nاعتبار: 2 دقیقه\n\n@localhost #${code}`);
  expect(wordsOf(screen)).toContain(say('emta.verify.sent', { digits: 5, mobile: '0907***0101' }));
  expect(screen.$('.portal').text()).not.toContain('09070000101');
  expect([textOf(screen, 'page-title'), screen.$('main').text()]).toEqual([
    say('emta.verify.title'),
    expect.stringContaining(say('emta.register.title')),
  ]);
});

/** What the page says of the field `code` after a try. */
async function tried(emta: TestEmta, visitor: Visitor, screen: Screen, code: string): Promise<Screen> {
  expect((await newestCode(emta, visitor.person.typed.mobile)) === code).toBe(false);
  return visitor.verify(screen, { code });
}

test.each(['', '1234', '123456', 'abcde', '12 34'])('calls the code %j incomplete, which is no try', async (code) => {
  const { visitor, screen } = await atPage('verification');
  let again = screen;
  for (let turn = 0; turn < 6; turn += 1) again = await visitor.verify(again, { code });
  expect(errorsOf(again)).toEqual({ code: say('emta.verify.code_incomplete') });
  expect(valuesOf(again)).toEqual({ code, ...identityOf(visitor.person) });
  expect((await visitor.verify(again)).page).toBe('consent');
});

test('counts the tries left for a wrong code, and then asks for a new one', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  let again = screen;
  for (const left of [4, 3, 2, 1]) {
    again = await tried(emta, visitor, again, '00000');
    expect(errorsOf(again)).toEqual({ code: say('emta.verify.code_wrong') });
    expect(wordsOf(again)).toContain(say('emta.verify.tries_left', { n: left }));
    expect(valuesOf(again)).toEqual({ code: '', ...identityOf(visitor.person) });
  }
  again = await tried(emta, visitor, again, '00000');
  expect(errorsOf(again)).toEqual({ code: say('emta.verify.code_used_up') });
  expect(errorsOf(await visitor.verify(again))).toEqual({ code: say('emta.verify.code_used_up') });

  emta.clock.advance(120_000);
  const resent = await visitor.browser.press(again, 'resend');
  expect(errorsOf(resent)).toEqual({});
  expect((await visitor.verify(resent)).page).toBe('consent');
});

test('takes a code for two minutes', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  emta.clock.advance(120_000);
  const late = await visitor.verify(screen);
  expect(errorsOf(late)).toEqual({ code: say('emta.verify.code_expired') });
  expect(valuesOf(late)).toEqual({ code: '', ...identityOf(visitor.person) });
});

test('takes a right code again while the other fields are put right', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  const wrong = await visitor.verify(screen, { birth_day: '18' });
  expect(errorsOf(wrong)).toEqual({ birth: say('emta.error.birth_mismatch') });
  emta.clock.advance(121_000);
  expect((await visitor.verify(wrong)).page).toBe('consent');
});

test('asks no register before the code is right', async () => {
  const { visitor, screen } = await atPage('verification');
  const again = await visitor.verify(screen, { code: '00000', national_code: '9991001158' });
  expect(errorsOf(again)).toEqual({ code: say('emta.verify.code_wrong') });
});

test('sends another code after two minutes, with a countdown until then, and the first is void', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  const first = await newestCode(emta, '+989070000101');
  expect(wordsOf(screen)).toContain(say('emta.verify.resend_wait', { seconds: 120 }));
  emta.clock.advance(119_000);
  const early = await visitor.browser.press(screen, 'resend');
  expect(wordsOf(early)).toContain(say('emta.verify.resend_wait', { seconds: 1 }));
  expect(await newestCode(emta, '+989070000101')).toBe(first);

  emta.clock.advance(1000);
  const ready = await visitor.browser.open(early.url);
  expect(wordsOf(ready)).not.toContain(say('emta.verify.resend_wait', { seconds: 0 }));
  const resent = await visitor.browser.press(ready, 'resend');
  expect(wordsOf(resent)).toContain(say('emta.verify.resent'));
  expect(await newestCode(emta, '+989070000101')).not.toBe(first);
  expect(errorsOf(await visitor.verify(resent, { code: first }))).toEqual({ code: say('emta.verify.code_wrong') });
});

test('says how long to wait where a new code is asked for too early, and no more of what was wrong before', async () => {
  const { visitor, screen, emta } = await atPage('verification');
  const missed = await visitor.verify(screen, { code: '00000' });
  const early = await visitor.browser.press(missed, 'resend');
  expect(errorsOf(early)).toEqual({});
  expect(early.$('.notice').text()).toContain(say('emta.verify.resend_wait', { seconds: 120 }));
  emta.clock.advance(120_000);
  expect((await visitor.browser.open(early.url)).$('.notice').length).toBe(0);
});

test('keeps what was typed when a new code is asked for', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  emta.clock.advance(120_000);
  const typed = { ...identityOf(visitor.person), code: '12' };
  const resent = await visitor.browser.press(screen, 'resend', typed);
  expect(valuesOf(resent)).toEqual({ ...typed, code: '' });
});

test('sends five codes to a number within an hour, whatever the journey', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  let again = screen;
  for (let sent = 2; sent <= 3; sent += 1) {
    emta.clock.advance(120_000);
    again = await visitor.browser.press(again, 'resend');
    expect(wordsOf(again)).toContain(say('emta.verify.resent'));
  }
  const other = visitorOf(emta, 'married-woman');
  again = await other.walk('verification');
  emta.clock.advance(120_000);
  again = await other.browser.press(again, 'resend');
  emta.clock.advance(120_000);
  const refused = await other.browser.press(again, 'resend');
  expect(errorsOf(refused)).toEqual({ code: expect.stringContaining('تعداد درخواست کد برای این شماره بیش از حد') });
  const third = await visitorOf(emta, 'married-woman').walk('captcha');
  const sentBack = await other.solve(third).catch(() => undefined);
  expect(sentBack?.page).not.toBe('verification');
  expect((await emta.control('get', '/messages?mobile=09070000101')).messages).toHaveLength(5);
});

const refusedCodes: readonly (readonly [string, 'length' | 'invalid' | 'foreign'])[] = [
  ['', 'length'],
  ['999100101', 'length'],
  ['99910010180', 'length'],
  ['9991001019', 'invalid'],
  ['9991001081', 'invalid'],
  ['1111111111', 'invalid'],
  ['9990000001', 'invalid'],
  ['99910O1018', 'invalid'],
  ['900000000019', 'foreign'],
];

test.each(refusedCodes)('refuses the national code %j (%s), without a try', async (national_code, reason) => {
  const { visitor, screen } = await atPage('verification');
  const again = await visitor.verify(screen, { national_code });
  const key = reason === 'foreign' ? 'emta.error.foreign' : (`emta.verify.national_code_${reason}` as const);
  expect(errorsOf(again)).toEqual({ national_code: say(key) });
  expect(valuesOf(again)).toMatchObject({ ...identityOf(visitor.person), national_code });
});

test.each(['۹۹۹۱۰۰۱۰۱۸', '٩٩٩١٠٠١٠١٨', '999-100101-8', ' 9991001018 '])(
  'takes the spelling %j of a national code',
  async (national_code) => {
    const { visitor, screen } = await atPage('verification');
    expect((await visitor.verify(screen, { national_code })).page).toBe('consent');
  },
);

test.each([
  ['1111111111', { repeatedDigits: true }],
  ['9990000001', { zeroMiddle: true }],
])('takes the national code %s of somebody in the register where %j says so', async (national_code, rules) => {
  const { emta, visitor, screen } = await atPage('verification', { rules });
  const birth_date = '1369/08/17';
  await emta.control('post', '/citizens', {
    citizens: [{ national_code, given_name: 'مریم', family_name: 'رستگار', birth_date, gender: 'female' }],
    lines: [{ mobile: '09070000101', owner: national_code }],
  });
  expect((await visitor.verify(screen, { national_code })).page).toBe('consent');
});

test('refuses a prefix of no known office where unknownPrefixes is off, and takes the others', async () => {
  const { visitor, screen } = await atPage('verification', { rules: { unknownPrefixes: false } });
  const again = await visitor.verify(screen);
  expect(errorsOf(again)).toEqual({ national_code: say('emta.verify.national_code_invalid') });
  // Nobody has it; the page took it, so the register was asked.
  const asked = await visitor.verify(again, { national_code: '1234567891' });
  expect(errorsOf(asked)).not.toEqual({ national_code: say('emta.verify.national_code_invalid') });
});

const refusedDays: readonly (readonly [string, Form, 'required' | 'invalid'])[] = [
  ['an empty box', { birth_day: '' }, 'required'],
  ['three empty boxes', { birth_year: '', birth_month: '', birth_day: '' }, 'required'],
  ['month 13', { birth_month: '13' }, 'invalid'],
  ['month 0', { birth_month: '0' }, 'invalid'],
  ['day 0', { birth_day: '0' }, 'invalid'],
  ['31 Mehr', { birth_month: '7', birth_day: '31' }, 'invalid'],
  ['30 Esfand of a common year', { birth_year: '1404', birth_month: '12', birth_day: '30' }, 'invalid'],
  ['a Gregorian year', { birth_year: '1990', birth_month: '11', birth_day: '08' }, 'invalid'],
  ['a year of two digits', { birth_year: '69' }, 'invalid'],
  ['day, month, year', { birth_year: '17', birth_day: '1369' }, 'invalid'],
  ['tomorrow', { birth_year: '1405', birth_month: '7', birth_day: '10' }, 'invalid'],
  ['letters', { birth_year: 'abcd' }, 'invalid'],
];

test.each(refusedDays)('refuses %s as a birth date, and keeps what was typed', async (_what, typed, reason) => {
  const { visitor, screen } = await atPage('verification');
  const again = await visitor.verify(screen, typed);
  expect(errorsOf(again)).toEqual({ birth: say(`emta.verify.birth_${reason}`) });
  expect(valuesOf(again)).toMatchObject({ ...identityOf(visitor.person), ...typed });
});

test('tells of every wrong field at once, in the order of the page', async () => {
  const { visitor, screen } = await atPage('verification');
  const again = await visitor.verify(screen, { code: '1', national_code: '1', birth_month: '13' });
  expect(summaryOf(again)).toEqual([
    say('emta.verify.national_code_length'),
    say('emta.verify.birth_invalid'),
    say('emta.verify.code_incomplete'),
  ]);
  const targets = again
    .$('[data-testid="error-summary"] a')
    .toArray()
    .map((link) => again.$(link).attr('href'));
  expect(targets).toEqual(['#national_code', '#birth_year', '#code']);
});

test('takes Persian digits in every field', async () => {
  const { emta, visitor, screen } = await atPage('verification');
  const code = await newestCode(emta, '+989070000101');
  const inPersian = Object.fromEntries(
    Object.entries({ ...identityOf(visitor.person), code }).map(([name, text]) => [name, toPersianDigits(text)]),
  );
  expect((await visitor.browser.press(screen, 'verification-submit', inPersian)).page).toBe('consent');
});

test('asks somebody who has an account for the SMS code alone', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'enrolled');
  const screen = await visitor.walk('verification');
  expect(Object.keys(valuesOf(screen))).toEqual(['code']);
  expect(errorsOf(await visitor.verify(screen, { code: '00000' }))).toEqual({ code: say('emta.verify.code_wrong') });
  expect((await visitor.verify(screen)).page).toBe('consent');
});

test('takes somebody who has an account the full way by a rule', async () => {
  const emta = await freshEmta({ rules: { enrolledShortcut: false } });
  const visitor = visitorOf(emta, 'enrolled');
  const screen = await visitor.walk('verification');
  expect(Object.keys(valuesOf(screen))).toContain('national_code');
  expect((await visitor.verify(screen)).page).toBe('consent');
});

test('reaches somebody whose first SMS never arrives by the second', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'late-sms');
  const screen = await visitor.walk('verification');
  const { messages } = await emta.control('get', '/messages?mobile=09070000121');
  expect(messages.map(({ status }: { status: string }) => status)).toEqual(['lost']);
  emta.clock.advance(120_000);
  const resent = await visitor.browser.press(screen, 'resend');
  expect((await visitor.verify(resent)).page).toBe('consent');
});

test('names the site, the two accesses in the words of the circular, and where it leads', async () => {
  const emta = await freshEmta();
  const consent = await visitorOf(emta, 'married-woman').walk('consent');
  const client = 'ایران خودرو';
  for (const sentence of [
    say('emta.consent.title', { client }),
    say('emta.consent.intro', { client }),
    say('emta.consent.asks', { client }),
    say('emta.scope.identity'),
    say('emta.scope.identity_text'),
    say('emta.scope.mobile'),
    say('emta.scope.mobile_text'),
    say('emta.consent.grant'),
    say('emta.consent.refuse'),
    say('emta.consent.redirect'),
  ]) {
    expect(wordsOf(consent)).toContain(sentence);
  }
  expect(consent.$('.scopes li').length).toBe(2);
  expect(textOf(consent, 'consent-origin')).toBe('http://localhost:4300');
});

test('asks again for a decision that is neither', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const consent = await visitor.walk('consent');
  const { path, form } = visitor.browser.formOf(consent, 'consent-grant');
  const again = await visitor.browser.open(path, { ...form, decision: 'perhaps' });
  expect(again.page).toBe('consent');
  expect(returned(await visitor.decide(again)).code).toMatch(/\S{20,}/);
});

test('speaks English from ui_locales, and by its link, with the other language one press away', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const english = await visitor.begin({ ui_locales: 'de en' });
  expect([english.$('html').attr('lang'), english.$('html').attr('dir')]).toEqual(['en', 'ltr']);
  expect(textOf(english, 'page-title')).toBe(sayInEnglish('emta.mobile.label'));
  expect(textOf(english, 'leave')).toBe(sayInEnglish('emta.back_to_site', { client: 'Iran Khodro' }));
  const persian = await visitor.browser.open(String(english.$('.portal-language').attr('href')));
  expect([persian.$('html').attr('lang'), textOf(persian, 'page-title')]).toEqual(['fa', say('emta.mobile.label')]);
  expect((await visitor.giveMobile(persian)).$('html').attr('lang')).toBe('fa');
});

test('speaks the language of the journey on the page that carries the answer, and on pages without a journey', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const params = { response_mode: 'form_post', ui_locales: 'en' };
  const answer = await visitor.walk('end', params);
  expect([answer.page, answer.headers['content-language']]).toEqual(['return', 'en']);
  expect(textOf(answer, 'page-title')).toBe(sayInEnglish('emta.return.granted', { client: 'Iran Khodro' }));
  for (const wrong of [{ client_id: 'nobody' }, { redirect_uri: 'http://localhost:4300/other' }]) {
    const screen = await visitor.browser.open(emta.authorizationUrl({ ...params, ...wrong }));
    expect([screen.status, screen.headers['content-language']]).toEqual([400, 'en']);
    expect(textOf(screen, 'error-message')).toBe(sayInEnglish('emta.error.bad_request'));
  }
});

test('fills in the number that the site knows, and asks for it all the same', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const screen = await visitor.begin({ login_hint: '09070000101' });
  expect([screen.page, valuesOf(screen)]).toEqual(['mobile', { mobile: '09070000101' }]);
  expect(valuesOf(await visitor.begin({ login_hint: 'someone@example.com' }))).toEqual({ mobile: '' });
});

test('works on every page without a script, and tells browsers to keep nothing', async () => {
  const { visitor } = await atPage('mobile');
  for (const screen of [await visitor.begin(), await visitor.walk('consent')]) {
    expect(screen.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-language': 'fa',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(screen.headers['content-security-policy']).toContain("default-src 'none'");
    expect(wordsOf({ $: screen.$ }).length).toBeGreaterThan(10);
    expect(screen.$('footer').text()).toContain(say('emta.footer'));
    expect(screen.$('.test-mark').text()).toContain(say('emta.test.mark'));
  }
});
