import { belongsTo, findRow, loadCatalogue, type Row } from './catalogue.ts';
import type { Profile } from './verdict.ts';

/** The rows of a run: those chosen by id, else those of the profile; unknown ids are refused. */
export function chosenRows(profile: Profile, only: readonly string[] | null): readonly Row[] {
  const catalogue = loadCatalogue();
  if (only === null) return catalogue.filter((row) => belongsTo(row, profile));
  const chosen = new Set(only.map((id) => findRow(catalogue, id).id));
  return catalogue.filter((row) => chosen.has(row.id));
}
