import { during } from '../judge/finding.ts';
import { isFirstEntry } from '../judge/matchers/first-entry.ts';
import { header, oneResponseEach } from '../judge/matchers/headers.ts';
import { leadsNowhere, markerStaysText, markup, sentenceIsHidden } from '../judge/matchers/markup.ts';
import { numberUnproven } from '../judge/matchers/number.ts';
import { doesNotBlame, isKindly } from '../judge/matchers/page.ts';
import {
  endsOnOwnPage,
  handledRefusal,
  noLaterRetry,
  noRetry,
  noServerError,
  tokenRequests,
} from '../judge/matchers/refusal.ts';
import { blamesRefusal, refusalWithoutIss, saysWhatHappened } from '../judge/matchers/refusal-words.ts';
import { inAs, inAsOrOut, nothingOf, out, stillInAs } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import { afterLogout, arm, begin, deliver, faulty, learn, login, look, refuse, row, theCase } from './parts.ts';
import type { Case, Scenario, Step } from './scenario.ts';

const refusal: readonly Step[] = [refuse(), look()];
const callTheNumber = 'Please call 0900 000 4299 to confirm your account';

/** An error in place of the answer; the two journeys allow for one more try where the row does. */
const failing = (
  label: string,
  error: string,
  options: {
    readonly description?: string;
    readonly allows503?: boolean;
    readonly retries?: number;
    readonly then?: readonly Step[];
    readonly expect?: Case['expect'];
    readonly shown?: string;
  } = {},
): Case =>
  theCase(
    label,
    [
      arm('authorization.error', {
        error,
        ...(options.description === undefined ? {} : { error_description: options.description }),
      }),
      login('A', { plan: { journeys: 1 + (options.retries ?? 0) } }),
      look(),
      ...(options.then ?? []),
    ],
    [
      ...handledRefusal({
        ...(options.allows503 === undefined ? {} : { allows503: options.allows503 }),
        ...(options.retries === undefined ? {} : { retries: options.retries }),
      }),
      ...(options.expect ?? []),
    ],
    options.shown === undefined ? {} : { shown: options.shown },
  );

const standardCodes: readonly Case[] = [
  ...[
    'invalid_request',
    'unauthorized_client',
    'unsupported_response_type',
    'invalid_scope',
    'request_not_supported',
  ].map((error) => failing(error, error)),
  failing('server_error', 'server_error', { allows503: true }),
  failing('temporarily_unavailable', 'temporarily_unavailable', {
    allows503: true,
    expect: [doesNotBlame(['refusal', 'mismatch'])],
  }),
  ...['login_required', 'interaction_required', 'consent_required', 'account_selection_required'].map((error) =>
    failing(error, error, { retries: 1 }),
  ),
];

const thenSignsIn: readonly Step[] = [
  { do: 'disarm', fault: 'authorization.error' },
  login('A', { label: 'login.2' }),
  look('a', 'after.2'),
];

/** What a row asks of the login after the refused one. */
const afterwards = during(told`on a correct login afterwards`, inAs('A', 'after.2'));

const markupIn = (label: string, steps: readonly Step[], more: Case['expect'] = []): Case =>
  theCase(label, [...steps, look()], [markerStaysText(['login', 'after']), ...more]);

