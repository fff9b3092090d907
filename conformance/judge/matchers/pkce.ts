import { createHash } from 'node:crypto';
import { codesIn } from '../../driver/user-agent.ts';
import { listed, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { allAsked, askedIn, overRequest } from './asked.ts';
import { notSeen } from './steps.ts';

/** PKCE by S256, with a new challenge each time. */
export const usesS256 = matcher('it uses PKCE with S256', (seen) => {
  const asked = allAsked(seen);
  const expected = told`code_challenge of 43 characters, method S256, different each time`;
  const where = verbatim(asked.at(-1)?.url ?? '');
  if (asked.length === 0) return notSeen(seen, 'L', expected, told`no authorization request`, where);
  const wrong = asked.find(
    ({ parameters }) =>
      parameters.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(parameters.get('code_challenge') ?? ''),
  );
  if (wrong !== undefined) {
    const challenge = wrong.parameters.get('code_challenge');
    return {
      kind: 'L',
      expected,
      observed:
        challenge === null
          ? told`no code_challenge`
          : told`method ${wrong.parameters.get('code_challenge_method') ?? told`(absent)`}, ${challenge.length} character(s)`,
      where: verbatim(wrong.url),
      positive: true,
      points: 'against',
    };
  }
  const different = new Set(asked.map(({ parameters }) => parameters.get('code_challenge'))).size;
  return {
    kind: 'L',
    expected,
    observed: told`${different} different challenge(s) in ${asked.length} request(s)`,
    where,
    positive: true,
    points: different === asked.length ? 'for' : 'against',
  };
});

/** The method is S256, whatever else was offered. */
export const methodIsS256 = (label = 'login', otherwise: 'against' | 'warn' = 'against'): Matcher =>
  overRequest(
    'the method is S256',
    verbatim('code_challenge_method=S256'),
    (parameters) => {
      const method =
        parameters.get('code_challenge_method') ?? (parameters.has('code_challenge') ? 'plain' : '(absent)');
      return [method === 'S256' ? 'for' : otherwise, verbatim(`code_challenge_method=${method}`)];
    },
    label,
  );

/** Nonce and state are sent as ever beside the challenge. */
export const keepsADefence = (label = 'login'): Matcher =>
  overRequest(
    'the defence beside plain PKCE stays',
    told`state and nonce as ever`,
    (parameters, seen) => {
      const usual = (['state', 'nonce'] as const).filter(
        (name) => seen.setting.capabilities.find((one) => one.name === name)?.taken === true,
      );
      const missing = usual.filter((name) => (parameters.get(name) ?? '') === '');
      const method = `method ${parameters.get('code_challenge_method') ?? (parameters.has('code_challenge') ? 'plain' : '(none)')}`;
      return [
        missing.length === 0 && usual.length > 0 ? 'for' : 'against',
        missing.length > 0
          ? told`without ${listed(missing, 'and')}; ${method}`
          : told`${usual.length === 0 ? told`neither` : listed(usual, 'and')}; ${method}`,
      ];
    },
    label,
  );

/** The verifier is well-formed and matches the challenge. */
export const verifierMatches = (label: string): Matcher =>
  matcher('the code_verifier is valid', (seen) => {
    const expected = told`43 to 128 unreserved characters that match the challenge`;
    const [asked] = askedIn(seen, seen.traces[label]);
    const challenge = asked?.parameters.get('code_challenge') ?? undefined;
    const codes = codesIn(seen.traces[label]?.hops ?? []);
    const token = seen.exchanges.find(
      ({ endpoint, request }) => endpoint === 'token' && codes.has(request.form.code ?? ''),
    );
    const verifier = token?.request.form.code_verifier;
    if (challenge === undefined || token === undefined)
      return notSeen(seen, 'L', expected, told`no challenge, or no token request`, verbatim(label));
    const where = told`exchange ${token.seq}`;
    if (verifier === undefined)
      return { kind: 'L', expected, observed: told`no code_verifier`, where, positive: true, points: 'against' };
    const isPlain = asked?.parameters.get('code_challenge_method') !== 'S256';
    const hashed = isPlain ? verifier : createHash('sha256').update(verifier).digest('base64url');
    const isWell = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier);
    return {
      kind: 'L',
      expected,
      observed:
        hashed === challenge
          ? told`${verifier.length} character(s), matching`
          : told`${verifier.length} character(s), not matching`,
      where,
      positive: true,
      points: isWell && hashed === challenge ? 'for' : 'against',
    };
  });
