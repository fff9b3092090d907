import { tokenInHeader } from '../judge/matchers/access-token.ts';
import { cookiesAreSmall } from '../judge/matchers/headers.ts';
import { numberProven } from '../judge/matchers/number.ts';
import { endsOnOwnPage, noServerError } from '../judge/matchers/refusal.ts';
import { asksForCode, asksForRegisteredScopes } from '../judge/matchers/request.ts';
import { inAs } from '../judge/matchers/session.ts';
import { authenticatesOnce, redirectIsRepeated } from '../judge/matchers/token-request.ts';
import { unharmed } from '../judge/matchers/unharmed.ts';
import { arm, calibrated, faulty, login, look, row, theCase } from './parts.ts';
import type { Scenario } from './scenario.ts';

const signsIn = [inAs('A')];
const bears = [noServerError('login'), endsOnOwnPage('login', { allows503: true })];

/** B · Success path. */
export const successScenarios: readonly Scenario[] = [
  calibrated('B01', [asksForCode, asksForRegisteredScopes]),
  row('B02', [
    theCase('from start_url', [login()], [redirectIsRepeated('login')]),
    theCase('from registration_url', [login('A', { from: 'registration' })], [redirectIsRepeated('login')], {
      when: 'registration',
    }),
  ]),
  calibrated('B03', [authenticatesOnce]),
  calibrated('B04', [tokenInHeader]),
  row('B05', faulty('', 'answers.unknown_members', undefined, signsIn)),
  row('B06', faulty('', 'id_token.aud_array', undefined, signsIn)),
  row('B07', [
    faulty('bearer', 'token.type', { token_type: 'bearer' }, signsIn),
    faulty('BEARER', 'token.type', { token_type: 'BEARER' }, signsIn),
  ]),
  row('B08', faulty('', 'token.optional_members_missing', undefined, signsIn)),
  row(
    'B09',
    theCase('', [arm('id_token.kid_missing_single_key', undefined, 'issuer'), login(), look()], signsIn),
    'first',
  ),
  calibrated('B10', [inAs('A'), numberProven('A')], 'after'),
  row('B11', [
    theCase('a joiner, and Arabic letters', [login(), look()], [inAs('A'), unharmed()], {
      people: { A: { givenName: 'يكتا', familyName: 'كاوياني\u200cنژاد' } },
    }),
    theCase('a national code with leading zeros', [login(), look()], [inAs('A'), unharmed()], {
      people: { A: { nationalCodeBegins: '0' } },
    }),
    theCase('born on a leap day', [login(), look()], [inAs('A'), unharmed()], {
      people: { A: { bornOn: '1997-03-20' } },
    }),
    theCase('born at Nowruz', [login(), look()], [inAs('A'), unharmed()], { people: { A: { bornOn: '1983-03-21' } } }),
  ]),
  row('B12', [
    faulty('token answer after 4 s', 'token.slow', { milliseconds: 4000 }, bears),
    faulty('userinfo after 4 s', 'userinfo.slow', { milliseconds: 4000 }, bears, { when: 'oidc && userinfo' }),
    faulty('identity resource after 4 s', 'resource_identity.slow', { milliseconds: 4000 }, bears, { when: '!oidc' }),
    faulty('mobile resource after 4 s', 'resource_mobile.slow', { milliseconds: 4000 }, bears, { when: '!oidc' }),
  ]),
  row('B13', faulty('', 'id_token.large', { bytes: 8192 }, [inAs('A'), cookiesAreSmall(), noServerError()])),
];
