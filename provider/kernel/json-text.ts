import { type Parsed, parsed, refused } from './parsed.ts';
import type { Json } from './ports.ts';

/** Reads JSON; what is none is a value and not an exception. */
export function parseJson(text: string): Parsed<Json, 'no_json'> {
  try {
    return parsed(JSON.parse(text) as Json);
  } catch (error) {
    if (isThrown(error, 'SyntaxError')) return refused('no_json');
    throw error;
  }
}

/** Tells what was thrown by its name; `instanceof` fails across realms. */
export function isThrown(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}
