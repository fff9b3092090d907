import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Browser, createBrowser, type Page } from './browser.ts';
import { type RunningSite, startSite } from './start-site.ts';
import { parvin, reza, type StubEmta, startStubEmta } from './stub-emta.ts';

let emta: StubEmta;
let site: RunningSite;
let browser: Browser;

const member = {
  nationalCode: '9991001107',
  givenName: 'کاوه',
  familyName: 'صالحی',
  birthDate: '1981-10-22',
  mobile: '+989070000110',
  password: 'Old-secret1',
};
const kaveh = {
  ...reza,
  sub: 'sub-kaveh',
  given_name: 'کاوه',
  family_name: 'صالحی',
  national_code: '9991001107',
  birthdate: '1981-10-22',
  phone_number: '+989070000210',
};

const good = {
  issue_date: '1378/01/15',
  education: 'کارشناسی',
  city: 'تهران',
  address: 'خیابان آزادی، پلاک 7',
  password: 'Secret-word1',
  password_repeat: 'Secret-word1',
};

beforeAll(async () => {
  emta = await startStubEmta();
});
beforeEach(async () => {
  site = await startSite(emta, { members: [member] });
  browser = createBrowser();
});
afterEach(async () => {
  await site.close();
  emta.citizen = reza;
  Reflect.deleteProperty(emta.tampering, 'userinfo');
});
afterAll(() => emta.close());

const at = (path: string) => `${site.url}${path}`;
const post = (path: string, form: Record<string, string>, who = browser) => who.open(at(path), { form });
const signIn = (who = browser) => who.open(at('/emta/start'));
const sentCode = () => /([0-9]{6})/.exec(site.messages.at(-1)?.text ?? '')?.[1] ?? '';
const captcha = async (who = browser) => JSON.parse((await who.ask(at('/_driver/captcha'))).text).captcha;
const me = async (who = browser) => JSON.parse((await who.ask(at('/api/me'))).text);
const errors = (page: Page) =>
  page
    .$('#error-summary li')
    .toArray()
    .map((item) => page.$(item).text());
const byPassword = (nationalCode: string, password: string) =>
  createBrowser().open(at('/signin'), { form: { national_code: nationalCode, password } });

/** From the data form to the last page, with the captcha shown. */
async function toLastPage(who = browser): Promise<void> {
  await signIn(who);
  await post('/registration', good, who);
  await post('/registration/code', { code: sentCode() }, who);
}

test('registers a citizen, who then signs in with national code and password', async () => {
  await signIn();
  const code = await post('/registration', good);
  expect(code.url.pathname).toBe('/registration/code');
  expect(code.$('.lead').text()).toContain('۰۹۰۷***۰۱۰۲');
  expect(site.messages).toEqual([
    { to: '+989070000102', text: expect.stringMatching(/^کد اعتبارسنجی فروش اینترنتی ایران خودرو: [0-9]{6}$/) },
  ]);
  const last = await post('/registration/code', { code: sentCode() });
  expect(last.url.pathname).toBe('/registration/confirm');
  const done = await post('/registration/confirm', { captcha: (await captcha()).toUpperCase() });
  expect(done.url.pathname).toBe('/registration/done');
  expect(done.$('[data-testid=message]').text()).toBe(
    'ثبت اطلاعات به صورت کامل انجام شد. از این پس با کد ملی و کلمه عبور خود وارد شوید.',
  );
  const inside = await byPassword('۹۹۹۱۰۰۱۰۲۶', good.password);
  expect(inside.url.pathname).toBe('/account');
  expect(inside.text).toContain('رضا فرهمند');
});

test('keeps what Emta verified and ignores what is posted for it', async () => {
  await signIn();
  await post('/registration', {
    ...good,
    given_name: 'پروین',
    national_code: '9991001034',
    mobile: '09070000103',
    birth_date: '1345/06/31',
  });
  expect(site.messages.at(-1)?.to).toBe('+989070000102');
  const last = await post('/registration/code', { code: sentCode() });
  expect(last.text).not.toContain('پروین');
  await post('/registration/confirm', { captcha: await captcha() });
  expect((await byPassword('9991001034', good.password)).status).toBe(422);
  expect((await byPassword('9991001026', good.password)).text).toContain('رضا فرهمند');
});

