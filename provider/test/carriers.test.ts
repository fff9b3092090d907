import { describe, expect, test } from '@jest/globals';
import type { PersonaId } from '../../fixtures/personas.ts';
import type { Screen } from './browser.ts';
import { callback, freshEmta, site } from './fresh-emta.ts';
import { say, textOf } from './say.ts';
import { returned, type Visitor, visitorOf } from './visitor.ts';
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

/** Every dead end of the journey: how somebody comes there, and what `error` says of it. */
const deadEnds: readonly (readonly [string, PersonaId, string, string])[] = [
  ['a number of somebody else', 'not-owner', 'access_denied', 'mobile_ownership_mismatch'],
  ['an inactive line', 'inactive-line', 'access_denied', 'mobile_inactive'],
  ['five wrong birth dates', 'wrong-birthday', 'access_denied', 'identity_mismatch'],
  ['a deceased person', 'deceased', 'access_denied', 'identity_not_verifiable'],
  ['a code that the register does not have', 'nobody', 'access_denied', 'identity_not_verifiable'],
  ['a civil register that is down', 'register-down', 'temporarily_unavailable', 'register_unreachable'],
  ['an ownership register that does not know', 'owner-unknown', 'temporarily_unavailable', 'ownership_unknown'],
];

async function deadEndOf(visitor: Visitor): Promise<Screen> {
  let screen = await visitor.solve(await visitor.walk('captcha'));
  for (let turn = 0; turn < 5 && screen.page === 'verification'; turn += 1) screen = await visitor.verify(screen);
  return screen;
}

describe.each(deadEnds)('from the page of %s', (_what, id, error, reason) => {
  test('error and claims bring an error back', async () => {
    for (const carrier of ['error', 'claims'] as const) {
      const emta = await freshEmta({ rules: { carrier } });
      const visitor = visitorOf(emta, id);
      const dead = await deadEndOf(visitor);
      // `claims` lets a number that is not theirs pass, unproven.
      if (carrier === 'claims' && id === 'not-owner') {
        expect(dead.page).toBe('consent');
        continue;
      }
      expect([dead.page, dead.reason]).toEqual(['error', reason]);
      const { error_description = '', ...back } = returned(await visitor.leave(dead));
      expect(back).toEqual({ to: callback, error, state: 'the-state', iss: emta.issuer });
      expect(error_description.split(':')[0]).toBe(reason);
    }
  });

  test('silent brings the state back and nothing else', async () => {
    const visitor = visitorOf(await freshEmta({ rules: { carrier: 'silent' } }), id);
    const dead = await deadEndOf(visitor);
    expect([dead.page, dead.reason]).toEqual(['error', reason]);
    expect(returned(await visitor.leave(dead))).toEqual({ to: callback, state: 'the-state' });
  });

  test('page brings nothing back, and leads to the address of the site', async () => {
    const dead = await deadEndOf(visitorOf(await freshEmta({ rules: { carrier: 'page' } }), id));
    expect([dead.page, dead.reason, dead.$('form[action$="/leave"]').length]).toEqual(['error', reason, 0]);
    expect(dead.$('[data-testid="leave"]').attr('href')).toBe('http://localhost:4300/');
  });
});

test.each([
  ['error', { error: 'access_denied', error_description: 'cancelled: the citizen left at the step captcha' }],
  ['silent', {}],
  ['page', { error: 'access_denied', error_description: 'cancelled: the citizen left at the step captcha' }],
  ['claims', { error: 'access_denied', error_description: 'cancelled: the citizen left at the step captcha' }],
] as const)('%s: the exit of a page, and a request that may show no page', async (carrier, told) => {
  const emta = await freshEmta({ rules: { carrier } });
  const visitor = visitorOf(emta, 'plain-man');
  const iss = carrier === 'silent' ? {} : { iss: emta.issuer };
  expect(returned(await visitor.leave(await visitor.walk('captcha')))).toEqual({
    to: callback,
    state: 'the-state',
    ...iss,
    ...told,
  });
  // Not a refusal of anybody's, so that no carrier changes it.
  expect(returned(await visitor.begin({ prompt: 'none' })).error).toBe('login_required');
});

test.each(['error', 'silent', 'page', 'claims'] as const)(
  '%s stands in the description of what runs',
  async (carrier) => {
    const emta = await freshEmta({ rules: { carrier } });
    expect(await emta.control('get', '/')).toMatchObject({ carrier });
  },
);
