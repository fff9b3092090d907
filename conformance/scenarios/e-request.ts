import { impostorGetsNothing } from '../judge/matchers/impostor.ts';
import { noted } from '../judge/matchers/page.ts';
import {
  asksForCode,
  hasForgeryDefence,
  isFreshEachTime,
  keepsADefence,
  methodIsS256,
  namesNobody,
  redirectIsProtected,
  sends,
  trapGetsNothing,
  usesS256,
  verifierMatches,
} from '../judge/matchers/request.ts';
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
  calibrated('E10', [sends(['max_age'], 'max_age')]),
  calibrated('E11', [sends(['acr_values', 'claims'], 'acr_values or claims')]),
  row(
    'E12',
    [
      theCase(
        'a certificate outside ca_file',
        [{ do: 'relaunch', impostor: 'untrusted' }, login(), look()],
        [impostorGetsNothing, trapGetsNothing('credentials')],
      ),
      theCase(
        'a certificate for another name',
        [{ do: 'relaunch', impostor: 'other-name' }, login(), look()],
        [impostorGetsNothing, trapGetsNothing('credentials')],
      ),
    ],
    'last',
  ),
  calibrated('E13', [redirectIsProtected, noted('first', 'a login that begins')]),
];
