import type { Json } from '../kernel/ports.ts';

/**
 * The members of a JSON object in the order of the wire. Unlike an object it can hold a name twice, which some
 * forgeries need.
 */
export type Members = readonly (readonly [name: string, value: Json])[];

export type JsonObject = { readonly [member: string]: Json };

export function membersOf(object: JsonObject): Members {
  return Object.entries(object);
}

/** The value under a name; of doubled names the last, as `JSON.parse` has it. */
export function memberOf(members: Members, name: string): Json | undefined {
  return members.findLast(([key]) => key === name)?.[1];
}

/** Puts a value where the name stands, or at the end. */
export function withMember(members: Members, name: string, value: Json): Members {
  return members.some(([key]) => key === name)
    ? members.map(([key, old]) => [key, key === name ? value : old] as const)
    : [...members, [name, value]];
}

export function withMembers(members: Members, changes: JsonObject): Members {
  return Object.entries(changes).reduce((sum, [name, value]) => withMember(sum, name, value), members);
}

export function withoutMembers(members: Members, ...names: readonly string[]): Members {
  return members.filter(([key]) => !names.includes(key));
}

/** Leaves the members alone unless the name is there. */
export function replaceMember(members: Members, name: string, change: (value: Json) => Json): Members {
  return members.map(([key, value]) => [key, key === name ? change(value) : value] as const);
}

export function membersText(members: Members): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
