import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launchChromium, noChromium } from '../../scripts/chromium.ts';
import fa from '../../views/messages/fa.json' with { type: 'json' };
import { type EmbeddedEmta, saleSiteClient, startEmbeddedEmta } from '../embedded.ts';
import { createSaleSite } from '../sale-site/create.ts';

const program = findChromium(process.env);
const wait = 90_000;

if (program === undefined) withoutBrowser();
else inBrowser(program);

function withoutBrowser(): void {
  if (process.env.CI === 'true') {
    test('a person walks through Emta and the sale site', () => {
      throw new Error(noChromium);
    });
  } else {
    test.skip(`a person walks through Emta and the sale site (skipped, ${noChromium})`, () => undefined);
  }
}

interface Typed {
  readonly mobile: string;
  readonly nationalCode: string;
  readonly birth: readonly [year: string, month: string, day: string];
}

const maryam: Typed = { mobile: '09070000101', nationalCode: '9991001018', birth: ['1369', '8', '17'] };
const elham: Typed = { mobile: '09070000111', nationalCode: '9991001115', birth: ['1374', '3', '21'] };

function inBrowser(executablePath: string): void {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let emta: EmbeddedEmta;
  let server: Server;
  let site: string;
  let complaints: string[];

  beforeAll(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    site = `http://localhost:${(server.address() as AddressInfo).port}`;
    const client = saleSiteClient(site);
    emta = await startEmbeddedEmta({ port: 0, population: 1000, clients: [client] });
    const { callback } = await createSaleSite({
      baseUrl: site,
      issuer: emta.issuer,
      clientId: client.client_id,
      clientSecret: client.client_secret,
      smsGateway: `${emta.issuer}/_emta/v1/messages`,
      driverHooks: true,
    });
    server.on('request', callback);
    browser = await launchChromium(executablePath);
  }, wait);

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
    await emta.close();
  });

  beforeEach(async () => {
    complaints = [];
    // Where people register, everything works without JavaScript; the picture of the phone has it.
    context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      locale: 'fa-IR',
      javaScriptEnabled: false,
    });
    page = await context.newPage();
    page.on('console', (message) => complaints.push(message.text()));
  });

  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  const title = () => page.getByTestId('page-title').textContent();
  const press = (testId: string) => page.getByTestId(testId).click();

  async function control(path: string): Promise<Readonly<Record<string, string>>> {
    const answer = await fetch(`${emta.issuer}/_emta/v1${path}`);
    return (await answer.json()) as Readonly<Record<string, string>>;
  }

  /** What a person does with another page: opens the phone and reads the newest message there. */
  async function readCodeFromPhone(mobile: string): Promise<string> {
    const phone = await context.newPage();
    await phone.goto(`${emta.issuer}/_emta/?mobile=${mobile}`);
    const text = (await phone.getByTestId('phone').first().textContent()) ?? '';
    await phone.close();
    const code = /(?<![0-9])([0-9]{5,6})(?![0-9])/.exec(text)?.[1];
    if (code === undefined) throw new Error(`expected a code on the phone of ${mobile}, read ${text}`);
    return code;
  }

  async function startAtTheSite(): Promise<void> {
    await page.goto(site);
    await press('register');
    expect(page.url().startsWith(`${emta.issuer}/journey/`)).toBe(true);
  }

  async function passNumberAndCaptcha(mobile: string): Promise<void> {
    await page.getByTestId('mobile-input').fill(mobile);
    await press('mobile-continue');
    const uid = /journey\/([^/]+)/.exec(page.url())?.[1] ?? '';
    // The picture is drawn for eyes; the test asks for what the eyes would read.
    const { captcha = '' } = await control(`/journeys/${uid}`);
    await page.getByTestId('captcha-input').fill(captcha);
    await press('captcha-continue');
  }

  async function giveIdentity(person: Typed, mobile = person.mobile): Promise<void> {
    await page.getByTestId('code-input').fill(await readCodeFromPhone(mobile));
    await page.getByTestId('national-code-input').fill(person.nationalCode);
    await page.getByTestId('birth-year').fill(person.birth[0]);
    await page.getByTestId('birth-month').fill(person.birth[1]);
    await page.getByTestId('birth-day').fill(person.birth[2]);
    await press('verification-submit');
  }

  test(
    'success: from the sign-in box to an account that the new password opens',
    async () => {
      await startAtTheSite();
      await passNumberAndCaptcha(maryam.mobile);
      await giveIdentity(maryam);
      expect(await page.getByTestId('consent-origin').textContent()).toBe(site);
      await press('consent-grant');

      expect(await title()).toBe(fa['site.info.title']);
      expect(await page.locator('#given_name').inputValue()).toBe('مریم');
      expect(await page.locator('#given_name').getAttribute('readonly')).not.toBeNull();
      await fillPersonalData('Made-up-1369');
      await press('submit');
      await page.getByTestId('code-input').fill(await readCodeFromPhone(maryam.mobile));
      await press('submit');
      await passTheSecurityCode();
      expect(await page.locator('main').textContent()).toContain(fa['site.done'].slice(0, 30));

      await signOut();
      await page.goto(site);
      await page.getByTestId('user-input').fill('۹۹۹۱۰۰۱۰۱۸');
      await page.getByTestId('password-input').fill('Made-up-1369');
      await press('signin');
      expect(await page.locator('main').textContent()).toContain('مریم');
    },
    wait,
  );

  test(
    'refusal: a page of the site that says so, with a way to try again and a way out',
    async () => {
      await startAtTheSite();
      await passNumberAndCaptcha('09070000119');
      await giveIdentity({ mobile: '09070000119', nationalCode: '9991001190', birth: ['1376', '6', '1'] });
      await press('consent-refuse');
      expect(page.url().startsWith(site)).toBe(true);
      expect(await page.getByTestId('message').textContent()).toBe(fa['site.refused']);
      await expect(page.getByTestId('home').count()).resolves.toBe(1);
      await press('retry');
      expect(page.url().startsWith(`${emta.issuer}/journey/`)).toBe(true);
    },
    wait,
  );

  test(
    'mismatch: Emta says that the number is not theirs, and going back ends at the site',
    async () => {
      await startAtTheSite();
      await passNumberAndCaptcha(elham.mobile);
      await giveIdentity(elham);
      expect(await page.getByTestId('error-message').textContent()).toBe(fa['emta.error.ownership']);
      await press('leave');
      expect(page.url().startsWith(site)).toBe(true);
      expect(await page.getByTestId('message').textContent()).toBe(fa['site.refused']);
      await expect((await fetch(`${site}/account`, { redirect: 'manual' })).status).not.toBe(200);
    },
    wait,
  );

  test(
    'mismatch, then another number of one’s own, then success',
    async () => {
      await startAtTheSite();
      // Somebody else's line first, then the own one.
      await passNumberAndCaptcha(elham.mobile);
      await giveIdentity({ ...maryam, mobile: elham.mobile });
      expect(await page.getByTestId('error-message').textContent()).toBe(fa['emta.error.ownership']);
      await press('edit-mobile');
      await passNumberAndCaptcha('09070000102');
      await giveIdentity({ mobile: '09070000102', nationalCode: '9991001026', birth: ['1377', '7', '7'] });
      await press('consent-grant');
      expect(await title()).toBe(fa['site.info.title']);
      expect(await page.locator('#given_name').inputValue()).toBe('رضا');
    },
    wait,
  );

  test(
    'keyboard: Tab, letters and Enter lead from the sign-in box to the personal data',
    async () => {
      await page.goto(site);
      await tabTo('register');
      await enter();
      await tabTo('mobile-input');
      await page.keyboard.type('09070000105');
      await enter();
      await tabTo('captcha-input');
      const uid = /journey\/([^/]+)/.exec(page.url())?.[1] ?? '';
      await page.keyboard.type((await control(`/journeys/${uid}`)).captcha ?? '');
      await enter();
      for (const [field, text] of [
        ['national-code-input', '9991001050'],
        ['birth-year', '1375'],
        ['birth-month', '12'],
        ['birth-day', '30'],
        ['code-input', await readCodeFromPhone('09070000105')],
      ] as const) {
        await tabTo(field);
        await page.keyboard.type(text);
      }
      await enter();
      await tabTo('consent-grant');
      await enter();
      expect(await title()).toBe(fa['site.info.title']);
    },
    wait,
  );

  /** Presses Enter and waits for the page that it leads to: what is pressed before that is lost. */
  async function enter(): Promise<void> {
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  }

  /** Presses Tab until the focus is there; more than a page has places for is a trap. */
  async function tabTo(testId: string): Promise<void> {
    for (let pressed = 0; pressed < 40; pressed += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<string | null>("document.activeElement?.getAttribute('data-testid') ?? null");
      if (focused === testId) return;
    }
    throw new Error(`expected Tab to reach "${testId}" on ${page.url()}`);
  }

  async function fillPersonalData(password: string): Promise<void> {
    await page.locator('#issue_date').fill('1370/01/20');
    await page.locator('#education').selectOption({ index: 1 });
    await page.locator('#city').fill('تهران');
    await page.locator('#address').fill('خیابان نمونه، پلاک ۱');
    await page.locator('#password').fill(password);
    await page.locator('#password_repeat').fill(password);
  }

  async function passTheSecurityCode(): Promise<void> {
    const answer = await page.request.get(`${site}/_driver/captcha`);
    const { captcha } = (await answer.json()) as { readonly captcha: string };
    await page.getByTestId('captcha-input').fill(captcha);
    await press('submit');
  }

  async function signOut(): Promise<void> {
    await press('signout');
  }
}
