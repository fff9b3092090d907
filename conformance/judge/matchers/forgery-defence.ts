import { listed, told, verbatim } from '../../told.ts';
import { type Matcher, matcher } from '../finding.ts';
import { allAsked, askedIn, overRequest } from './asked.ts';
import { notSeen } from './steps.ts';

/** State, challenge or nonce. */
export const hasForgeryDefence = overRequest(
  'it defends itself against forgery',
  told`state, or else a challenge or nonce`,
  (parameters) => {
    const has = ['state', 'code_challenge', 'nonce'].filter((name) => (parameters.get(name) ?? '') !== '');
    if (has.includes('state')) return ['for', listed(has, 'comma')];
    return has.length > 0 ? ['warn', told`no state, but ${listed(has, 'and')}`] : ['against', told`none of the three`];
  },
);

const BITS_OF_NONCE = 128;

/** The alphabets that values are written in, the smallest first, and how many letters each has. */
const alphabets: readonly (readonly [letters: RegExp, size: number])[] = [
  [/^\d*$/, 10],
  [/^[0-9a-f-]*$/i, 16],
  [/^[0-9a-z]*$/, 36],
  [/^[0-9A-Z]*$/, 36],
  [/^[0-9a-z]*$/i, 62],
];

/** Bits of each value at most, by its length and the alphabet that all of them are written in. */
function bitsIn(values: readonly string[]): (value: string) => number {
  const size = alphabets.find(([letters]) => values.every((value) => letters.test(value)))?.[1] ?? 64;
  return (value) => value.replaceAll('-', size === 16 ? '' : '-').length * Math.log2(size);
}

/** A parameter is there and new in each authorization request. */
export const isFreshEachTime = (
  parameter: string,
  options: { readonly bits?: boolean; readonly besides?: readonly string[] } = {},
): Matcher =>
  matcher(`${parameter} is fresh each time`, (seen) => {
    const asked = allAsked(seen);
    const expected = told`${asked.length} different value(s) of ${parameter}${options.bits === true ? told` of at least ${BITS_OF_NONCE} bit(s)` : ''}`;
    const where = verbatim(asked.at(-1)?.url ?? '');
    if (asked.length < 2) return notSeen(seen, 'L', expected, told`too few requests`, where);
    const values = asked.map(({ parameters }) => parameters.get(parameter) ?? '');
    const missing = values.filter((value) => value === '').length;
    const different = new Set(values).size;
    const isFresh = (name: string) =>
      new Set(asked.map(({ parameters }) => parameters.get(name) ?? '')).size === asked.length &&
      asked.every(({ parameters }) => (parameters.get(name) ?? '') !== '');
    const bitsOf = bitsIn(values);
    const weak = options.bits === true ? values.find((value) => bitsOf(value) < BITS_OF_NONCE) : undefined;
    if (missing === 0 && different === values.length && weak === undefined)
      return {
        kind: 'L',
        expected,
        observed: told`${different} different value(s)`,
        where,
        positive: true,
        points: 'for',
      };
    const observed =
      missing > 0
        ? told`${missing} request(s) without it`
        : weak !== undefined
          ? told`"${weak}", about ${Math.round(bitsOf(weak))} bit(s)`
          : told`${different} different value(s) in ${values.length} request(s)`;
    return {
      kind: 'L',
      expected,
      observed,
      where,
      positive: true,
      points: options.besides?.some(isFresh) === true ? 'warn' : 'against',
    };
  });

/** Two logins redeem two codes, and at least one of the three values differs. */
export const differsBetween = (first: string, second: string): Matcher =>
  matcher('two logins differ', (seen) => {
    const expected = told`two codes redeemed, and another state, nonce or challenge`;
    const [[one], [two]] = [askedIn(seen, seen.traces[first]), askedIn(seen, seen.traces[second])];
    if (one === undefined || two === undefined) {
      return notSeen(seen, 'L', expected, told`the relying party starts no second login`, verbatim(second));
    }
    const codes = new Set(
      seen.exchanges.flatMap(({ endpoint, request, response }) =>
        endpoint === 'token' && response.status === 200 ? (request.form.code ?? []) : [],
      ),
    );
    if (!seen.exchanges.some(({ endpoint }) => endpoint === 'token')) {
      return {
        kind: 'L',
        expected,
        observed: told`the relying party redeems no code at all`,
        where: verbatim(two.url),
        positive: false,
        points: 'unclear',
      };
    }
    const changed = ['state', 'nonce', 'code_challenge'].filter(
      (name) => one.parameters.get(name) !== two.parameters.get(name),
    );
    return {
      kind: 'L',
      expected,
      observed:
        changed.length === 0
          ? told`${codes.size} code(s) redeemed, none of the three changed`
          : told`${codes.size} code(s) redeemed, ${listed(changed, 'comma')} changed`,
      where: verbatim(two.url),
      positive: true,
      points: codes.size >= 2 && changed.length > 0 ? 'for' : 'against',
    };
  });