test('opens the fields that Emta left empty, and never shows 0 for a shenasnameh number', async () => {
  emta.tampering.userinfo = ({ father_name: _left, ...body }) => ({ body: { ...body, shenasnameh_number: '0' } });
  const page = await signIn();
  for (const name of ['father_name', 'shenasnameh_number']) {
    expect(page.$(`#${name}`).attr('readonly')).toBeUndefined();
    expect(page.$(`#${name}`).attr('value')).toBe('');
  }
  await post('/registration', { ...good, father_name: 'منوچهر', shenasnameh_number: '۴۱۲' });
  expect((await browser.open(at('/registration'))).$('#shenasnameh_number').attr('value')).toBe('412');
});

test('has no form for somebody whom Emta has not verified, and takes none', async () => {
  for (const path of ['/registration', '/password']) {
    const page = await browser.open(at(path));
    expect([page.status, page.$('form').length]).toEqual([403, 0]);
    expect((await post(path, { ...good, national_code: '9991001026' })).status).toBe(403);
  }
  await byPassword('9991001107', member.password);
  expect((await browser.open(at('/registration/confirm'))).status).toBe(403);
  expect(site.messages).toEqual([]);
});

test.each([
  ['Abc1234', ['کلمه عبور می بایست حداقل ۸ کاراکتر باشد']],
  ['secret-word1', ['کلمه عبور می بایست شامل حداقل یک حرف انگلیسی بزرگ باشد']],
  ['Secret-word', ['کلمه عبور می بایست شامل حداقل یک عدد باشد']],
  ['Secret1رمز', ['در کلمه عبور ورود حروف فارسی مجاز نمی باشد']],
  [
    '',
    [
      'کلمه عبور می بایست حداقل ۸ کاراکتر باشد',
      'کلمه عبور می بایست شامل حداقل یک حرف انگلیسی بزرگ باشد',
      'کلمه عبور می بایست شامل حداقل یک عدد باشد',
    ],
  ],
])('refuses the password "%s" and names the rule', async (password, expected) => {
  await signIn();
  const page = await post('/registration', { ...good, password, password_repeat: password });
  expect(page.status).toBe(422);
  expect(errors(page)).toEqual(expected);
  expect(page.$('#address').text()).toBe(good.address);
  expect(page.$('#password').attr('value')).toBe('');
});

test('wants the same password twice', async () => {
  await signIn();
  expect(errors(await post('/registration', { ...good, password_repeat: 'Secret-word2' }))).toEqual([
    'کلمه عبور و تکرار آن یکسان نیست.',
  ]);
});

test.each([
  ['issue_date', 'وارد کردن «تاریخ صدور شناسنامه» الزامی است.'],
  ['address', 'وارد کردن «آدرس» الزامی است.'],
  ['education', 'وارد کردن «تحصیلات» الزامی است.'],
])('requires %s and keeps the rest', async (name, expected) => {
  await signIn();
  const page = await post('/registration', { ...good, [name]: ' ' });
  expect(errors(page)).toEqual([expected]);
  expect(page.$(`a[href="#${name}"]`).length).toBe(1);
  expect(page.$(`#${name}`).attr('aria-describedby')).toContain(`${name}-error`);
  if (name !== 'issue_date') expect(page.$('#issue_date').attr('value')).toBe('1378/01/15');
  if (name !== 'education') expect(page.$('#education option[selected]').text()).toBe('کارشناسی');
  expect((await post('/registration', good)).url.pathname).toBe('/registration/code');
});

