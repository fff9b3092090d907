import { hasForgeryDefence, isFreshEachTime } from '../judge/matchers/forgery-defence.ts';
import { impostorGetsNothing } from '../judge/matchers/impostor.ts';
import { noted } from '../judge/matchers/page.ts';
import { keepsADefence, methodIsS256, usesS256, verifierMatches } from '../judge/matchers/pkce.ts';
import { asksForCode, namesNobody, redirectIsProtected, sends } from '../judge/matchers/request.ts';
import { told, verbatim } from '../told.ts';
import { arm, calibrated, login, look, row, theCase } from './parts.ts';
import type { Case, Scenario, Step } from './scenario.ts';

/** Metadata are read again only by a relying party that starts anew. */
const withMetadata = (fault: string, expect: Case['expect']): readonly Case[] =>
  (['launch', '!launch'] as const).map((when) => {
    const anew: readonly Step[] = when === 'launch' ? [{ do: 'relaunch' }] : [];
    return theCase(
      when === 'launch' ? 'started anew' : 'as it runs',
      [arm(fault, undefined, 'issuer'), ...anew, login(), look()],
      expect,
      { when, mayMiss: [fault] },
    );
  });

const words = { untrusted: 'a certificate outside ca_file', 'other-name': 'a certificate for another name' } as const;
const faults = { untrusted: 'tls.certificate_untrusted', 'other-name': 'tls.certificate_other_name' } as const;

/** E · Authorization request. */
export const requestScenarios: readonly Scenario[] = [
  calibrated('E01', [hasForgeryDefence]),
  calibrated('E02', [isFreshEachTime('state', { besides: ['nonce', 'code_challenge'] })]),
  calibrated('E03', [isFreshEachTime('nonce', { bits: true })]),
  calibrated('E04', [usesS256]),
  row('E05', withMetadata('discovery.s256_and_plain', [methodIsS256('login')]), 'last'),
  row('E06', withMetadata('discovery.plain_only', [keepsADefence('login')]), 'last'),
  calibrated('E07', [verifierMatches('login')]),
  calibrated('E08', [namesNobody('A', 'login')]),
  calibrated('E09', [asksForCode]),
  calibrated('E10', [sends(['max_age'], verbatim('max_age'))]),
  calibrated('E11', [sends(['acr_values', 'claims'], told`acr_values or claims`)]),
  row(
    'E12',
    (['untrusted', 'other-name'] as const).flatMap((kind) => [
      theCase(
        words[kind],
        [
          { do: 'relaunch', with: kind },
          arm('authorization.iss_other', { issuer: '{issuer_of_the_copy}' }),
          arm('id_token.iss_other', { issuer: '{issuer_of_the_copy}' }),
          login(),
          look(),
        ],
        [impostorGetsNothing],
        { onlyIf: 'issuer-is-http', mayMiss: ['authorization.iss_other', 'id_token.iss_other'] },
      ),
      theCase(
        words[kind],
        [arm(faults[kind], undefined, 'issuer'), { do: 'relaunch' }, login(), look()],
        [impostorGetsNothing],
        {
          onlyIf: 'issuer-is-https',
          mayMiss: [faults[kind]],
        },
      ),
    ]),
    'last',
  ),
  calibrated('E13', [redirectIsProtected, noted('first', told`a login that begins`)]),
];
