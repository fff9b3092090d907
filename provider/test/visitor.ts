import type { Persona, PersonaId } from '../../fixtures/personas.ts';
import { nationalForm } from '../registry/mobile.ts';
import type { Browser, Form, Screen } from './browser.ts';
import type { Parameters, TestEmta } from './fresh-emta.ts';

/** A persona before a browser, on the way through Emta's pages. */
export interface Visitor {
  readonly person: Persona;
  readonly browser: Browser;
  /** Follows the relying party's link; the first page. */
  begin(params?: Parameters): Promise<Screen>;
  /** Types a number, the own one unless told. */
  giveMobile(screen: Screen, mobile?: string): Promise<Screen>;
  /** Types what the picture shows. */
  solve(screen: Screen): Promise<Screen>;
  /** Types the newest code and the own data, or other ones. */
  verify(screen: Screen, other?: Form): Promise<Screen>;
  decide(screen: Screen, decision?: 'grant' | 'refuse'): Promise<Screen>;
  leave(screen: Screen): Promise<Screen>;
  /** From the relying party's link to a page, or by granting to the end. */
  walk(to: 'captcha' | 'verification' | 'consent' | 'end', params?: Parameters): Promise<Screen>;
}

export function visitorOf(emta: TestEmta, id: PersonaId, browser: Browser = emta.browser()): Visitor {
  const person = emta.persona(id);
  const visitor: Visitor = {
    person,
    browser,
    begin: (params) => browser.open(emta.authorizationUrl(params)),
    giveMobile: (screen, mobile = nationalForm(person.typed.mobile)) =>
      browser.press(screen, 'mobile-continue', { mobile }),
    async solve(screen) {
      const { captcha } = await journeyOf(emta, screen);
      return browser.press(screen, 'captcha-continue', { captcha });
    },
    async verify(screen, other = {}) {
      const code = await newestCode(emta, person.typed.mobile);
      const asksIdentity = screen.$('[data-testid="national-code-input"]').length > 0;
      return browser.press(screen, 'verification-submit', {
        code,
        ...(asksIdentity && identityOf(person)),
        ...other,
      });
    },
    decide: (screen, decision = 'grant') => browser.press(screen, `consent-${decision}`),
    leave: (screen) => browser.press(screen, 'leave'),
    async walk(to, params) {
      let screen = await visitor.giveMobile(await visitor.begin(params));
      if (to === 'captcha') return screen;
      screen = await visitor.solve(screen);
      if (to === 'verification') return screen;
      screen = await visitor.verify(screen);
      return to === 'consent' ? screen : visitor.decide(screen);
    },
  };
  return visitor;
}

export function identityOf({ typed }: Persona): Form {
  return {
    national_code: typed.nationalCode,
    birth_year: typed.birth.year,
    birth_month: typed.birth.month,
    birth_day: typed.birth.day,
  };
}

export function uidOf({ url }: Pick<Screen, 'url'>): string {
  const uid = /\/journey\/([^/?]+)/.exec(url)?.[1];
  if (!uid) throw new Error(`expected the address of a journey, got ${url}`);
  return uid;
}

/** What the control interface tells of the journey on the screen. */
export async function journeyOf(
  emta: TestEmta,
  screen: Pick<Screen, 'url'>,
): Promise<{ step: string; captcha: string; code: string; outcome?: string; dead_end?: string }> {
  return emta.control('get', `/journeys/${uidOf(screen)}`);
}

/** The newest code that arrived at a number; `00000` where none did. */
export async function newestCode(emta: TestEmta, mobile: string): Promise<string> {
  const { messages } = await emta.control('get', `/messages?mobile=${encodeURIComponent(mobile)}`);
  const arrived = messages.filter(
    ({ status, from }: { status: string; from: string }) => status === 'delivered' && from === 'emta',
  );
  return arrived.at(-1)?.code ?? '00000';
}

/** What came back to the relying party, by parameter. */
export function returned(screen: Screen): Form {
  if (!screen.left) throw new Error(`expected the browser to be back at the site, it is at ${screen.url}`);
  return { to: `${screen.left.origin}${screen.left.pathname}`, ...Object.fromEntries(screen.left.searchParams) };
}
