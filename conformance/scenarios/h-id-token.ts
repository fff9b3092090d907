import type { JsonObject } from '../driver/emta-wire.ts';
import type { Matcher } from '../judge/finding.ts';
import { keyFetches, notAsked } from '../judge/matchers/endpoints.ts';
import { noServerError } from '../judge/matchers/refusal.ts';
import { trapGetsNothing } from '../judge/matchers/secrets.ts';
import {
  asksAgainOrOut,
  inIsWarn,
  nothingOf,
  notInAs,
  out,
  outUnlessTls,
  reported,
} from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { arm, faulty, learn, login, look, row, theCase } from './parts.ts';
import type { Scenario } from './scenario.ts';

/** One way of tampering: label, fault, parameters. */
type Variant = readonly [label: string, fault: string, parameters?: JsonObject];

const refused: readonly Matcher[] = [out()];

/** Rows that need no more than a tampered ID token and a look: variants, and what must follow. */
const table: readonly (readonly [
  id: string,
  variants: readonly Variant[],
  expect: readonly Matcher[],
  runs?: Scenario['runs'],
])[] = [
  ['H01', [['', 'id_token.iss_other']], refused],
  ['H02', [['', 'id_token.iss_trailing_slash']], refused],
  ['H03', [['', 'id_token.iss_missing']], refused],
  ['H04', [['', 'id_token.aud_other']], refused],
  ['H05', [['', 'id_token.aud_missing']], refused],
  ['H06', [['', 'id_token.aud_additional']], refused],
  ['H07', [['', 'id_token.azp_other']], refused],
  ['H08', [['', 'id_token.expired', { seconds_ago: 600 }]], refused],
  ['H09', [['', 'id_token.expired', { seconds_ago: 30 }]], [reported('after', told`the tolerance: 30 s past exp`)]],
  ['H10', [['', 'id_token.exp_missing']], refused],
  ['H11', [['', 'id_token.iat_missing']], refused],
  ['H12', [['', 'id_token.iat_future', { seconds_ahead: 3600 }]], [inIsWarn()]],
  ['H13', [['', 'id_token.iat_old', { seconds_ago: 604_800 }]], [inIsWarn()]],
  ['H14', [['', 'id_token.nbf_future', { seconds_ahead: 3600 }]], refused],
  [
    'H15',
    [
      ['removed', 'id_token.sub_missing'],
      ['empty', 'id_token.sub_empty'],
    ],
    refused,
  ],
  [
    'H16',
    [
      ['a number', 'id_token.sub_malformed', { form: 'number' }],
      ['of 300 characters', 'id_token.sub_malformed', { form: 'long' }],
      ['with NUL', 'id_token.sub_malformed', { form: 'nul' }],
    ],
    [out(), noServerError()],
  ],
  [
    'H17',
    [['', 'id_token.nonce_wrong']],
    [out(), notAsked('userinfo', told`no token is used before the nonce is checked`)],
  ],
  ['H18', [['', 'id_token.nonce_missing']], refused],
  [
    'H20',
    [
      ['', 'id_token.alg_none', { spelling: 'none' }],
      // what looks for a key by its name may look no further where there is no name
      ['without kid', 'id_token.alg_none', { spelling: 'none', kid: 'absent' }],
    ],
    refused,
  ],
  [
    'H21',
    ['nOnE', 'None', 'NONE', 'none '].map((spelling): Variant => [spelling, 'id_token.alg_none', { spelling }]),
    refused,
  ],
  ['H22', [['', 'id_token.signed_hs256_client_secret']], refused],
  [
    'H23',
    (['pem', 'der'] as const).map((form): Variant => [form, 'id_token.signed_hs256_public_key', { form }]),
    refused,
  ],
  [
    'H24',
    [
      ['a foreign key', 'id_token.foreign_key'],
      ['an empty signature', 'id_token.signature_empty'],
    ],
    [outUnlessTls()],
  ],
  ['H25', [['', 'id_token.payload_altered']], [outUnlessTls()]],
  ['H26', [['', 'id_token.kid_unknown']], [outUnlessTls(), keyFetches(1)], 'quiet'],
  [
    'H28',
    [
      ['embedded jwk', 'id_token.embedded_jwk'],
      ['jku', 'id_token.jku', { trap_url: '{trap}' }],
      ['x5u', 'id_token.x5u', { trap_url: '{trap}' }],
      ['x5c', 'id_token.x5c'],
    ],
    [trapGetsNothing('anything'), outUnlessTls()],
  ],
  ['H29', [['', 'id_token.crit_unknown']], refused],
  ['H30', [['', 'id_token.at_hash_wrong']], [inIsWarn()]],
  [
    'H31',
    [
      ['lower', 'id_token.acr_lower'],
      ['absent', 'id_token.acr_missing'],
    ],
    refused,
  ],
  [
    'H32',
    [
      ['too old', 'id_token.auth_time_old'],
      ['absent', 'id_token.auth_time_missing'],
    ],
    [asksAgainOrOut('login')],
  ],
  ['H33', [['', 'id_token.of_other_client']], refused],
];

/** H · ID token. */
export const idTokenScenarios: readonly Scenario[] = [
  ...table.map(([id, variants, expect, runs]) =>
    row(
      id,
      variants.map(([label, fault, parameters]) => faulty(label, fault, parameters, expect)),
      runs,
    ),
  ),
  row(
    'H19',
    theCase(
      '',
      [
        login('A', { jar: 'first', label: 'login.1' }),
        look('first', 'before'),
        arm('id_token.nonce_previous'),
        login('A', { jar: 'second' }),
        look('second'),
      ],
      [out()],
    ),
  ),
  row(
    'H27',
    theCase(
      '',
      [arm('id_token.kid_missing', undefined, 'issuer'), login(), look()],
      [reported('after', told`what it does with a token that names no key`)],
    ),
    'last',
  ),
  row(
    'H34',
    theCase(
      '',
      [learn('B'), arm('id_token.sub_twice', { victim: '{B.national_code}' }), login(), look()],
      [notInAs('B'), nothingOf('B', ['login', 'after'])],
      { people: { A: {}, B: {} } },
    ),
  ),
];
