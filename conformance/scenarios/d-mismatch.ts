import { during } from '../judge/finding.ts';
import { numberUnproven } from '../judge/matchers/number.ts';
import { numberGone, numberHidden, provenNumberHolds } from '../judge/matchers/numbers-of-others.ts';
import { pagesDiffer } from '../judge/matchers/page.ts';
import { endsOnOwnPage, handledRefusal } from '../judge/matchers/refusal.ts';
import { inAs, notInAs, out, reported, sameAccount, twoAccounts } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { afterLogout, arm, disarm, faulty, learn, login, look, refuse, row, theCase } from './parts.ts';
import type { Scenario } from './scenario.ts';

const notOwner = arm('register.not_owner');
const mismatchError = arm('authorization.error', { error: 'mobile_ownership_mismatch' });
const unproven = [numberUnproven()];
const two = { people: { A: {}, B: {} } };

/** D · Mobile-ownership mismatch. Carriers d1 to d7 as in conformance.md, section 5. */
export const mismatchScenarios: readonly Scenario[] = [
  row('D01', [
    theCase('an error code of its own', [mismatchError, login(), look()], handledRefusal({ words: 'mismatch' }), {
      carrier: 'd1',
    }),
    theCase("access_denied after Emta's own page", [notOwner, login(), look()], handledRefusal({ words: 'either' }), {
      carrier: 'd2',
    }),
    theCase(
      'access_denied at once',
      [
        arm('authorization.error', {
          error: 'access_denied',
          error_description: 'mobile_ownership_mismatch: the line belongs to somebody else',
        }),
        login(),
        look(),
      ],
      handledRefusal({ words: 'either' }),
      { carrier: 'd2' },
    ),
    theCase(
      'silent, state and iss alone',
      [arm('authorization.neither_code_nor_error'), notOwner, login(), look()],
      handledRefusal(),
      { carrier: 'silent' },
    ),
    afterLogout('an error code of its own, after a logout', [mismatchError, login()], [out(), endsOnOwnPage('login')]),
  ]),
  row(
    'D02',
    theCase(
      '',
      [
        refuse('A', { label: 'refused' }),
        arm('authorization.error', { error: 'mobile_ownership_mismatch' }, 'B'),
        login('B', { label: 'd1' }),
        arm('register.not_owner', undefined, 'C'),
        login('C', { label: 'd2' }),
        arm('claims.phone_missing', undefined, 'D'),
        login('D', { label: 'd3' }),
      ],
      [
        pagesDiffer('refused', 'd1', { isNamed: true }),
        pagesDiffer('refused', 'd2', { maySuit: true }),
        pagesDiffer('refused', 'd3'),
      ],
      { people: { A: {}, B: {}, C: {}, D: {} }, carrier: 'd1, d2, d3' },
    ),
  ),
  row('D03', faulty('', 'claims.phone_missing', undefined, unproven, { carrier: 'd3' })),
  row('D04', faulty('', 'claims.phone_unverified', undefined, unproven, { carrier: 'd4' })),
  row('D05', [
    faulty('"false"', 'claims.phone_verified_as', { value: 'false' }, unproven),
    faulty('0', 'claims.phone_verified_as', { value: 0 }, unproven),
    faulty('"true"', 'claims.phone_verified_as', { value: 'true' }, [numberUnproven({ otherwise: 'warn' })]),
  ]),
  row('D06', faulty('', 'claims.phone_flag_missing', undefined, unproven)),
  row(
    'D07',
    faulty('', 'claims.phone_other', { mobile: '{B.mobile}' }, [numberUnproven({ roles: ['A', 'B'] })], {
      ...two,
      carrier: 'd5',
    }),
  ),
  row(
    'D08',
    (['0098', '98', '0', 'persian_digits'] as const).map((spelling) =>
      theCase(
        spelling,
        [
          login('A', { jar: 'first', label: 'login.1' }),
          look('first', 'before'),
          arm('claims.phone_spelling', { spelling }),
          login(),
          look(),
        ],
        [inAs('A'), sameAccount('before', 'after')],
      ),
    ),
  ),
  row(
    'D09',
    theCase(
      '',
      [
        learn('A'),
        login('A'),
        look('a', 'before'),
        arm('claims.phone_other', { mobile: '{A.mobile}' }, 'B'),
        // a site that asks beforehand is told the number that Emta will name, or D07 would refuse B for it
        login('B', { label: 'login.b', typing: { mobile: '{A.mobile}' } }),
        look('b'),
      ],
      [twoAccounts({ role: 'A', label: 'before' }, { role: 'B', label: 'after' }), notInAs('A')],
      {
        ...two,
        numberOf: { B: 'A' },
      },
    ),
  ),
  row(
    'D10',
    theCase(
      '',
      [
        login('A', { jar: 'first', label: 'login.1' }),
        look('first', 'before'),
        arm('claims.phone_other', { mobile: '{B.mobile}' }),
        login('A', { typing: { mobile: '{B.mobile}' } }),
        look(),
      ],
      [sameAccount('before', 'after'), numberGone('A')],
      two,
    ),
  ),
  row('D11', faulty('', 'claims.phone_disagreeing', { mobile: '{B.mobile}' }, [numberHidden('B')], two)),
  row('D12', [
    faulty('userinfo 401', 'userinfo.error', { status: 401, error: 'invalid_token' }, [provenNumberHolds], {
      carrier: 'd6',
    }),
    theCase(
      'userinfo 401, for a citizen known before',
      [learn(), arm('userinfo.error', { status: 401, error: 'invalid_token' }), login(), look()],
      [provenNumberHolds],
      { carrier: 'd6' },
    ),
    faulty('userinfo 500', 'userinfo.server_error', undefined, [provenNumberHolds], { carrier: 'd6' }),
    faulty('userinfo without an answer', 'userinfo.hang', undefined, [provenNumberHolds], { carrier: 'd6' }),
  ]),
  row(
    'D13',
    faulty(
      '',
      'claims.national_code_other',
      { national_code: '{B.national_code}' },
      [out(), endsOnOwnPage('login')],
      two,
    ),
  ),
  row(
    'D14',
    theCase(
      '',
      [notOwner, login(), look(), disarm('register.not_owner'), login('A', { label: 'login.2' }), look('a', 'after.2')],
      [during(told`after the mismatch`, out()), inAs('A', 'after.2')],
      { carrier: 'd2' },
    ),
  ),
  row(
    'D15',
    theCase('', [arm('authorization.page_instead'), refuse(), look()], [out(), endsOnOwnPage('login')], {
      carrier: 'd7',
    }),
  ),
  row(
    'D16',
    faulty('', 'claims.phone_verification_old', { days: 3650 }, [
      reported('after', told`its policy on the age of a verification`),
    ]),
  ),
];