test.each([
  ['1378/13/01', 'معتبر نیست'],
  ['1500/01/01', 'معتبر نیست'],
  ['1300/01/01', 'پیش از تاریخ تولد'],
  ['1449/01/01', 'هنوز نرسیده است'],
])('refuses %s as a date of issue, and says why', async (issueDate, reason) => {
  await signIn();
  const page = await post('/registration', { ...good, issue_date: issueDate });
  expect(errors(page)).toEqual([expect.stringContaining(reason)]);
  expect(page.$('#issue_date').attr('value')).toBe(issueDate);
});

test('wants Persian words', async () => {
  await signIn();
  expect(errors(await post('/registration', { ...good, address: 'Azadi street' }))).toEqual([
    'لطفا «آدرس» را به فارسی وارد نمایید.',
  ]);
});

test('takes the validation code of this registration alone, once, and five times at most', async () => {
  await signIn();
  const other = createBrowser();
  await signIn(other);
  await post('/registration', good, other);
  const foreign = sentCode();
  await post('/registration', good);
  const own = sentCode();
  expect((await browser.open(at('/registration/confirm'))).url.pathname).toBe('/registration/code');
  expect(errors(await post('/registration/code', { code: '' }))).toEqual(['وارد کردن «کد اعتبارسنجی» الزامی است.']);
  for (const wrong of [foreign === own ? 'x' : foreign, '1', '2', '3', '4']) {
    expect(errors(await post('/registration/code', { code: wrong }))).toEqual(['کد اعتبارسنجی اشتباه است']);
  }
  expect(errors(await post('/registration/code', { code: own }))).toEqual([
    'کد اعتبارسنجی منقضی شده است. کد جدید درخواست کنید',
  ]);
  site.clock.advance(61);
  await post('/registration/code/resend', {});
  expect((await post('/registration/code', { code: sentCode() })).url.pathname).toBe('/registration/confirm');
  const used = sentCode();
  await post('/registration', good);
  if (sentCode() !== used) expect((await post('/registration/code', { code: used })).status).toBe(422);
});

test('lets a code expire, and sends a new one after a wait', async () => {
  await signIn();
  await post('/registration', good);
  expect((await post('/registration/code/resend', {})).$('.notice').text()).toContain('ثانیه دیگر');
  expect(site.messages).toHaveLength(1);
  const old = sentCode();
  site.clock.advance(181);
  expect(errors(await post('/registration/code', { code: old }))).toEqual([
    'کد اعتبارسنجی منقضی شده است. کد جدید درخواست کنید',
  ]);
  expect((await post('/registration/code/resend', {})).$('.notice').text()).toContain('کد جدید ارسال شد.');
  expect((await post('/registration/code', { code: sentCode() })).url.pathname).toBe('/registration/confirm');
});

test('takes the answer of the picture that is shown, once', async () => {
  await toLastPage();
  const first = await captcha();
  expect(errors(await post('/registration/confirm', { captcha: '' }))).toEqual(['وارد کردن «کد امنیتی» الزامی است.']);
  expect(await captcha()).not.toBe(first);
  for (const wrong of [first, 'wrong1']) {
    expect(errors(await post('/registration/confirm', { captcha: wrong }))).toEqual(['کد امنیتی اشتباه است']);
  }
  expect((await me()).registered).toBe(false);
  expect((await post('/registration/confirm', { captcha: await captcha() })).url.pathname).toBe('/registration/done');
});

test('draws the picture without its letters, and sends them to the verified mobile for those who cannot see', async () => {
  await toLastPage();
  const picture = await browser.ask(at('/registration/confirm/picture.svg'));
  expect(picture.headers['content-type']).toContain('image/svg+xml');
  expect(picture.text).not.toContain(await captcha());
  await post('/registration/confirm/sms', {});
  expect(site.messages.at(-1)).toEqual({ to: '+989070000102', text: `کد امنیتی ثبت نهایی: ${await captcha()}` });
});

