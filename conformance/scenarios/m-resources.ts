import { numberUnproven } from '../judge/matchers/number.ts';
import { numberIsWhole } from '../judge/matchers/number-form.ts';
import { handledRefusal, noRetry, noServerError } from '../judge/matchers/refusal.ts';
import { trapGetsNothing } from '../judge/matchers/secrets.ts';
import { inAsOrOut, nothingOf, notInAs, out, twoAccounts } from '../judge/matchers/session.ts';
import { arm, faulty, learn, login, look, row, theCase } from './parts.ts';
import type { Case, Scenario } from './scenario.ts';

const broken = ['server_error', 'hang', 'html', 'invalid_json'] as const;
const words = { server_error: '500', hang: 'no answer', html: '200 with HTML', invalid_json: 'invalid JSON' } as const;
const handledWithPage = noServerError();
const two = { people: { A: {}, B: {} } };
const mixed = [nothingOf('B', ['login', 'after']), notInAs('B')];

const missing = (label: string, fault: string, hasCode: boolean): Case =>
  faulty(label, fault, undefined, hasCode ? [inAsOrOut('A'), noServerError()] : [out(), noServerError()]);

/** M · Resources face, plain OAuth 2.0. */
export const resourceScenarios: readonly Scenario[] = [
  row(
    'M01',
    faulty(
      '',
      'resource_identity.error',
      { status: 401, error: 'invalid_token' },
      handledRefusal({ tokenRequests: 2, retries: 1, allows503: true }),
    ),
  ),
  row(
    'M02',
    faulty('', 'resource_mobile.error', { status: 401, error: 'invalid_token' }, [
      numberUnproven(),
      noRetry('login', 1),
      noServerError(),
    ]),
  ),
  row('M03', faulty('', 'resource_mobile.error', { status: 403, error: 'insufficient_scope' }, [numberUnproven()])),
  row('M04', [
    ...broken.map((way) =>
      faulty(`identity: ${words[way]}`, `resource_identity.${way}`, undefined, [out(), handledWithPage]),
    ),
    ...broken.map((way) =>
      faulty(`mobile: ${words[way]}`, `resource_mobile.${way}`, undefined, [numberUnproven(), handledWithPage]),
    ),
  ]),
  row('M05', [
    theCase(
      'fresh browser',
      [learn('B'), arm('resource_identity.of_other', { victim: '{B.national_code}' }), login(), look()],
      [...mixed, out()],
      two,
    ),
    theCase(
      'signed in as A',
      [
        learn('B'),
        login('A', { label: 'login.1' }),
        arm('resource_identity.of_other', { victim: '{B.national_code}' }),
        login('A', { again: true }),
        look(),
      ],
      mixed,
      two,
    ),
  ]),
  row('M06', [
    missing('{}', 'resource_identity.empty', false),
    missing('without national code', 'resource_identity.national_code_missing', false),
    missing('null names', 'resource_identity.names_null', true),
    missing('200 with an error member', 'resource_identity.error_in_success', false),
  ]),
  row('M07', [
    ...(['0', '0098', '98', 'persian_digits', 'json_number'] as const).map((spelling) =>
      faulty(spelling, 'claims.phone_spelling', { spelling }, [numberIsWhole]),
    ),
    faulty('object absent', 'claims.phone_missing', undefined, [numberIsWhole, numberUnproven({ unseen: 'for' })]),
  ]),
  row('M08', [
    theCase(
      '',
      [arm('authorization.redirect_uri_other', { redirect_uri: '{second_redirect_uri}' }), login(), look()],
      handledRefusal({ tokenRequests: 2 }),
      { onlyIf: 'has-second-redirect-uri' },
    ),
  ]),
  row(
    'M09',
    theCase(
      '',
      [
        login('A'),
        look('a', 'before'),
        arm('claims.phone_other', { mobile: '{A.mobile}' }, 'B'),
        login('B', { label: 'login.b', typing: { mobile: '{A.mobile}' } }),
        look('b'),
      ],
      [twoAccounts({ role: 'A', label: 'before' }, { role: 'B', label: 'after' })],
      {
        people: { A: {}, B: { sharing: { with: 'A', what: ['givenName', 'familyName'] } } },
        numberOf: { B: 'A' },
      },
    ),
  ),
  row('M10', [
    ...[302, 307].map((status) =>
      faulty(`identity, ${status}`, 'resource_identity.redirect', { status, trap_url: '{trap}' }, [
        trapGetsNothing('token'),
        out(),
      ]),
    ),
    ...[302, 307].map((status) =>
      faulty(`mobile, ${status}`, 'resource_mobile.redirect', { status, trap_url: '{trap}' }, [
        trapGetsNothing('token'),
        numberUnproven({ unseen: 'for' }),
      ]),
    ),
  ]),
];
