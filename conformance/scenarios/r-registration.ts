import { during, type Matcher } from '../judge/finding.ts';
import { endsOnOwnPage, noServerError } from '../judge/matchers/refusal.ts';
import {
  arrivesFromRegistration,
  fieldIsNamed,
  isAt,
  isNotAt,
  onePageOfSuccess,
  prefilledFits,
  ruleIsNamed,
  signInFails,
} from '../judge/matchers/registration.ts';
import { inAs, nothingOf, out, sameAccount } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { arm, disarm, login, look, refuse, row, theCase } from './parts.ts';
import type { Case, RegistrationAct, Role, Scenario, Step } from './scenario.ts';

/** Shows that the page is there for whoever comes by Emta, so that its absence means something. */
const entersFirst = during(told`control, a correct entry before`, isAt('personal-data', 'entered'));
const entersLater = (label: string): Matcher =>
  during(told`on a correct entry afterwards`, isAt('personal-data', label));

/** Enters from registration_url and goes through Emta. */
const enter = (as: Role = 'A', label = 'entered', jar = as.toLowerCase()): Step =>
  login(as, { from: 'registration', label, jar });

const act = (what: RegistrationAct, of: string, label: string, as: Role = 'A', jar = as.toLowerCase()): Step => ({
  do: 'register',
  jar,
  as,
  of,
  label,
  ...what,
});
const data = (
  label: string,
  of: string,
  more: Omit<Extract<RegistrationAct, { act: 'personal-data' }>, 'act'> = {},
  as: Role = 'A',
  jar = as.toLowerCase(),
): Step => act({ act: 'personal-data', ...more }, of, label, as, jar);
type Code = Extract<RegistrationAct, { act: 'validation-code' }>['code'];
const code = (label: string, of: string, which: Code = 'right', as: Role = 'A', jar = as.toLowerCase()): Step =>
  act({ act: 'validation-code', code: which }, of, label, as, jar);
const confirm = (
  label: string,
  of: string,
  which: Code = 'right',
  as: Role = 'A',
  jar = as.toLowerCase(),
  twice = false,
): Step => act({ act: 'confirm', code: which, twice }, of, label, as, jar);

/** All of it, from the entry to the last page. */
const registers = (as: Role = 'A', jar = as.toLowerCase(), suffix = ''): readonly Step[] => [
  enter(as, `entered${suffix}`, jar),
  data(`data${suffix}`, `entered${suffix}`, {}, as, jar),
  code(`code${suffix}`, `data${suffix}`, 'right', as, jar),
  confirm(`done${suffix}`, `code${suffix}`, 'right', as, jar),
];

const two = { people: { A: {}, B: {} } };
const badPasswords: readonly (readonly [string, string])[] = [
  ['7 characters', 'Emta429'],
  ['no upper-case English letter', 'emta4299x'],
  ['no digit', 'EmtaEmtax'],
  ['Persian letters', 'Emta4299رمز'],
];

const leaving = (label: string, steps: readonly Step[]): Case =>
  theCase(
    label,
    [
      enter(),
      ...steps,
      { do: 'register', act: 'sign-in', jar: 'other', as: 'A', of: 'entered', label: 'signed' },
      look('other', 'signed'),
      enter('A', 'again', 'later'),
    ],
    [signInFails('signed'), entersLater('again')],
  );