test('stores nothing before the final confirm', async () => {
  await toLastPage();
  expect((await byPassword('9991001026', good.password)).status).toBe(422);
  expect((await signIn()).url.pathname).toBe('/registration');
  expect((await browser.open(at('/registration'))).$('#address').text()).toBe('');
});

test('survives a final form that is submitted twice at once, and once more', async () => {
  await toLastPage();
  const answer = { captcha: await captcha() };
  const pages = await Promise.all([
    post('/registration/confirm', answer),
    createCopy().open(at('/registration/confirm'), { form: answer }),
  ]);
  pages.push(await post('/registration/confirm', answer));
  expect(pages.map((page) => page.url.pathname)).toEqual(Array(3).fill('/registration/done'));
  expect((await me()).registered).toBe(true);
});

/** A second tab of the same browser. */
function createCopy(): Browser {
  const copy = createBrowser();
  for (const [name, value] of browser.jar) copy.jar.set(name, value);
  return copy;
}

test('leads a registered citizen to a new password, and makes no second account', async () => {
  await toLastPage();
  await post('/registration/confirm', { captcha: await captcha() });
  const { id } = await me();
  emta.tampering.userinfo = (body) => ({ body: { ...body, phone_number: '+989070000199' } });
  const page = await signIn();
  expect(page.url.pathname).toBe('/password');
  await post('/password', { password: 'Another-word2', password_repeat: 'Another-word2' });
  expect(site.messages.at(-1)?.to).toBe('+989070000199');
  expect((await byPassword('9991001026', good.password)).url.pathname).toBe('/account');
  await post('/registration/code', { code: sentCode() });
  await post('/registration/confirm', { captcha: await captcha() });
  expect((await me()).id).toBe(id);
  expect((await byPassword('9991001026', good.password)).status).toBe(422);
  expect((await byPassword('9991001026', 'Another-word2')).url.pathname).toBe('/account');
});

test('knows a member from before Emta by national code', async () => {
  emta.citizen = kaveh;
  const page = await signIn();
  expect(page.url.pathname).toBe('/password');
  expect(page.$('input[autocomplete=username]').attr('value')).toBe('9991001107');
  expect((await me()).registered).toBe(true);
  expect((await byPassword('9991001107', member.password)).url.pathname).toBe('/account');
});

test('gives two citizens with one number two accounts', async () => {
  await signIn();
  const first = await me();
  emta.citizen = { ...parvin, phone_number: reza.phone_number };
  const other = createBrowser();
  await signIn(other);
  expect((await me(other)).id).not.toBe(first.id);
});

test('says when no SMS could be sent', async () => {
  await site.close();
  site = await startSite(emta, {
    smsGateway: async () => {
      throw new Error('gateway down');
    },
  });
  await signIn();
  const page = await post('/registration', good);
  expect(page.$('.notice').text()).toContain('پیامک ارسال نشد');
  expect(site.logged.map(({ doing }) => doing)).toEqual(['sending an SMS']);
});

test('says nothing about which of code and password is wrong, and stops after ten tries', async () => {
  const wrong = await byPassword('9991001107', 'x');
  const unknown = await byPassword('9991001026', 'x');
  expect(errors(wrong)).toEqual(['کد کاربری یا کلمه عبور اشتباه است.']);
  expect(errors(unknown)).toEqual(errors(wrong));
  for (let tries = 1; tries < 10; tries += 1) await byPassword('9991001107', 'x');
  expect(errors(await byPassword('9991001107', member.password))[0]).toContain('بیش از حد مجاز');
  site.clock.advance(15 * 60);
  expect((await byPassword('9991001107', member.password)).url.pathname).toBe('/account');
});

test('shows the page for an unknown address and for a broken form', async () => {
  expect((await browser.open(at('/nowhere'))).status).toBe(404);
  expect((await browser.open(at('/ended/nowhere'))).status).toBe(404);
  expect((await browser.ask(at('/assets/base.css'))).status).toBe(200);
  expect((await browser.ask(at('/assets/../package.json'))).status).toBe(404);
});
