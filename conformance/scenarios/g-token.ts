import { tokenNotPresented } from '../judge/matchers/access-token.ts';
import { markerStaysText, markup } from '../judge/matchers/markup.ts';
import { endsOnOwnPage, handledRefusal, noServerError, type RefusalOptions } from '../judge/matchers/refusal.ts';
import { hidesSecret, trapGetsNothing } from '../judge/matchers/secrets.ts';
import { inAsOrOut, out } from '../judge/matchers/session.ts';
import { codesOnce } from '../judge/matchers/token-request.ts';
import { calibrated, faulty, row } from './parts.ts';
import type { Scenario } from './scenario.ts';

/** One further token request may follow a refused one. */
const refusedCode = (options: RefusalOptions = {}) => handledRefusal({ tokenRequests: 2, ...options });
const clean = [out(), endsOnOwnPage('login', { allows503: true, otherwise: 'warn' })];
const outOrSelf = [inAsOrOut('A'), noServerError()];

/** G · Token endpoint. */
export const tokenScenarios: readonly Scenario[] = [
  row('G01', faulty('', 'token.error', { status: 400, error: 'invalid_grant' }, refusedCode({ allows503: true }))),
  row(
    'G02',
    faulty('', 'token.error', { status: 401, error: 'invalid_client' }, [
      ...refusedCode({ allows503: true }),
      hidesSecret,
    ]),
  ),
  row('G03', faulty('', 'token.server_error', undefined, refusedCode({ allows503: true }))),
  row('G04', [
    faulty('no answer', 'token.hang', undefined, clean),
    faulty('a connection reset', 'token.reset', undefined, clean),
  ]),
  row('G05', faulty('', 'token.id_token_missing', undefined, [out()])),
  row('G06', faulty('', 'token.access_token_missing', undefined, outOrSelf)),
  row('G07', faulty('', 'token.type', { token_type: 'mac' }, [tokenNotPresented, inAsOrOut('A')])),
  row('G08', faulty('', 'token.error_beside_tokens', undefined, [out()])),
  row('G09', [
    faulty('wrong content type', 'token.wrong_content_type', undefined, [out(), noServerError()]),
    faulty('invalid JSON', 'token.invalid_json', undefined, [out(), noServerError()]),
  ]),
  row(
    'G10',
    faulty('', 'token.error', { status: 400, error: 'invalid_grant', error_description: markup }, [
      markerStaysText(['login', 'after']),
    ]),
  ),
  row(
    'G11',
    [307, 302].map((status) =>
      faulty(String(status), 'token.redirect', { status, trap_url: '{trap}' }, [trapGetsNothing('credentials'), out()]),
    ),
  ),
  calibrated('G12', [codesOnce]),
];