/** R · Registration on the sale site. */
export const registrationScenarios: readonly Scenario[] = [
  row('R01', theCase('', [enter()], [arrivesFromRegistration('entered', 3)])),
  row('R02', theCase('', [enter()], [isAt('personal-data', 'entered'), prefilledFits('entered', 'A')])),
  row(
    'R03',
    theCase(
      '',
      [
        enter(),
        data('data', 'entered', { identity: 'B' }),
        look('a', 'posted'),
        {
          do: 'if-at',
          page: 'validation-code',
          of: 'data',
          then: [code('code', 'data'), confirm('done', 'code'), look()],
        },
      ],
      [nothingOf('B', ['data', 'code', 'done', 'posted', 'after']), noServerError('data')],
      two,
    ),
  ),
  row('R04', [
    theCase(
      'empty browser',
      [enter(), { do: 'visit', jar: 'empty', label: 'bare', to: { lastOf: 'entered' } }],
      [entersFirst, isNotAt('personal-data', 'bare')],
    ),
    theCase(
      'after a refusal',
      [
        enter(),
        refuse('B', { jar: 'refused', label: 'refusal', from: 'registration' }),
        { do: 'visit', jar: 'refused', label: 'bare', to: { lastOf: 'entered' } },
      ],
      [entersFirst, isNotAt('personal-data', 'bare')],
      two,
    ),
  ]),
  row('R05', [
    theCase(
      'empty browser',
      [enter(), data('data', 'entered', { identity: 'B' }, 'A', 'empty'), enter('B', 'entered.b')],
      [entersFirst, isNotAt('validation-code', 'data'), entersLater('entered.b')],
      { ...two, shown: 'data' },
    ),
    theCase(
      'with the cookies of a refused login',
      [
        enter(),
        refuse('B', { jar: 'refused', label: 'refusal', from: 'registration' }),
        data('data', 'entered', { identity: 'B' }, 'A', 'refused'),
        enter('B', 'entered.b'),
      ],
      [entersFirst, isNotAt('validation-code', 'data'), entersLater('entered.b')],
      { ...two, shown: 'data' },
    ),
  ]),
  row(
    'R06',
    theCase(
      '',
      [
        enter(),
        ...badPasswords.map(([label, password]) => data(label, 'entered', { password })),
        data('good', 'entered'),
      ],
      [
        ...badPasswords.flatMap(([label]) => [isAt('personal-data', label), ruleIsNamed(label, 'entered')]),
        during(told`with a good password`, isAt('validation-code', 'good')),
      ],
    ),
  ),
  row(
    'R07',
    theCase(
      '',
      [
        enter(),
        ...(['issue_date', 'address', 'education'] as const).map((without) => data(without, 'entered', { without })),
        data('all', 'entered'),
      ],
      [
        ...(['issue_date', 'address', 'education'] as const).flatMap((without) => [
          isAt('personal-data', without),
          fieldIsNamed(without),
        ]),
        during(told`with every field filled in`, isAt('validation-code', 'all')),
      ],
    ),
  ),
  row(
    'R08',
    theCase(
      '',
      [
        enter('A', 'entered.0', 'first'),
        data('data.0', 'entered.0', {}, 'A', 'first'),
        code('used', 'data.0', 'right', 'A', 'first'),
        enter('B', 'entered.b'),
        data('data.b', 'entered.b', {}, 'B'),
        code('code.b', 'data.b', 'right', 'B'),
        enter(),
        data('data', 'entered'),
        code('none', 'data', 'none'),
        code('wrong', 'data', 'wrong'),
        code('foreign', 'data', { of: 'code.b' }),
        code('again', 'data', { of: 'used' }),
        code('right', 'data'),
      ],
      [
        during(told`control, the form before`, isAt('validation-code', 'data')),
        ...['none', 'wrong', 'foreign', 'again'].map((label) => isNotAt('confirm', label)),
        during(told`with the right code`, isAt('confirm', 'right')),
      ],
      two,
    ),
  ),
  row(
    'R09',
    theCase(
      '',
      [
        ...registers('B', 'b', '.b'),
        enter(),
        data('data', 'entered'),
        code('code', 'data'),
        confirm('none', 'code', 'none'),
        confirm('wrong', 'none', 'wrong'),
        confirm('used', 'wrong', { of: 'wrong' }),
        look('a', 'between'),
        { do: 'register', act: 'sign-in', jar: 'other', as: 'A', of: 'used', label: 'signed' },
        look('other', 'signed'),
        confirm('right', 'used'),
      ],
      [
        during(told`control, the form before`, isAt('confirm', 'code')),
        ...['none', 'wrong', 'used'].map((label) => isAt('confirm', label)),
        signInFails('signed'),
        during(told`with the right code`, isNotAt('confirm', 'right')),
        noServerError('right'),
      ],
      two,
    ),
  ),
  row('R10', [
    leaving('after the personal data', [data('data', 'entered')]),
    leaving('after the validation code', [data('data', 'entered'), code('code', 'data')]),
  ]),
  row(
    'R11',
    theCase(
      '',
      [
        enter(),
        data('data', 'entered'),
        code('code', 'data'),
        confirm('done', 'code', 'right', 'A', 'a', true),
        look('a', 'first'),
        { do: 'repeat', of: 'code', jar: 'a', label: 'once-more' },
        look(),
        enter('A', 'later', 'later'),
        look('later', 'later'),
      ],
      [
        onePageOfSuccess('done'),
        noServerError('done'),
        noServerError('done.twin'),
        noServerError('once-more'),
        sameAccount('first', 'later'),
      ],
    ),
  ),
  row('R12', [
    theCase(
      'refusal',
      [refuse('A', { from: 'registration', label: 'refused' }), look('a', 'between'), enter('A', 'entered', 'later')],
      [out('between'), isNotAt('personal-data', 'refused'), entersLater('entered')],
      { shown: 'refused' },
    ),
    theCase(
      'mismatch',
      [
        arm('register.not_owner'),
        enter('A', 'refused'),
        look('a', 'between'),
        disarm('register.not_owner'),
        enter('A', 'entered', 'later'),
      ],
      [out('between'), isNotAt('personal-data', 'refused'), entersLater('entered')],
      { shown: 'refused' },
    ),
  ]),
  row('R13', [
    theCase(
      'one day short of 18',
      [enter(), look('a', 'between')],
      [isNotAt('personal-data', 'entered'), endsOnOwnPage('entered'), out('between')],
      { people: { A: { bornOn: '18 tomorrow' } } },
    ),
    theCase('18 today', [enter()], [isAt('personal-data', 'entered')], { people: { A: { bornOn: '18 today' } } }),
  ]),
  row('R14', [
    theCase(
      'the same number',
      [...registers(), look('a', 'registered'), enter('A', 'again', 'later'), look('later')],
      [
        isNotAt('confirm', 'done'),
        inAs('A', 'registered'),
        sameAccount('registered', 'after'),
        isNotAt('personal-data', 'again'),
      ],
    ),
    theCase(
      'a new number',
      [
        ...registers(),
        look('a', 'registered'),
        arm('claims.phone_other', { mobile: '{B.mobile}' }),
        enter('A', 'again', 'later'),
        look('later'),
        { do: 'register', act: 'sign-in', jar: 'other', as: 'A', of: 'again', label: 'signed' },
        look('other', 'signed'),
      ],
      [
        isNotAt('confirm', 'done'),
        sameAccount('registered', 'after'),
        isNotAt('personal-data', 'again'),
        sameAccount('registered', 'signed'),
      ],
      two,
    ),
  ]),
];
