import { told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { isAuthorizeHop } from './refusal.ts';
import { out } from './session.ts';

/** Metadata of another issuer: no authorization request, or nobody is signed in, or it does not even start. */
export const stopsOnForeignMetadata: Matcher = matcher('it stops on metadata of another issuer', (seen) => {
  const expected = told`no authorization request, or nobody signed in`;
  if (seen.relaunchProblem !== undefined)
    return {
      kind: 'U',
      expected,
      observed: told`the relying party refuses to start`,
      where: verbatim(seen.relaunchProblem),
      positive: true,
      points: 'for',
    };
  const trace = seen.traces.login;
  if (
    trace !== undefined &&
    trace.ending.kind === 'page' &&
    !trace.hops.some((hop) => isAuthorizeHop(hop, seen.setting))
  ) {
    return {
      kind: 'L',
      expected,
      observed: told`no authorization request`,
      where: verbatim(trace.hops.at(-1)?.url ?? ''),
      positive: true,
      points: 'for',
    };
  }
  return out().match(seen);
});
