import { type Matcher, matcher } from '../finding.ts';

/** No code, secret or token reached an issuer whose certificate cannot be trusted. */
export const impostorGetsNothing: Matcher = matcher('the impostor gets nothing', (seen) => {
  const expected = 'no call with a code, secret or token at an issuer without a certificate to trust';
  const call = seen.exchanges.find(({ endpoint }) => endpoint === 'token');
  if (call !== undefined)
    return {
      kind: 'L',
      expected,
      observed: 'a token request',
      where: `exchange ${call.seq}`,
      positive: true,
      points: 'against',
    };
  if (seen.relaunchProblem !== undefined)
    return {
      kind: 'U',
      expected,
      observed: `the relying party refuses to start: ${seen.relaunchProblem}`,
      where: 'the relaunch',
      positive: true,
      points: 'for',
    };
  const trace = seen.traces.login;
  return {
    kind: 'L',
    expected,
    observed: 'none',
    where: "Emta's record",
    positive: trace?.ending.kind === 'page',
    points: trace === undefined ? 'unclear' : 'for',
  };
});
