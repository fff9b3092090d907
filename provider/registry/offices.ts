import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderAbove } from '../kernel/folder-above.ts';

interface OfficesFile {
  readonly serial_letters: readonly string[];
  readonly offices: readonly { readonly place: string; readonly prefixes: readonly string[] }[];
}

const folder = join(folderAbove('provider'), 'provider', 'registry');
const file = JSON.parse(readFileSync(join(folder, 'offices.json'), 'utf8')) as OfficesFile;

/** A civil registration office, and the three digits that national codes issued there begin with. */
export interface Office {
  readonly prefix: string;
  readonly place: string;
}

/**
 * A row for each prefix, as the published tables have them. Prefixes that those tables give to two places are left
 * out, and so are those of no one place.
 */
export const offices: readonly Office[] = file.offices.flatMap(({ place, prefixes }) =>
  prefixes.map((prefix) => ({ prefix, place })),
);

/** The letters that the series of a shenasnameh begins with. */
export const serialLetters: readonly string[] = file.serial_letters;
