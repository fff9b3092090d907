import { told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';

/** No code, secret or token reached an issuer whose certificate cannot be trusted. */
export const impostorGetsNothing: Matcher = matcher('the impostor gets nothing', (seen) => {
  const expected = told`no call with a code, secret or token at an issuer without a certificate to trust`;
  const call = seen.exchanges.find(({ endpoint }) => endpoint === 'token');
  if (call !== undefined)
    return {
      kind: 'L',
      expected,
      observed: told`a token request`,
      where: told`exchange ${call.seq}`,
      positive: true,
      points: 'against',
    };
  if (seen.relaunchProblem !== undefined)
    return {
      kind: 'U',
      expected,
      observed: told`the relying party refuses to start: ${seen.relaunchProblem}`,
      where: told`the relaunch`,
      positive: true,
      points: 'for',
    };
  const trace = seen.traces.login;
  return {
    kind: 'L',
    expected,
    observed: told`none`,
    where: told`Emta's record`,
    positive: trace?.ending.kind === 'page',
    points: trace === undefined ? 'unclear' : 'for',
  };
});

/** Neither a code nor a secret reached the hostile issuer. */
export const hostileGetsNothing: Matcher = matcher('the hostile issuer gets nothing', (seen) => {
  const expected = told`no call of the hostile token endpoint`;
  const call = seen.hostile.find(({ endpoint }) => endpoint === 'token');
  if (call !== undefined) {
    return {
      kind: 'L2',
      expected,
      observed: told`a token request with the code of the honest issuer`,
      where: told`exchange ${call.seq} of the hostile issuer`,
      positive: true,
      points: 'against',
    };
  }
  const wasPassedOn = seen.hostile.some(({ endpoint }) => endpoint === 'authorize');
  const page = seen.traces.login?.page;
  const isDone = page !== undefined && seen.setting.origins.includes(new URL(page.url).origin);
  const isSeen = wasPassedOn && isDone;
  return {
    kind: 'L2',
    expected,
    observed: wasPassedOn
      ? told`the login was passed on, and no code came`
      : (seen.stopped ?? told`no login reached the hostile issuer`),
    where: page === undefined ? told`the hostile issuer` : verbatim(page.url),
    positive: isSeen,
    points: isSeen ? 'for' : 'unclear',
  };
});
