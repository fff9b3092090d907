import { expect, test } from '@jest/globals';
import { findChromium, noChromium, openChromium } from '../driver/chromium.ts';
import { startEmbeddedEmta } from '../embedded.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { scriptOnly } from './rps/script-only.ts';
import { judge, stageSaleSite } from './staged-site.ts';

const minutes = 60_000;
const program = findChromium(process.env);

if (program === undefined) withoutBrowser();
else inBrowser();

function withoutBrowser(): void {
  if (process.env.CI === 'true') {
    test('the browser driver', () => {
      throw new Error(noChromium);
    });
  } else {
    test.skip(`the browser driver (skipped, ${noChromium})`, () => undefined);
  }
}

const plugs = ['A01', 'A02', 'A03', 'A04', 'A05', 'A06', 'A07'];
const outcomes = ['C01', 'C02', 'C03', 'C22', 'D01', 'D02', 'D03', 'D14'];

function inBrowser(): void {
  test(
    'the sale site plugs in and handles success, refusal and mismatch',
    async () => {
      const { emta, fileText, close } = await stageSaleSite('browser');
      try {
        const { rows, verdicts } = await judge(parseRelyingParty(fileText, 'emta-rp.json'), emta, [
          ...plugs,
          ...outcomes,
        ]);
        expect(rows).toEqual({ pass: [...plugs, ...outcomes] });
        const refused = verdicts.find(({ id }) => id === 'C01')?.cases?.[0]?.page;
        expect(refused?.text).toContain('مجوز');
        // FF D8 FF, as every JPEG begins
        expect([...Buffer.from(refused?.picture ?? '', 'base64').subarray(0, 3)]).toEqual([255, 216, 255]);
      } finally {
        await close();
      }
    },
    10 * minutes,
  );

  test.each([
    ['X01.exception', ['A02', 'C01', 'C02', 'C03'], ['C01', 'C02', 'C03']],
    ['X09.at-once', ['A02', 'C16'], ['C16']],
    ['X16', ['A02', 'D03', 'D04'], ['D03', 'D04']],
  ] as const)(
    'the defect %s turns the same rows red as over HTTP',
    async (defect, only, red) => {
      const { emta, fileText, close } = await stageSaleSite('browser', [defect]);
      try {
        const { rows } = await judge(parseRelyingParty(fileText, 'emta-rp.json'), emta, only);
        expect(rows).toEqual({ pass: ['A02'], fail: red });
      } finally {
        await close();
      }
    },
    10 * minutes,
  );

  test.each([
    ['in one window', '/login'],
    ['in a window of its own for Emta', '/window'],
  ])(
    'a site that draws everything by script passes, %s',
    async (_, path) => {
      const emta = await startEmbeddedEmta({ port: 0 });
      const { close, ...members } = await scriptOnly.start({
        issuer: emta.issuer,
        clientId: 'shop-script-only',
        clientSecret: 'made-up-secret-of-script-only',
        port: 0,
      });
      const rp = parseRelyingParty(
        JSON.stringify({ ...members, start_url: new URL(path, members.start_url), driver: 'browser' }),
        'emta-rp.json',
      );
      const only = ['A01', 'A02', 'A03', 'A04', 'A05', 'C01', 'C02', 'D01', 'F01', 'J04'];
      try {
        expect((await judge(rp, emta, only)).rows).toEqual({ pass: only });
      } finally {
        await close();
        await emta.close();
      }
    },
    10 * minutes,
  );
}

test('without a Chromium the run is refused, with how to get one', async () => {
  await expect(openChromium(undefined, [])).rejects.toMatchObject({
    code: 'browser_missing',
    message: `expected a browser to drive, got none: ${noChromium}`,
  });
});
