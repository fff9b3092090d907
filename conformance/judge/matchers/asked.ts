import type { Trace } from '../../driver/user-agent.ts';
import { endOf } from '../../observe/reading.ts';
import type { Seen } from '../../observe/seen.ts';
import { type Told, told, verbatim } from '../../told.ts';
import { type Finding, type Matcher, matcher } from '../finding.ts';
import { isAuthorizeHop } from './refusal.ts';
import { notSeen } from './steps.ts';

/** One authorization request, wherever its parameters travelled. */
interface Asked {
  readonly url: string;
  readonly parameters: URLSearchParams;
}

/** What a request object says, RFC 9101; nothing for one that is encrypted. */
function membersOfJwt(jwt: string | null): readonly (readonly [string, string])[] {
  const payload = Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString('utf8');
  if (!payload.startsWith('{')) return [];
  const members: unknown = JSON.parse(payload);
  return typeof members !== 'object' || members === null
    ? []
    : Object.entries(members).map(
        ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const,
      );
}

/** The authorization requests of a step; pushed parameters stand with the request that names them. */
export function askedIn(seen: Seen, trace: Trace | undefined): readonly Asked[] {
  return (trace?.hops ?? [])
    .filter((hop) => isAuthorizeHop(hop, seen.setting))
    .map((hop) => {
      const parameters = new URLSearchParams(new URL(hop.url).search);
      for (const [name, value] of new URLSearchParams(hop.requestBody)) parameters.set(name, value);
      const pushed = parameters.get('request_uri');
      const par =
        pushed === null
          ? undefined
          : seen.exchanges.find(({ endpoint, response }) => endpoint === 'par' && response.body.includes(pushed));
      for (const [name, value] of Object.entries(par?.request.form ?? {})) parameters.set(name, value);
      for (const [name, value] of membersOfJwt(parameters.get('request'))) parameters.set(name, value);
      return { url: hop.url, parameters };
    });
}

export const allAsked = (seen: Seen): readonly Asked[] =>
  Object.values(seen.traces).flatMap((trace) => askedIn(seen, trace));

/** A matcher over the first authorization request of a step. */
export const overRequest = (
  title: string,
  expected: Told,
  read: (parameters: URLSearchParams, seen: Seen) => readonly [Finding['points'], Told],
  label?: string,
): Matcher =>
  matcher(title, (seen) => {
    const [asked] = label === undefined ? allAsked(seen) : askedIn(seen, seen.traces[label]);
    if (asked === undefined) {
      const trace = label === undefined ? Object.values(seen.traces)[0] : seen.traces[label];
      return notSeen(
        seen,
        'L',
        expected,
        told`no authorization request`,
        trace === undefined ? verbatim('') : endOf(trace),
      );
    }
    const [points, observed] = read(asked.parameters, seen);
    return { kind: 'L', expected, observed, where: verbatim(asked.url), positive: points !== 'unclear', points };
  });
