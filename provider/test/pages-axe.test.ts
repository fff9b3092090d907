import { afterAll, beforeAll, expect, test } from '@jest/globals';
import axe, { type AxeResults, type RunOnly, type RunOptions } from 'axe-core';
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
    title: `${sample.template} ${sample.name} ${lang}`,
  })),
);
/** What axe asks of colours at the levels that it asks everything else of. */
const colourRules: RunOnly = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };
const isConsole = ({ template }: SamplePage) => template.startsWith('console/');
const program = findChromium(process.env);

/** The narrowest phone, which is also a window of 640 pixels at a zoom of 200 %. */
const narrow = { width: 320, height: 640 } as const;
const desk = { width: 1280, height: 800 } as const;
const half = { width: 640, height: 800 } as const;
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
    page = await browser.newPage({ viewport: narrow, reducedMotion: 'reduce' });
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

  const width = () => page.evaluate('document.documentElement.scrollWidth');
  /** One load of a page answers everything that is asked of it. */
  test.each(cases)(
    '$title has no finding of axe, no complaint of the browser, and fits a phone, a thumb, a desk and large letters',
    async ({ lang, sample }) => {
      complaints = [];
      await page.setViewportSize(narrow);
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(server.address(sample, lang), { waitUntil: 'load' });
      await page.evaluate(axe.source);
      expect(await findings(page)).toEqual([]);
      expect(await width()).toBe(narrow.width);
      expect(await page.evaluate(`(${tooSmall})(${smallestTarget})`)).toEqual([]);
      // The console alone has a dark face, because developers keep it open; colours are all that it changes.
      if (isConsole(sample) && lang === 'fa') {
        await page.emulateMedia({ colorScheme: 'dark' });
        expect(await findings(page, { runOnly: colourRules })).toEqual([]);
      }
      await page.setViewportSize(desk);
      expect(await width()).toBe(desk.width);
      // A wide window moves things about; what they are was asked above, in every case.
      if (isFirst(sample)) expect(await findings(page)).toEqual([]);
      if (isFirst(sample) && lang === 'fa' && !isConsole(sample)) {
        // Letters alone grow, as a person sets it in the browser: the layout must give way.
        await page.setViewportSize(half);
        await page.evaluate('document.documentElement.style.fontSize = "200%"');
        expect(await width()).toBe(half.width);
      }
      expect(complaints).toEqual([]);
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
async function findings(page: Page, options: RunOptions = {}): Promise<readonly string[]> {
  const asked = JSON.stringify({ resultTypes: ['violations'], ...options });
  const results = await page.evaluate<AxeResults>(`axe.run(document, ${asked})`);
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/** Runs in the page: controls that stand for themselves and are lower than a thumb. */
const tooSmall = `(least) => [...document.querySelectorAll('button, input:not([type=hidden], [type=checkbox]), select, .check, summary, .button, .exit a, .actions a')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < least)
  .map((element) => element.outerHTML)`;
