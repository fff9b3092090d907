import { expect, test } from '@jest/globals';
import type { Screen } from './browser.ts';
import { freshEmta } from './fresh-emta.ts';
import { errorsOf, textOf, valuesOf } from './say.ts';
import { identityOf, journeyOf, returned, visitorOf } from './visitor.ts';

const hasStrip = (screen: Screen): boolean => screen.$('[data-testid="helper"]').length === 1;

test('takes a persona from the first page to the end by its buttons alone', async () => {
  const emta = await freshEmta();
  const { browser, ...visitor } = visitorOf(emta, 'married-woman');
  let screen = await visitor.begin();
  screen = await browser.press(screen, 'helper-fill', { persona: 'married-woman' });
  expect([screen.page, valuesOf(screen)]).toEqual(['mobile', { mobile: '09070000101' }]);
  screen = await browser.press(screen, 'mobile-continue');

  const { captcha } = await journeyOf(emta, screen);
  expect(textOf(screen, 'helper-captcha-text')).toBe(captcha);
  screen = await browser.press(screen, 'helper-captcha');
  expect(valuesOf(screen)).toEqual({ captcha });
  screen = await browser.press(screen, 'captcha-continue');

  const { code } = await journeyOf(emta, screen);
  expect(textOf(screen, 'helper-code-text')).toBe(code);
  screen = await browser.press(screen, 'helper-fill', { persona: 'married-woman' });
  screen = await browser.press(screen, 'helper-code');
  expect(valuesOf(screen)).toEqual({ code, ...identityOf(visitor.person) });
  screen = await browser.press(screen, 'verification-submit');
  expect([screen.page, hasStrip(screen)]).toEqual(['consent', true]);
  expect(returned(await visitor.decide(screen)).code).toMatch(/\S{20,}/);
});

test('keeps what a citizen typed beside what it fills in, and drops the errors', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  const missed = await visitor.verify(await visitor.walk('verification'), { code: '1', national_code: '9991001018' });
  expect(Object.keys(errorsOf(missed))).toEqual(['code']);
  const filled = await visitor.browser.press(missed, 'helper-code');
  expect(errorsOf(filled)).toEqual({});
  expect(valuesOf(filled)).toMatchObject({ national_code: '9991001018', birth_year: '1377' });
});

test('arms a fault for the number of the journey, and says so', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  const start = await visitor.begin();
  expect(start.$('[data-testid="helper-fault"]').length).toBe(0);
  let screen = await visitor.solve(await visitor.giveMobile(start));
  screen = await visitor.browser.press(screen, 'helper-fail', { fault: 'register.not_owner' });
  expect(textOf(screen, 'helper-armed')).toContain(': register.not_owner');
  expect((await emta.control('get', '/armed')).armed).toMatchObject([
    { fault: 'register.not_owner', mobile: '+989070000102', delivered: 0 },
  ]);
  expect((await visitor.verify(screen)).reason).toBe('mobile_ownership_mismatch');
});

test('offers on the consent page only what can still happen', async () => {
  const emta = await freshEmta();
  const consent = await visitorOf(emta, 'plain-man').walk('consent');
  const offered = consent
    .$('[data-testid="helper-fault"] option')
    .toArray()
    .map((option) => consent.$(option).attr('value') ?? '');
  expect(offered).toContain('id_token.nonce_wrong');
  expect(offered.filter((id) => /^(sms|register)\./.test(id))).toEqual([]);
});

test('stays where it was used: on the page that changes the number, and at a dead end', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'not-owner');
  const verification = await visitor.walk('verification');
  const edit = await visitor.browser.open(verification.$('[data-testid="edit-mobile"]').attr('href') ?? '');
  const filled = await visitor.browser.press(edit, 'helper-fill', { persona: 'plain-man' });
  expect([filled.page, valuesOf(filled)]).toEqual(['mobile', { mobile: '09070000102' }]);
  expect((await visitor.browser.open(verification.url)).page).toBe('verification');

  const dead = await visitor.verify(await visitor.browser.open(verification.url));
  const armed = await visitor.browser.press(dead, 'helper-fail', { fault: 'id_token.nonce_wrong' });
  expect(armed.reason).toBe('mobile_ownership_mismatch');
  expect(textOf(armed, 'helper-armed')).toContain(': id_token.nonce_wrong');
});

test('shows the code that arrived, not the one that was lost', async () => {
  const emta = await freshEmta();
  const screen = await visitorOf(emta, 'late-sms').walk('verification');
  expect(screen.$('[data-testid="helper-code-text"]').length).toBe(0);
});

test('refuses a persona, fault or act that is not there, by name', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  const screen = await visitor.begin();
  const { path, form } = visitor.browser.formOf(screen, 'helper-fill');
  for (const [other, message] of [
    [{ persona: 'nobody-at-all' }, 'expected the id of a persona, got "nobody-at-all"'],
    [{ act: 'jump' }, 'expected "act" to be persona, captcha, code or fault, got "jump"'],
  ] as const) {
    const answer = await visitor.browser.send(path, { ...form, ...other }, { Accept: 'application/json' });
    expect([answer.status, JSON.parse(String(answer.body))]).toMatchObject([400, { message }]);
  }
});

test('is gone with the option, and its route too', async () => {
  const emta = await freshEmta({ helperStrip: false });
  const visitor = visitorOf(emta, 'plain-man');
  const screen = await visitor.begin();
  expect(hasStrip(screen)).toBe(false);
  const csrf = String(screen.$('[name="csrf"]').attr('value'));
  const answer = await visitor.browser.send(`${screen.url.replace(/\/mobile$/, '')}/helper?at=mobile`, {
    csrf,
    act: 'persona',
    persona: 'plain-man',
  });
  expect(answer.status).toBe(404);
  const refused = await visitor.browser.open(emta.authorizationUrl({ client_id: 'nobody' }));
  expect(refused.$('[data-testid="error-detail"]').length).toBe(0);
});
