import { during } from '../judge/finding.ts';
import { keyFetches } from '../judge/matchers/endpoints.ts';
import { stopsOnForeignMetadata } from '../judge/matchers/metadata.ts';
import { endsOnOwnPage } from '../judge/matchers/refusal.ts';
import { inAs, inAtEither, knewTheKey, outUnlessTls, reported } from '../judge/matchers/session.ts';
import { asksElsewhere } from '../judge/matchers/token-request.ts';
import { told } from '../told.ts';
import { arm, disarm, login, look, row, theCase } from './parts.ts';
import type { Case, Scenario, Step } from './scenario.ts';

/** Clients that fetch keys once a minute at most know the new ones after this long. */
const COOL_DOWN = 61;
const key = { key: '{mark}' };

const freshKeys = told`verify the signature by a key set fetched anew, since the one that the library keeps may still hold the key`;

/** A second try for clients that limit how often they fetch keys; only where the first one failed. */
const secondTry = (first: string, second: string): Step => ({
  do: 'if-out',
  of: first,
  then: [
    { do: 'cool-down', seconds: COOL_DOWN },
    login('A', { jar: second, label: `login.${second}` }),
    look(second, second),
  ],
});

/** Where a copy can run beside the relying party, its first fetch of the key set belongs to the case. */
const copies: readonly (readonly [NonNullable<Case['onlyIf']>, readonly Step[]])[] = [
  ['can-be-copied', [{ do: 'relaunch' }]],
  ['cannot-be-copied', []],
];

/** A relying party that never fetches the key set again does not get the new key, and that is what the rows are about. */
const unfetched = { mayMiss: ['keys.announced'] };

/** Emta sends a number so many codes an hour, so twenty logins take five citizens. */
const five = ['A', 'B', 'C', 'D', 'E'] as const;
const unknownKids: readonly Step[] = five.flatMap((role) => [
  arm('id_token.kid_unknown', undefined, role),
  ...[1, 2, 3, 4].map((time) => login(role, { jar: `${role}${time}`, label: `login.${role}${time}` })),
]);

/** A login while the key set cannot be had, and one when it can. */
const recovers: readonly Step[] = [
  login(),
  look('a', 'between'),
  disarm('keys.used'),
  disarm('jwks.server_error'),
  login('A', { jar: 'second', label: 'login.2' }),
  look('second'),
];
const survives = [endsOnOwnPage('login', { allows503: true }), inAs('A')];

/** K · Discovery and keys. A key is announced to the whole issuer, which harms nobody, and used for one number. */
export const keyScenarios: readonly Scenario[] = [
  row(
    'K01',
    theCase(
      '',
      [arm('discovery.issuer_other', undefined, 'issuer'), { do: 'relaunch' }, login(), look()],
      [stopsOnForeignMetadata],
    ),
    'last',
  ),
  row(
    'K02',
    copies.map(([onlyIf, anew]) =>
      theCase(
        '',
        [
          arm('keys.announced', key, 'issuer'),
          ...anew,
          login('A', { jar: 'first', label: 'login.1' }),
          look('first', 'before'),
          arm('keys.withdrawn', key),
          login(),
          look(),
          secondTry('after', 'after.2'),
        ],
        [during(told`control, with the first key`, inAs('A', 'before')), inAtEither('A', ['after', 'after.2'])],
        { ...unfetched, onlyIf },
      ),
    ),
    'slow',
  ),
  row(
    'K03',
    theCase(
      '',
      [
        arm('keys.announced', key, 'issuer'),
        arm('keys.withdrawn', key),
        login(),
        look(),
        secondTry('after', 'after.2'),
      ],
      [inAtEither('A', ['after', 'after.2'])],
      unfetched,
    ),
    'slow',
  ),
  row(
    'K04',
    copies.map(([onlyIf, anew]) =>
      theCase(
        '',
        [
          arm('keys.announced', key, 'issuer'),
          ...anew,
          arm('keys.withdrawn', key),
          login('A', { jar: 'first', label: 'login.1' }),
          look('first', 'before'),
          secondTry('before', 'before.2'),
          disarm('keys.announced'),
          { do: 'cool-down', seconds: COOL_DOWN },
          login(),
          look(),
        ],
        [knewTheKey(['before', 'before.2']), outUnlessTls('after', freshKeys)],
        { ...unfetched, onlyIf },
      ),
    ),
    'slow',
  ),
  row(
    'K05',
    [
      theCase(
        'as it runs',
        [arm('jwks.server_error', undefined, 'issuer'), arm('keys.used', key, 'issuer'), ...recovers],
        survives,
        { when: '!launch' },
      ),
      theCase(
        'started anew',
        [arm('jwks.server_error', undefined, 'issuer'), { do: 'relaunch' }, ...recovers],
        survives,
        { when: 'launch' },
      ),
    ],
    'last',
  ),
  row(
    'K06',
    theCase(
      '',
      [...unknownKids, look('E4')],
      [keyFetches(10, 'against'), reported('after', told`twenty logins with unknown kids`)],
      {
        people: Object.fromEntries(five.map((role) => [role, {}])),
      },
    ),
    'quiet',
  ),
  row(
    'K07',
    theCase(
      '',
      [arm('discovery.token_endpoint_moved', undefined, 'issuer'), { do: 'relaunch' }, login(), look()],
      [inAs('A'), asksElsewhere('/service/v1/oauth/token')],
    ),
    'last',
  ),
];