/** C · Consent refusal and authorization errors. */
export const refusalScenarios: readonly Scenario[] = [
  row('C01', [
    theCase('', refusal, handledRefusal({ words: 'refusal' }), { carrier: 'error' }),
    afterLogout('after a logout', [refuse()], [out(), endsOnOwnPage('login')]),
  ]),
  row(
    'C02',
    [
      theCase(
        '',
        [arm('authorization.iss_unsupported', undefined, 'issuer'), ...refusal],
        [...handledRefusal(), refusalWithoutIss('login')],
        { when: '!launch' },
      ),
      theCase(
        '',
        [arm('authorization.iss_unsupported', undefined, 'issuer'), { do: 'relaunch' }, ...refusal],
        handledRefusal({ words: 'refusal' }),
        { when: 'launch' },
      ),
    ],
    'last',
  ),
  row('C03', theCase('', [arm('authorization.description_missing'), ...refusal], handledRefusal({ words: 'refusal' }))),
  row(
    'C04',
    theCase(
      '',
      [arm('authorization.state_missing'), ...refusal],
      [out(), tokenRequests(0), noServerError(), blamesRefusal('login')],
    ),
  ),
  row('C05', [
    theCase(
      'with a pending login',
      [
        begin('A'),
        { do: 'forge', jar: 'a', label: 'forged', query: { error: 'access_denied', state: 'bogus', iss: '{issuer}' } },
        { do: 'copy-jar', jar: 'a', to: 'copy' },
        look('copy', 'between'),
        { do: 'resume', jar: 'a', of: 'begun', as: 'A', label: 'login' },
        look('a'),
      ],
      [
        out('between'),
        noServerError('forged'),
        tokenRequests(1),
        during(told`when the pending login is finished`, inAs('A', 'after', 'warn')),
      ],
    ),
    theCase(
      'signed in',
      [
        learn(),
        login(),
        look('a', 'before'),
        { do: 'forge', jar: 'a', label: 'forged', query: { error: 'access_denied', state: 'bogus', iss: '{issuer}' } },
        look('a'),
      ],
      [stillInAs('A', 'before', 'after'), noServerError('forged')],
    ),
  ]),
  row(
    'C06',
    theCase(
      '',
      [
        learn(),
        login(),
        look('a', 'before'),
        {
          do: 'forge',
          jar: 'a',
          label: 'forged',
          by: 'attacker',
          query: { error: 'access_denied', error_description: 'consent_refused', iss: '{issuer}' },
        },
        look('a'),
      ],
      [stillInAs('A', 'before', 'after')],
    ),
  ),
  row(
    'C07',
    theCase(
      '',
      [learn(), login('A', { label: 'login.1' }), look('a', 'before'), refuse('A'), look('a')],
      [inAsOrOut('A'), endsOnOwnPage('login'), saysWhatHappened('login')],
    ),
  ),
  row('C08', theCase('', [arm('authorization.error_with_code'), login(), look()], [out(), tokenRequests(0)])),
  row(
    'C09',
    theCase('', [arm('authorization.neither_code_nor_error'), ...refusal], handledRefusal(), { carrier: 'silent' }),
  ),
  row(
    'C10',
    (['mobile', 'captcha', 'verification', 'consent'] as const).map((page) =>
      theCase(`at ${page}`, [login('A', { plan: { leaveAt: page } }), look()], handledRefusal()),
    ),
  ),
  row('C11', [
    failing('too_many_attempts', 'access_denied', { description: 'too_many_attempts: the codes are used up' }),
    failing('login_required', 'login_required', { retries: 1 }),
  ]),
  row('C12', [
    failing('access_denied', 'access_denied', {
      description: 'expired: the login took too long',
      then: thenSignsIn,
      shown: 'login',
      expect: [afterwards],
    }),
    failing('interaction_required', 'interaction_required', {
      retries: 1,
      then: thenSignsIn,
      shown: 'login',
      expect: [afterwards],
    }),
  ]),
  row('C13', [
    failing('access_denied', 'access_denied', {
      description: 'unmet_authentication_requirements: the level cannot be reached',
    }),
    failing('unmet_authentication_requirements', 'unmet_authentication_requirements'),
  ]),
  row('C14', standardCodes),
  row('C15', failing('', 'emta_xyz', { description: 'something new' })),
  row(
    'C16',
    theCase(
      '',
      [
        arm('authorization.refused_at_once', undefined, 'client'),
        begin('A', 'login'),
        look(),
        { do: 'stay', jar: 'a', of: 'login', label: 'later' },
      ],
      [endsOnOwnPage('login'), noRetry('login'), noLaterRetry('later')],
    ),
    'alone',
  ),
  row(
    'C17',
    markupIn('', [arm('authorization.error', { error: 'access_denied', error_description: markup }), login()]),
  ),
  row('C18', [
    markupIn('in error', [arm('authorization.error', { error: markup }), login()]),
    markupIn('in state', [arm('authorization.state_altered', { value: markup }), refuse()]),
    markupIn('in error_uri', [arm('authorization.error', { error: 'access_denied', error_uri: markup }), login()]),
    markupIn(
      'a script as error_uri',
      [arm('authorization.error', { error: 'access_denied', error_uri: 'javascript:window.e{mark}=1' }), login()],
      [leadsNowhere(['login'], 'javascript:window.e{mark}')],
    ),
    markupIn(
      'an address as error_uri',
      [arm('authorization.error', { error: 'access_denied', error_uri: '{trap}/help' }), login()],
      [leadsNowhere(['login'], '{trap}/help')],
    ),
  ]),
  row(
    'C19',
    faulty('', 'authorization.error', { error: 'access_denied', error_description: callTheNumber }, [
      sentenceIsHidden(callTheNumber),
    ]),
  ),
  row('C20', theCase('', refusal, handledRefusal({ words: 'refusal' }))),
  row('C21', faulty('', 'consent.mobile_withheld', undefined, [numberUnproven()])),
  row(
    'C22',
    theCase(
      '',
      [...refusal, login('A', { label: 'login.2' }), look('a', 'after.2')],
      [during(told`after the refusal`, out()), inAs('A', 'after.2')],
    ),
  ),
  row(
    'C23',
    theCase(
      '',
      [refuse('A'), login('B', { jar: 'a', label: 'login.2' }), look('a')],
      [inAs('B'), nothingOf('A', ['login.2', 'after'])],
      { people: { A: {}, B: {} } },
    ),
  ),
  row(
    'C24',
    theCase(
      '',
      [refuse('A', { hold: true }), deliver('login', 'a', 'first'), deliver('login', 'a', 'second'), look()],
      [out(), noServerError('second')],
    ),
  ),
  row(
    'C25',
    theCase(
      '',
      [
        login('B', { label: 'b.first', jar: 'b1' }),
        login('B', { label: 'b.later', jar: 'b2' }),
        refuse('A'),
        login('A', { jar: 'fresh', label: 'login.2' }),
        look('fresh'),
      ],
      [inAs('A'), isFirstEntry('login.2', { first: 'b.first', later: 'b.later' })],
      { people: { A: {}, B: {} } },
    ),
  ),
  row(
    'C26',
    theCase('', [refuse(), { do: 'try-links', jar: 'a', of: 'login', label: 'links' }], [isKindly('login', 'links')]),
  ),
  row(
    'C27',
    theCase(
      '',
      [refuse()],
      [header('login', 'cache-control', /no-store|private/i, told`Cache-Control no-store or private`)],
    ),
  ),
  row(
    'C28',
    theCase(
      '',
      [refuse('A', { hold: true }), { do: 'raw', jar: 'a', of: 'login', label: 'raw' }],
      [oneResponseEach('raw')],
    ),
  ),
];
