import { expect, test } from '@jest/globals';
import { type PersonaId, personaIds } from '../../fixtures/personas.ts';
import type { MessageKey } from '../http/pages.ts';
import type { Screen } from './browser.ts';
import { callback, freshEmta, type TestEmta } from './fresh-emta.ts';
import { errorsOf, say, textOf } from './say.ts';
import { returned, type Visitor, visitorOf } from './visitor.ts';

/** Goes as far as this persona gets by doing the obvious at each page. */
async function walkOn(visitor: Visitor, emta: TestEmta): Promise<Screen> {
  let screen = await visitor.walk('captcha');
  screen = await visitor.solve(screen);
  if (screen.page !== 'verification') return screen;
  if (visitor.person.line.firstSmsLost) {
    emta.clock.advance(120_000);
    screen = await visitor.browser.press(screen, 'resend');
  }
  return visitor.verify(screen);
}

/** The sentence of a dead end, or those of the fields. */
function saidBy(screen: Screen): readonly string[] {
  return screen.page === 'error' ? [textOf(screen, 'error-message')] : Object.values(errorsOf(screen));
}

test.each(personaIds)('leads %s to the page of the table, and back to the site with its answer', async (id) => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, id as PersonaId);
  const { expected, typed } = visitor.person;

  const last = await walkOn(visitor, emta);
  if (expected.page === 'consent') expect(last.page).toBe('consent');
  else expect(saidBy(last)).toContain(say(expected.page as MessageKey));

  const end = last.page === 'consent' ? await visitor.decide(last, typed.decision) : await visitor.leave(last);
  const back = returned(end);
  expect(back).toMatchObject({ to: callback, state: 'the-state', iss: emta.issuer });
  if (expected.returns.kind === 'code') {
    expect(back.code).toMatch(/^\S{20,}$/);
    expect(back.error).toBeUndefined();
  } else {
    expect(back.code).toBeUndefined();
    expect(back.error).toBe(expected.returns.error);
    expect(back.error_description?.split(':')[0]).toBe(expected.returns.reason);
  }
});
