import type { WalkPlan } from '../driver/citizen-walker.ts';
import type { JsonObject } from '../driver/emta-wire.ts';
import type { Matcher } from '../judge/finding.ts';
import type { CallbackChange, Case, Role, Scenario, Step } from './scenario.ts';

/** Small constructors, so that a table of scenarios reads like the catalogue. */

export const arm = (fault: string, parameters?: JsonObject, who: Role | 'client' | 'issuer' = 'A'): Step => ({
  do: 'arm',
  fault,
  for: who === 'client' || who === 'issuer' ? who : { role: who },
  ...(parameters === undefined ? {} : { parameters }),
});

export const disarm = (fault: string): Step => ({ do: 'disarm', fault });

export interface LoginOptions {
  readonly jar?: string;
  readonly label?: string;
  readonly plan?: WalkPlan;
  readonly hold?: boolean;
  readonly again?: boolean;
  readonly query?: Readonly<Record<string, string>>;
  readonly typing?: { readonly mobile?: string; readonly nationalCode?: string };
  readonly from?: 'start' | 'registration' | 'second-issuer';
}

export const login = (
  as: Role = 'A',
  { jar = as.toLowerCase(), label = 'login', ...more }: LoginOptions = {},
): Step => ({ do: 'login', as, jar, label, ...more });

export const refuse = (as: Role = 'A', options: LoginOptions = {}): Step =>
  login(as, { ...options, plan: { consent: 'refuse', ...options.plan } });

export const begin = (as: Role = 'A', label = 'begun', jar = as.toLowerCase()): Step => ({
  do: 'begin',
  as,
  jar,
  label,
});

export const look = (jar = 'a', label = 'after'): Step => ({ do: 'look', jar, label });

export const learn = (as: Role = 'A'): Step => ({ do: 'learn', as });

export const deliver = (
  of: string,
  jar: string,
  label: string,
  options: {
    readonly change?: readonly CallbackChange[];
    readonly by?: 'emta' | 'attacker';
    readonly method?: 'GET' | 'POST' | 'HEAD';
  } = {},
): Step => ({ do: 'deliver', of, jar, label, ...options });

export const drop = (parameter: string): CallbackChange => ({ kind: 'drop', parameter });
export const set = (parameter: string, value: string): CallbackChange => ({ kind: 'set', parameter, value });
export const take = (parameter: string, of: string): CallbackChange => ({ kind: 'take', parameter, of });

/** One citizen, unless said otherwise. */
export const theCase = (
  label: string,
  drive: readonly Step[],
  expect: readonly Matcher[],
  more: Partial<Omit<Case, 'label' | 'drive' | 'expect'>> = {},
): Case => ({
  label,
  people: { A: {} },
  drive,
  expect,
  ...more,
});

/** One login of A with a fault armed for his number, and a look. */
export const faulty = (
  label: string,
  fault: string,
  parameters: JsonObject | undefined,
  expect: readonly Matcher[],
  more: Partial<Omit<Case, 'label' | 'drive' | 'expect'>> = {},
): Case => theCase(label, [arm(fault, parameters), login(), look()], expect, more);

export const row = (id: string, cases: Case | readonly Case[], runs: Scenario['runs'] = 'beside'): Scenario => ({
  id,
  runs,
  cases: 'label' in cases ? [cases] : cases,
});

/** What a site remembers of its last customer must not sign him in when Emta signs nobody in. */
export const afterLogout = (label: string, ended: readonly Step[], more: readonly Matcher[]): Case =>
  theCase(
    label,
    [
      login('A', { label: 'login.1' }),
      look('a', 'before'),
      { do: 'logout', jar: 'a', label: 'logout' },
      look('a', 'left'),
      // whether the logout ended the session is for J04 to say
      { do: 'if-out', of: 'left', then: [...ended, look()] },
    ],
    more,
    { when: 'logout_url' },
  );

/** Judged by calibration, of which the report shows the page that the row is about: no drive of its own. */
export const calibrated = (id: string, expect: readonly Matcher[], shown = 'login'): Scenario =>
  row(id, { label: '', people: {}, drive: [], expect, shown }, 'calibration');
