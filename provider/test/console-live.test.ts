import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium, noChromium } from '../../scripts/chromium.ts';
import { freshEmta } from './fresh-emta.ts';
import { uidOf, visitorOf } from './visitor.ts';

const program = findChromium(process.env);

if (program === undefined) withoutBrowser();
else inBrowser(program);

function withoutBrowser(): void {
  test.skip(`the console keeps itself up to date in Chromium (skipped, ${noChromium})`, () => undefined);
}

function inBrowser(executablePath: string): void {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium(executablePath);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
  });

  test('an open page shows a journey as it goes on, and leaves alone what one has opened', async () => {
    const emta = await freshEmta();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${emta.issuer}/_emta/?lang=en`);
    await page.locator('[data-connection][data-state="on"]').waitFor();
    expect(await page.textContent('.connection')).toBe('Live: new things appear by themselves');
    await emta.api().get('/.well-known/openid-configuration');
    const details = page.locator('.exchange details').first();
    await details.locator('summary').focus();
    await page.keyboard.press('Enter');

    const visitor = visitorOf(emta, 'plain-man');
    const screen = await visitor.walk('captcha');
    const journey = page.locator(`#journey-${uidOf(screen)}`);
    await journey.locator('[data-testid="journey-captcha"]').waitFor();
    const next = await visitor.solve(screen);
    await journey.locator('[data-testid="journey-code"]').waitFor();
    expect(await journey.locator('[data-testid="journey-code"]').textContent()).toBe(
      await page.locator('.sms-newest .sms-code').textContent(),
    );
    await visitor.decide(await visitor.verify(next));
    await journey.locator('.state-granted').waitFor();
    expect(await details.getAttribute('open')).toBe('');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  test('says so when the connection is gone', async () => {
    const emta = await freshEmta();
    const page = await browser.newPage();
    await page.route('**/events*', (route) => route.abort());
    await page.goto(`${emta.issuer}/_emta/phone?lang=en`);
    await page.locator('[data-connection][data-state="off"]').waitFor();
    expect(await page.textContent('.connection')).toBe('Not connected: reload to see what is new');
    await page.close();
  }, 60_000);

  test('without script every page shows the same, and a form does its work', async () => {
    const emta = await freshEmta();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${emta.issuer}/_emta/faults/id_token.nonce_wrong?lang=en`);
    await page.fill('#mobile', '09070000101');
    await page.click('[data-testid="arm"]');
    expect((await page.textContent('.notice'))?.trim()).toBe('The fault is armed.');
    await page.click('[data-testid="disarm"]');
    expect(await page.locator('[data-testid="armed"]').count()).toBe(0);
    await context.close();
  }, 60_000);
}
