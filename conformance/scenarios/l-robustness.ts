import { during } from '../judge/finding.ts';
import { noDebugOutput } from '../judge/matchers/debug-output.ts';
import { oneHostName } from '../judge/matchers/host.ts';
import { meetsOutage } from '../judge/matchers/outage.ts';
import { endsOnOwnPage } from '../judge/matchers/refusal.ts';
import { inAs, nothingOf, out } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { arm, begin, faulty, login, look, refuse, row, theCase } from './parts.ts';
import type { Scenario, Step } from './scenario.ts';

const ten = Array.from({ length: 10 }, (_, index) => `P${index}`);
const signIn = (role: string): readonly Step[] => [
  login(role, { label: `login.${role}` }),
  look(role.toLowerCase(), `after.${role}`),
];

/** L · Robustness the citizen feels. */
export const robustnessScenarios: readonly Scenario[] = [
  row(
    'L01',
    [
      theCase(
        'at discovery',
        [arm('discovery.reset', undefined, 'issuer'), begin('A', 'login')],
        [meetsOutage('login')],
        { when: '!launch', mayMiss: ['discovery.reset'] },
      ),
      theCase(
        'at discovery',
        [arm('discovery.reset', undefined, 'issuer'), { do: 'relaunch' }, begin('A', 'login')],
        [meetsOutage('login')],
        { when: 'launch', mayMiss: ['discovery.reset'] },
      ),
      theCase(
        'at authorize',
        [arm('authorization.dropped', undefined, 'client'), begin('A', 'login')],
        [meetsOutage('login')],
      ),
    ],
    'last',
  ),
  row('L02', theCase('', [], [noDebugOutput]), 'gathered'),
  row(
    'L03',
    theCase(
      '',
      [{ do: 'together', branches: ten.map(signIn) }],
      ten.flatMap((role) => [
        inAs(role, `after.${role}`),
        ...ten.filter((other) => other !== role).map((other) => nothingOf(other, [`login.${role}`, `after.${role}`])),
      ]),
      { people: Object.fromEntries(ten.map((role) => [role, {}])) },
    ),
  ),
  row(
    'L04',
    theCase(
      '',
      [
        {
          do: 'together',
          branches: [
            [refuse('A', { label: 'login.a' }), look('a', 'after.a')],
            [login('B', { label: 'login.b' }), look('b', 'after.b')],
            [refuse('C', { label: 'login.c' }), look('c', 'after.c')],
          ],
        },
        // in another browser, now that B is in: what a site keeps of its last customer would show here
        refuse('A', { jar: 'd', label: 'login.d' }),
        look('d', 'after.d'),
      ],
      [
        out('after.a'),
        during(told`the citizen who granted`, inAs('B', 'after.b')),
        out('after.c'),
        out('after.d'),
        endsOnOwnPage('login.a'),
        endsOnOwnPage('login.c'),
        endsOnOwnPage('login.d'),
        nothingOf('B', ['login.a', 'login.c', 'login.d', 'after.d']),
      ],
      { people: { A: {}, B: {}, C: {} } },
    ),
  ),
  row('L05', [
    faulty('120 s behind', 'clock.behind', { seconds: 120 }, [inAs('A')]),
    faulty('120 s ahead', 'clock.ahead', { seconds: 120 }, [inAs('A', 'after', 'warn')]),
  ]),
  row(
    'L06',
    (['127.0.0.1', 'localhost'] as const).map((host) =>
      theCase(
        host,
        [
          { do: 'visit', jar: 'a', label: 'opened', to: 'protected', host },
          { do: 'begin', jar: 'a', as: 'A', label: 'begun', host },
          { do: 'resume', jar: 'a', of: 'begun', as: 'A', label: 'login' },
          look(),
        ],
        [oneHostName(host, ['opened', 'begun'], 'after')],
      ),
    ),
  ),
];
