import { during } from '../judge/finding.ts';
import { staysHome } from '../judge/matchers/address.ts';
import { openersAreFlagged, renewsOpeners, somethingPlanted } from '../judge/matchers/cookies.ts';
import { forbidsFraming, header } from '../judge/matchers/headers.ts';
import { keepsSecrets } from '../judge/matchers/secrets.ts';
import { inAs, nothingOf, out, reported, stillInAs } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { arm, begin, calibrated, login, look, row, theCase } from './parts.ts';
import type { Scenario } from './scenario.ts';

/** J · Session and browser. */
export const sessionScenarios: readonly Scenario[] = [
  row(
    'J01',
    theCase(
      '',
      [
        { do: 'visit', jar: 'a', label: 'before', to: 'protected' },
        { do: 'note-cookies', jar: 'a', label: 'first' },
        begin('A', 'begun'),
        { do: 'note-cookies', jar: 'a', label: 'pending' },
        { do: 'resume', jar: 'a', of: 'begun', as: 'A', label: 'login' },
        look(),
        { do: 'note-cookies', jar: 'a', label: 'signed-in' },
        { do: 'try-without-each', jar: 'a', label: 'trials' },
      ],
      [inAs('A'), renewsOpeners('trials', ['first', 'pending'], 'signed-in')],
    ),
  ),
  row(
    'J02',
    theCase(
      '',
      [
        { do: 'visit', jar: 'm', label: 'visit.m', to: 'protected' },
        begin('M', 'begun.m', 'm'),
        { do: 'note-cookies', jar: 'm', label: 'planted' },
        { do: 'plant', cookies: 'planted', jar: 'victim' },
        login('A', { jar: 'victim' }),
        look('victim', 'signed-in'),
        { do: 'look-with', cookies: 'planted', label: 'after' },
      ],
      [somethingPlanted('planted'), during(told`control, the login itself`, inAs('A', 'signed-in')), out()],
      { people: { A: {}, M: {} } },
    ),
  ),
  row(
    'J03',
    theCase(
      '',
      [
        login(),
        look(),
        { do: 'note-cookies', jar: 'a', label: 'signed-in' },
        { do: 'try-without-each', jar: 'a', label: 'trials' },
      ],
      [inAs('A'), openersAreFlagged('trials', 'signed-in')],
    ),
  ),
  row(
    'J04',
    theCase(
      '',
      [
        login(),
        look('a', 'before'),
        { do: 'note-cookies', jar: 'a', label: 'old' },
        { do: 'logout', jar: 'a', label: 'logout' },
        look(),
        { do: 'look-with', cookies: 'old', label: 'put-back' },
      ],
      [
        during(told`control, before the logout`, inAs('A', 'before')),
        out(),
        out(
          'put-back',
          'warn',
          told`nobody is signed in by the cookies from before the logout, put back into a browser`,
        ),
      ],
    ),
  ),
  row(
    'J05',
    theCase(
      '',
      [login('A'), look('a', 'before'), login('B', { jar: 'a', label: 'login.b', again: true }), look('a')],
      [inAs('B'), nothingOf('A', ['login.b', 'after'])],
      { people: { A: {}, B: {} } },
    ),
  ),
  row(
    'J06',
    theCase(
      '',
      [
        login(),
        { do: 'visit', jar: 'a', label: 'private', to: 'protected' },
        { do: 'logout', jar: 'a', label: 'logout' },
        { do: 'visit', jar: 'a', label: 'back', to: 'protected' },
        look(),
      ],
      [
        header('private', 'cache-control', /no-store/i, told`Cache-Control no-store on the private page`),
        out(),
        nothingOf('A', ['back']),
      ],
    ),
  ),
  row('J07', [
    theCase(
      'a link on another site',
      [login(), look('a', 'before'), { do: 'visit', jar: 'a', label: 'forged', to: 'logout', by: 'attacker' }, look()],
      [
        stillInAs(
          'A',
          'before',
          'after',
          'warn',
          told`${'A'} is still signed in after a link on another site led to logout_url`,
        ),
      ],
    ),
    theCase(
      'a return address off site',
      [
        login(),
        {
          do: 'logout',
          jar: 'a',
          label: 'login',
          query: { '*': 'https://evil.example/{mark}', post_logout_redirect_uri: 'https://evil.example/{mark}' },
        },
      ],
      [staysHome('login')],
    ),
  ]),
  calibrated('J08', [keepsSecrets]),
  row(
    'J09',
    theCase(
      '',
      [
        arm('id_token.short_lived', { seconds: 60 }),
        login(),
        look('a', 'before'),
        { do: 'clock', seconds: 90 },
        look(),
      ],
      [
        during(told`control, the login itself`, inAs('A', 'before')),
        reported('after', told`whether a session outlives the ID token`),
      ],
    ),
    'last',
  ),
  calibrated('J10', [forbidsFraming('login')]),
];
