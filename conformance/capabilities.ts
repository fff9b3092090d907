import { type CapabilityName, capabilityNames, type OptionalMember, optionalMembers } from './capability-names.ts';
import { capabilityWords } from './capability-words.ts';
import { ConformanceError } from './errors.ts';
import { nearest } from './nearest.ts';
import { listed, type Told, told, verbatim } from './told.ts';
import type { Face } from './verdict.ts';

/** One capability as the run takes it, and where that comes from. */
export interface CapabilityReading {
  readonly name: CapabilityName;
  readonly declared: boolean | null;
  /** What the calibration saw; null where it could not tell. */
  readonly observed: boolean | null;
  readonly taken: boolean;
  readonly source: 'observed' | 'declared' | 'assumed';
  /** Declaration against observation, in words. */
  readonly contradiction: Told | null;
}

type Flags = Readonly<Partial<Record<CapabilityName, boolean>>>;

const assumed = (name: CapabilityName, face: Face): boolean => name === 'iss_param' && face === 'oidc';

/** Settles every capability: what is seen outranks what is said, what is said outranks what is assumed. */
export function settleCapabilities(declared: Flags, observed: Flags, face: Face): readonly CapabilityReading[] {
  return capabilityNames.map((name) => {
    const said = declared[name] ?? null;
    const seen = observed[name] ?? null;
    const source = seen !== null ? 'observed' : said !== null ? 'declared' : 'assumed';
    const isContradicted = said !== null && seen !== null && said !== seen;
    const contradiction = !isContradicted
      ? null
      : seen
        ? told`"${`capabilities.${name}`}" is declared false, but the relying party was seen to use it; what was seen counts`
        : told`"${`capabilities.${name}`}" is declared true, but the relying party was seen not to use it; what was seen counts`;
    return { name, declared: said, observed: seen, taken: seen ?? said ?? assumed(name, face), source, contradiction };
  });
}

/** A name that a condition may hold. */
type ConditionName = CapabilityName | OptionalMember;

type Expression =
  | { readonly kind: 'name'; readonly name: ConditionName }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and'; readonly of: readonly Expression[] };

const knownNames: readonly ConditionName[] = [...capabilityNames, ...optionalMembers];

function refuse(text: string, what: string): never {
  throw new ConformanceError(
    'catalogue_invalid',
    `expected "applies_when" to be an expression, got "${text}": ${what}`,
  );
}

/** Parses `oidc && !nonce && (launch && pkce)`; unknown names are refused. */
export function parseExpression(text: string): Expression {
  const tokens = text.match(/&&|[!()]|[a-z_]+|\S/g) ?? [];
  let at = 0;
  const unary = (): Expression => {
    const token = tokens[at];
    at += 1;
    if (token === '!') return { kind: 'not', of: unary() };
    if (token === '(') {
      const inner = conjunction();
      if (tokens[at] !== ')') refuse(text, 'a bracket is not closed');
      at += 1;
      return inner;
    }
    if (token === undefined) return refuse(text, 'it ends where a name should stand');
    if (!/^[a-z_]+$/.test(token)) return refuse(text, `"${token}" stands where a name should`);
    const name = knownNames.find((known) => known === token);
    if (name === undefined) {
      const near = nearest(token, knownNames);
      return refuse(text, `unknown name "${token}"${near === undefined ? '' : `, did you mean "${near}"?`}`);
    }
    return { kind: 'name', name };
  };
  const conjunction = (): Expression => {
    const parts = [unary()];
    while (tokens[at] === '&&') {
      at += 1;
      parts.push(unary());
    }
    const [only, ...others] = parts;
    return only !== undefined && others.length === 0 ? only : { kind: 'and', of: parts };
  };
  const expression = conjunction();
  if (at < tokens.length) refuse(text, `"${tokens[at]}" is left over`);
  return expression;
}

/** The first part of a condition that does not hold. */
function firstObstacle(expression: Expression, isTrue: (name: ConditionName) => boolean): Expression | null {
  switch (expression.kind) {
    case 'name':
      return isTrue(expression.name) ? null : expression;
    case 'not':
      return firstObstacle(expression.of, isTrue) === null ? expression : null;
    case 'and':
      for (const part of expression.of) {
        const obstacle = firstObstacle(part, isTrue);
        if (obstacle !== null) return obstacle;
      }
      return null;
  }
}

/** That a condition holds, or that it does not, said of a site. */
function inWords(expression: Expression, holds = true): Told {
  switch (expression.kind) {
    case 'name':
      return capabilityWords[expression.name][holds ? 'yes' : 'no'];
    case 'not':
      return inWords(expression.of, !holds);
    case 'and':
      return listed(
        expression.of.map((part) => inWords(part, holds)),
        holds ? 'and' : 'or',
      );
  }
}

/** A condition in plain words, said of a site. */
export const conditionInWords = (text: string): Told => inWords(parseExpression(text));

/** How a part of a condition is known; what was neither seen nor declared can be declared yet. */
function knownHow(expression: Expression, readings: readonly CapabilityReading[], isThere = false): Told {
  switch (expression.kind) {
    case 'not':
      return knownHow(expression.of, readings, !isThere);
    case 'and':
      return listed(
        expression.of.map((part) => knownHow(part, readings, isThere)),
        'semicolon',
      );
    case 'name': {
      const { name } = expression;
      const declaration = `capabilities.${name}`;
      switch (readings.find((reading) => reading.name === name)?.source) {
        case 'observed':
          return told`as was seen in this run`;
        case 'declared':
          return told`as its file says in ${declaration}`;
        case 'assumed':
          return told`an assumption: it was not seen, and the file says nothing of ${declaration}`;
        case undefined:
          return isThere ? told`its file has ${name}` : told`its file has no ${name}`;
      }
    }
  }
}

export interface Applicability {
  readonly applies: boolean;
  /** Why not, for the report; empty when it applies. */
  readonly because: Told;
}

/** Whether a row applies, and if not, which part of its condition says so. */
export function applicability(
  appliesWhen: string | null,
  readings: readonly CapabilityReading[],
  present: readonly OptionalMember[],
): Applicability {
  if (appliesWhen === null) return { applies: true, because: verbatim('') };
  const isTrue = (name: ConditionName) =>
    readings.find((reading) => reading.name === name)?.taken ?? present.some((member) => member === name);
  const condition = parseExpression(appliesWhen);
  const obstacle = firstObstacle(condition, isTrue);
  if (obstacle === null) return { applies: true, because: verbatim('') };
  const because = told`about a site that ${inWords(condition)}; this one ${inWords(obstacle, false)} (${knownHow(obstacle, readings)})`;
  return { applies: false, because };
}
