import { afterAll, beforeAll, expect, test } from '@jest/globals';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { findChromium, launchChromium, noChromium } from '../../scripts/chromium.ts';
import { type SamplePage, samplePages, serveSamples } from '../../scripts/sample-pages.ts';

const samples = samplePages();
const isFirst = (sample: SamplePage) => samples.find(({ template }) => template === sample.template) === sample;
/** Everything in Persian; in English, where only words differ, the first case of each page. */
const cases = samples.flatMap((sample) =>
  (isFirst(sample) ? sample.languages : (['fa'] as const)).map((lang) => ({
    lang,
    sample,
    scheme: 'light' as 'light' | 'dark',
    title: `${sample.template} ${sample.name} ${lang}`,
  })),
);
/** The console alone has a dark face, because developers keep it open. */
const inTheDark = cases
  .filter(({ lang, sample }) => lang === 'fa' && sample.template.startsWith('console/'))
  .map((one) => ({ ...one, scheme: 'dark' as const, title: `${one.title} in the dark` }));
/** The first case of each page where people register. */
const zoomed = samples.filter((sample) => !sample.template.startsWith('console/') && isFirst(sample));
const program = findChromium(process.env);

/** The narrowest phone, which is also a window of 640 pixels at a zoom of 200 %. */
const narrow = { width: 320, height: 640 } as const;
const desk = { width: 1280, height: 800 } as const;
const smallestTarget = 44;

if (program === undefined) withoutBrowser();
else inBrowser(program);

function withoutBrowser(): void {
  if (process.env.CI === 'true') {
    test('pages pass axe in Chromium', () => {
      throw new Error(noChromium);
    });
  } else {
    test.skip(`pages pass axe in Chromium (skipped, ${noChromium})`, () => undefined);
  }
}

function inBrowser(executablePath: string): void {
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof serveSamples>>;
  let complaints: string[] = [];

  beforeAll(async () => {
    server = await serveSamples(samples);
    browser = await launchChromium(executablePath);
    page = await browser.newPage({ viewport: narrow });
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    // The page that posts itself would be gone before it could be looked at.
    await page.route('**/submit-now.js*', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  test.each([...cases, ...inTheDark])(
    '$title has no finding of axe on phone or desk, no complaint of the browser, fits 320 pixels and a thumb',
    async ({ lang, sample, scheme }) => {
      complaints = [];
      await page.setViewportSize(narrow);
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(server.address(sample, lang), { waitUntil: 'load' });
      expect(await findings(page)).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(narrow.width);
      expect(await page.evaluate(`(${tooSmall})(${smallestTarget})`)).toEqual([]);
      await page.setViewportSize(desk);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(desk.width);
      // A wide window moves things about; what they are was asked above, in every case.
      if (isFirst(sample)) expect(await findings(page)).toEqual([]);
    },
    30_000,
  );

  test.each(['emta', 'console', 'sale-site'])('%s is drawn in Vazirmatn', async (face) => {
    const sample = samples.find(({ template }) => template.startsWith(`${face}/`));
    if (sample === undefined) throw new Error(`expected a sample of ${face}`);
    await page.goto(server.address(sample, 'fa'), { waitUntil: 'load' });
    await page.evaluate('document.fonts.ready');
    expect(
      await page.evaluate(
        '[...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family)',
      ),
    ).toContain('Vazirmatn');
  });

  test.each(zoomed)('$template at twice the size of letters keeps every word within the window', async (sample) => {
    await page.setViewportSize({ width: 640, height: 800 });
    await page.goto(server.address(sample, 'fa'), { waitUntil: 'load' });
    // Letters alone grow, as a person sets it in the browser: the layout must give way.
    expect(
      await page.evaluate('document.documentElement.style.fontSize = "200%", document.documentElement.scrollWidth'),
    ).toBe(640);
  });

  test('the countdown runs to its end and is announced once', async () => {
    const sample = samples.find(({ template, name }) => template === 'emta/verification' && name === 'plain');
    if (sample === undefined) throw new Error('expected a sample of the verification page');
    await page.clock.install();
    await page.goto(server.address(sample, 'fa'), { waitUntil: 'load' });
    await page.clock.runFor(30_000);
    expect(await page.textContent('.resend-wait bdi')).toBe('۵۷');
    expect(await page.textContent('.resend-ready')).toBe('');
    await page.clock.runFor(60_000);
    expect(await page.isVisible('.resend-wait')).toBe(false);
    expect(await page.textContent('.resend-ready')).toBe('اکنون می‌توانید کد جدید درخواست کنید.');
  }, 30_000);
}

/** Rule and element of each finding; evaluated past the page's policy, as only a debugger may. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/** Runs in the page: controls that stand for themselves and are lower than a thumb. */
const tooSmall = `(least) => [...document.querySelectorAll('button, input:not([type=hidden], [type=checkbox]), select, .check, summary, .button, .exit a, .actions a')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < least)
  .map((element) => element.outerHTML)`;
