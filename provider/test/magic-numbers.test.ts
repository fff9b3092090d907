import { expect, test } from '@jest/globals';
import { type MagicBlock, magicBlocks } from '../../fixtures/magic-numbers.ts';
import { defaultRules } from '../steps/rules.ts';
import type { Screen } from './browser.ts';
import { freshEmta } from './fresh-emta.ts';
import { returned, uidOf } from './visitor.ts';

/** The last number of a block: if that one leads where it should, so do those before it. */
const cases = magicBlocks().map((block) => ({ block, number: block.numbers.at(-1), id: block.id }));

test.each(cases)('the numbers of $id lead to $block.returns', async ({ block, number }) => {
  if (!number) throw new Error('expected a number');
  const emta = await freshEmta();
  const browser = emta.browser();
  let screen = await browser.press(await browser.open(emta.authorizationUrl()), 'mobile-continue', {
    mobile: number.mobile,
  });
  const { captcha } = await emta.control('get', `/journeys/${uidOf(screen)}`);
  screen = await browser.press(screen, 'captcha-continue', { captcha });
  if (block.id === 'late_sms') {
    emta.clock.advance(defaultRules.resendWait * 1000);
    screen = await browser.press(screen, 'resend');
  }
  for (let tries = 0; screen.page === 'verification' && tries < defaultRules.identityTries; tries += 1) {
    screen = await browser.press(screen, 'verification-submit', typedBy(block, number, screen));
  }
  const end = screen.page === 'consent' ? `consent-${block.decision}` : 'leave';
  const back = returned(await browser.press(screen, end));
  const answer = back.code ? 'code' : `${back.error} ${back.error_description?.split(':')[0]}`;
  expect(answer).toBe(block.returns);
});

function typedBy({ birth }: MagicBlock, number: MagicBlock['numbers'][number], { $ }: Screen) {
  const [birth_year = '', birth_month = '', birth_day = ''] = birth.split('/');
  const isAsked = $('[data-testid="national-code-input"]').length > 0;
  return {
    code: number.code,
    ...(isAsked && { national_code: number.nationalCode, birth_year, birth_month, birth_day }),
  };
}

test('the control interface lists the outcomes, each with its first number, and a whole block on request', async () => {
  const emta = await freshEmta();
  const { outcomes } = await emta.control('get', '/magic-numbers');
  expect(outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(cases.map(({ id }) => id));
  expect(outcomes[3]).toEqual({
    outcome: 'not_owner',
    summary: 'the number belongs to somebody else',
    returns: 'access_denied mobile_ownership_mismatch',
    decision: 'grant',
    birth: '1370/01/01',
    mobile: '+989074030000',
    last_mobile: '+989074030099',
    national_code: '9994030000',
    code: '30000',
    count: 100,
  });
  const { numbers } = await emta.control('get', '/magic-numbers/granted');
  expect(numbers[7]).toEqual({ mobile: '+989072000007', national_code: '9992000074', code: '00007' });
  await emta
    .api()
    .get('/_emta/v1/magic-numbers/grante')
    .expect(404, /did you mean \\"granted\\"/);
});
