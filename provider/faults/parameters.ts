import type { Json } from '../kernel/ports.ts';

/** What a parameter of a fault may hold. */
export interface ParameterSpec {
  readonly type: 'string' | 'number' | 'boolean' | 'json';
  readonly required?: true;
  /** The values allowed, for a string. */
  readonly oneOf?: readonly string[];
  /** What stands in where nothing is given. */
  readonly default?: string | number | boolean;
  /** One sentence for the table of faults. */
  readonly meaning: string;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

type ValueOf<S extends ParameterSpec> = S extends { readonly oneOf: readonly (infer Choice)[] }
  ? Choice
  : S['type'] extends 'string'
    ? string
    : S['type'] extends 'number'
      ? number
      : S['type'] extends 'boolean'
        ? boolean
        : Json;

type Always<P extends ParameterSpecs> = {
  [K in keyof P]: P[K] extends { readonly required: true } | { readonly default: string | number | boolean }
    ? K
    : never;
}[keyof P];

/** The values of a fault's parameters, typed by its schema. */
export type ParameterValues<P extends ParameterSpecs> = {
  readonly [K in Always<P>]: ValueOf<P[K]>;
} & { readonly [K in Exclude<keyof P, Always<P>>]?: ValueOf<P[K]> };

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function wrongValue(name: string, spec: ParameterSpec, value: Json): string | undefined {
  if (spec.type !== 'json' && typeOf(value) !== spec.type) {
    return `expected parameter "${name}" to be a ${spec.type}, got ${typeOf(value)}`;
  }
  if (spec.oneOf && !spec.oneOf.some((choice) => choice === value)) {
    return `expected parameter "${name}" to be one of ${spec.oneOf.join(', ')}, got "${String(value)}"`;
  }
  return undefined;
}

/** Every problem of the parameters given for a fault, in words; none when they can be used. */
export function parameterProblems(specs: ParameterSpecs, given: Readonly<Record<string, Json>>): readonly string[] {
  const known = Object.keys(specs);
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(specs, name))
    .map((name) => `unknown parameter "${name}", known are: ${known.length === 0 ? 'none' : known.join(', ')}`);
  const wrong = Object.entries(specs).flatMap(([name, spec]) => {
    const value = given[name];
    if (value === undefined) {
      return spec.required ? [`missing parameter "${name}" (${spec.type}: ${spec.meaning})`] : [];
    }
    return wrongValue(name, spec, value) ?? [];
  });
  return [...unknown, ...wrong];
}

/** Types parameters that were checked when the fault was armed, and fills in what was left out. */
export function parseParameters<P extends ParameterSpecs>(
  specs: P,
  given: Readonly<Record<string, Json>>,
): ParameterValues<P> {
  const problems = parameterProblems(specs, given);
  if (problems.length > 0) {
    throw new TypeError(problems.join('; '));
  }
  const filled = Object.entries(specs).flatMap(([name, spec]) => {
    const value = given[name] === undefined ? spec.default : given[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(filled) as ParameterValues<P>;
}
