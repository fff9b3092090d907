import type { Person } from '../driver/person.ts';
import { mapTexts } from '../texts.ts';
import { escaped, whole } from './needles.ts';

/**
 * A value without the names of some people in its texts, whoever of them a site showed to whom. Their numbers and codes
 * are masked by their shape; a given name alone may be a word, and tells of nobody.
 */
export function nameless<T>(value: T, people: readonly Person[]): T {
  const byGivenName = new Map<string, Set<string>>();
  for (const { givenName, familyName } of people) {
    const names = byGivenName.get(givenName) ?? new Set();
    byGivenName.set(givenName, names.add(`${givenName} ${familyName}`));
  }
  return mapTexts(value, (text) => {
    let rest = text;
    // most texts name nobody, and many people share a given name
    for (const [givenName, names] of byGivenName)
      if (text.includes(givenName))
        for (const name of names) rest = rest.replaceAll(whole(escaped(name)), '[full name]');
    return rest;
  });
}
