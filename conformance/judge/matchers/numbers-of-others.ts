import { endOf, isAnswered, type Reading } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { needlesOn } from '../../observe/whereabouts.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { numberUnproven } from './number.ts';

const labels = ['login', 'after'];

/** The page on which the number of a citizen stands, whole or masked. */
function showing(seen: Seen, role: string): string | undefined {
  for (const label of labels) {
    for (const trace of [seen.traces[label], seen.looks[label]?.page]) {
      const page = trace?.page;
      if (page === undefined || !seen.setting.origins.includes(new URL(page.url).origin)) continue;
      if ((needlesOn(seen, page.body)[role] ?? []).some(({ what }) => what === 'mobile number')) return page.url;
    }
  }
  return undefined;
}

const numberNowhere = (
  role: string,
  title: string,
  expected: Told,
  otherwise: Told,
  isSure: (look: Reading | undefined) => boolean,
): Matcher =>
  matcher(title, (seen) => {
    const page = showing(seen, role);
    const look = seen.looks.after;
    if (page !== undefined)
      return {
        kind: 'N',
        expected,
        observed: told`it is shown`,
        where: verbatim(page),
        positive: true,
        points: 'against',
      };
    return {
      kind: 'N',
      expected,
      observed: otherwise,
      where: look === undefined ? verbatim('') : endOf(look.page),
      positive: isSure(look),
      points: look !== undefined && seen.traces.login !== undefined ? 'for' : 'unclear',
    };
  });

/** The old number has gone from the account. */
export const numberGone = (role: string): Matcher =>
  numberNowhere(
    role,
    'the old number is gone',
    told`the old number of ${role} nowhere on his account`,
    told`the old number is shown nowhere`,
    (look) => look?.page.ending.kind === 'page',
  );

/** The number that nobody verified is shown nowhere. */
export const numberHidden = (role: string): Matcher =>
  numberNowhere(
    role,
    'the unverified number is not taken',
    told`the number of userinfo, which is not verified, nowhere`,
    told`the number is shown nowhere`,
    (look) => look !== undefined && (isAnswered(look.page) || look.probe.kind === 'anonymous'),
  );

/** The claims of the ID token that Emta gave, where it gave one. */
export function idTokenClaims(seen: Seen): Readonly<Record<string, unknown>> {
  for (const { endpoint, response } of seen.exchanges.toReversed()) {
    const token = endpoint === 'token' ? /"id_token"\s*:\s*"[^".]*\.([^".]*)\./.exec(response.body)?.[1] : undefined;
    if (token === undefined) continue;
    const claims: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof claims === 'object' && claims !== null) return Object.fromEntries(Object.entries(claims));
  }
  return {};
}

/** Unproven without userinfo, unless the ID token carried the number as verified. */
export const provenNumberHolds: Matcher = matcher('the number is unproven, or came with the ID token', (seen) => {
  const { phone_number, phone_number_verified } = idTokenClaims(seen);
  if (phone_number !== undefined && phone_number_verified === true) {
    return {
      kind: 'L',
      expected: told`the number unproven, unless the ID token carried it`,
      observed: told`the ID token carried it as verified`,
      where: told`Emta's record`,
      positive: true,
      points: 'for',
    };
  }
  return numberUnproven().match(seen);
});
