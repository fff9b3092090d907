import { belongsTo, findRow, loadCatalogue, type Row } from './catalogue.ts';
import { ConformanceError, isConformanceError } from './errors.ts';
import type { Profile } from './verdict.ts';

/** The rows of a run: those of the profile, or those chosen; what stands for no row is refused, all of it at once. */
export function chosenRows(profile: Profile, only: readonly string[] | null): readonly Row[] {
  const catalogue = loadCatalogue();
  const ofProfile = catalogue.filter((row) => belongsTo(row, profile));
  if (only === null) return ofProfile;
  const unknown: ConformanceError[] = [];
  /** An id stands for its row, in whatever profile; the letter of a group for the group's rows of this profile. */
  const rowsOf = (word: string): readonly Row[] => {
    const group = ofProfile.filter((row) => row.group === word.toUpperCase());
    if (group.length > 0) return group;
    try {
      return [findRow(catalogue, word)];
    } catch (error) {
      if (!isConformanceError(error) || error.code !== 'unknown_row') throw error;
      unknown.push(error);
      return [];
    }
  };
  const chosen = new Set(only.flatMap(rowsOf));
  const [first, ...more] = unknown;
  if (first !== undefined) {
    const hints = new Set(unknown.flatMap(({ lines }) => lines));
    throw new ConformanceError('unknown_row', first.message, {
      lines: [...more.map(({ message }) => message), ...hints],
    });
  }
  return catalogue.filter((row) => chosen.has(row));
}
