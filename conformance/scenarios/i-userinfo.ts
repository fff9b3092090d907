import { markerStaysText, markup } from '../judge/matchers/markup.ts';
import { provenNumberHolds } from '../judge/matchers/numbers-of-others.ts';
import { noServerError } from '../judge/matchers/refusal.ts';
import { nothingOf, notInAs, twoAccounts } from '../judge/matchers/session.ts';
import { nothingFromUserinfo } from '../judge/matchers/userinfo.ts';
import { arm, faulty, learn, login, look, row, theCase } from './parts.ts';
import type { Case, Scenario } from './scenario.ts';

const two = { people: { A: {}, B: {} } };
const ofVictim = (label: string, fault: string): Case =>
  theCase(
    label,
    [learn('B'), arm(fault, { victim: '{B.national_code}' }), login(), look()],
    [nothingOf('B', ['login', 'after']), notInAs('B')],
    two,
  );

/** I · UserInfo. */
export const userinfoScenarios: readonly Scenario[] = [
  row('I01', ofVictim('', 'userinfo.sub_other')),
  row('I02', faulty('', 'userinfo.sub_missing', undefined, [nothingFromUserinfo])),
  row('I03', [ofVictim('a listed subject', 'userinfo.sub_array'), ofVictim('a doubled subject', 'userinfo.sub_twice')]),
  row('I04', [
    faulty('a newcomer', 'userinfo.error', { status: 401, error: 'invalid_token' }, [
      noServerError(),
      provenNumberHolds,
    ]),
    theCase(
      'a citizen known before',
      [learn(), arm('userinfo.error', { status: 401, error: 'invalid_token' }), login(), look()],
      [noServerError(), provenNumberHolds],
    ),
  ]),
  row('I05', [
    faulty('500', 'userinfo.server_error', undefined, [noServerError()]),
    faulty('no answer', 'userinfo.hang', undefined, [noServerError()]),
    faulty('invalid JSON', 'userinfo.invalid_json', undefined, [noServerError()]),
  ]),
  row('I06', [
    faulty('a bad signature', 'userinfo.signature_foreign', undefined, [nothingFromUserinfo]),
    faulty('a wrong audience', 'userinfo.aud_other', undefined, [nothingFromUserinfo]),
  ]),
  row(
    'I07',
    theCase(
      '',
      [
        arm('claims.email', { email: 'somebody.{mark}@example.ir' }, 'A'),
        arm('claims.email', { email: 'somebody.{mark}@example.ir' }, 'B'),
        login('A'),
        look('a', 'before'),
        login('B', { label: 'login.b' }),
        look('b'),
      ],
      [
        twoAccounts({ role: 'A', label: 'before' }, { role: 'B', label: 'after' }),
        nothingOf('A', ['login.b', 'after']),
      ],
      two,
    ),
  ),
  row(
    'I08',
    theCase(
      '',
      [
        arm('claims.given_name', { value: markup }),
        login(),
        look(),
        { do: 'visit', jar: 'a', label: 'home', to: 'protected' },
      ],
      [markerStaysText(['login', 'after', 'home'])],
    ),
  ),
];
