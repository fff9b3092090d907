import { expect, test } from '@jest/globals';
import { callback, freshEmta, site } from './fresh-emta.ts';
import { say, textOf } from './say.ts';
import { returned, visitorOf } from './visitor.ts';
import { ask, redeem, userinfo } from './wire.ts';

const client = 'ایران خودرو';

test('error, the default: says what it was with an error', async () => {
  const emta = await freshEmta({ rules: { carrier: 'error' } });
  const refuser = visitorOf(emta, 'refuser');
  expect(returned(await refuser.decide(await refuser.walk('consent'), 'refuse'))).toEqual({
    to: callback,
    error: 'access_denied',
    error_description: 'consent_refused: the citizen left at the step consent',
    state: 'the-state',
    iss: emta.issuer,
  });
});

test('silent: brings back the state and nothing else', async () => {
  const emta = await freshEmta({ rules: { carrier: 'silent' } });
  const refuser = visitorOf(emta, 'refuser');
  expect(returned(await refuser.decide(await refuser.walk('consent'), 'refuse'))).toEqual({
    to: callback,
    state: 'the-state',
  });
  const notOwner = visitorOf(emta, 'not-owner');
  const dead = await notOwner.walk('consent');
  expect(textOf(dead, 'error-message')).toBe(say('emta.error.ownership'));
  expect(returned(await notOwner.leave(dead))).toEqual({ to: callback, state: 'the-state' });
  expect(returned(await visitorOf(emta, 'plain-man').walk('end'))).toMatchObject({
    code: expect.any(String),
    iss: emta.issuer,
  });
});

test('page: keeps who refused or does not own the number at Emta, with a link that answers nothing', async () => {
  const emta = await freshEmta({ rules: { carrier: 'page' } });
  const refuser = visitorOf(emta, 'refuser');
  const refused = await refuser.decide(await refuser.walk('consent'), 'refuse');
  const mismatch = await visitorOf(emta, 'not-owner').walk('consent');
  for (const [screen, message] of [
    [refused, say('emta.return.refused', { client })],
    [mismatch, say('emta.error.ownership')],
  ] as const) {
    expect([screen.page, screen.left, textOf(screen, 'error-message')]).toEqual(['error', undefined, message]);
    const exit = screen.$('[data-testid="leave"]');
    expect([exit.is('a'), exit.attr('href')]).toEqual([true, 'http://localhost:4300/']);
  }
  const { exchanges } = await emta.control('get', `/exchanges?client_id=${site.client_id}`);
  expect(exchanges.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual(['authorize', 'authorize']);
});

test('claims: lets a number that is not theirs pass without saying that it is', async () => {
  const emta = await freshEmta({ rules: { carrier: 'claims' } });
  const { body } = await redeem(emta, returned(await visitorOf(emta, 'not-owner').walk('end')).code ?? '');
  const { body: told } = await ask(emta, userinfo, body.access_token);
  expect(told).toMatchObject({ national_code: '9991001115', family_name: 'رادمنش' });
  expect(told).not.toHaveProperty('phone_number');
  expect(told).not.toHaveProperty('phone_number_verified');
  const { body: mobile } = await ask(emta, '/service/v1/user/primaryMobileNumber', body.access_token);
  expect(mobile).toEqual({ primaryMobileNumber: {} });
});

test.each(['error', 'silent', 'page', 'claims'] as const)(
  '%s stands in the description of what runs',
  async (carrier) => {
    const emta = await freshEmta({ rules: { carrier } });
    expect(await emta.control('get', '/')).toMatchObject({ carrier });
  },
);
