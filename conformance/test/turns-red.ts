import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { type DefectEntry, defects, isNeighbour, nameOf } from '../defects/index.ts';
import { seededChance } from '../driver/chance.ts';
import type { RowVerdict } from '../verdict.ts';
import { beyondThisProcess, certifySaleSite } from './sale-site-run.ts';
import { seedOf } from './seed.ts';

/** How many rows that have nothing to do with a defect are looked at beside it; `npm run matrix` looks at all. */
const SAMPLE = 5;

const isHere = (id: string, { face }: DefectEntry): boolean =>
  !beyondThisProcess.includes(id) && (face === 'oauth2' || !id.startsWith('M'));

/** Rows that a defect must turn red and that this process can run; of a defect's variants some need another list. */
const rowsOf = (defect: DefectEntry): readonly string[] => defect.rows.filter((id) => isHere(id, defect));

/** Some of the rows that a defect must leave alone, drawn by its name. */
export function sampleFor(defect: DefectEntry): readonly string[] {
  const isKnown = (id: string) => defect.rows.includes(id) || isNeighbour(defect, id);
  const others = loadCatalogue().flatMap(({ id }) => (isKnown(id) || !isHere(id, defect) ? [] : [id]));
  return seededChance(seedOf(nameOf(defect)))
    .shuffled(others)
    .slice(0, SAMPLE);
}

/** So many files share the defects, for as many processes as there are. */
export const SHARES = 5;

/** Defects that can be shown here. */
const runnable = (): readonly DefectEntry[] => defects.filter((entry) => rowsOf(entry).length > 0);

/** One test for each defect of a share, 1 to `SHARES`. */
export function defectsTurnTheirRowsRed(share: number): void {
  const mine = runnable().filter((_, index) => index % SHARES === share - 1);
  test.each(mine.map((defect) => [nameOf(defect), defect] as const))(
    '%s turns its rows red, and none of a sample of the others',
    async (_name, defect) => expect(await misjudged(defect)).toEqual([]),
    240_000,
  );
}

const isRed = (verdict: RowVerdict | undefined) => verdict?.verdict === 'fail' || verdict?.verdict === 'warn';

/** Rows that a defect should have turned red and did not, rows that it should have left alone, faults of the harness. */
export async function misjudged(
  defect: DefectEntry,
  mayNot: readonly string[] = sampleFor(defect),
): Promise<readonly string[]> {
  const must = rowsOf(defect);
  const may = defect.neighbours === 'any' ? [] : (defect.neighbours ?? []).filter((id) => isHere(id, defect));
  const { verdicts, facts } = await certifySaleSite({ defect, only: [...must, ...may, ...mayNot] });
  const told = (id: string, from = verdicts) => `${id} ${from.get(id)?.verdict}: ${from.get(id)?.because.en}`;
  // What a defect does it does each time; a machine that was busy may keep a site waiting once.
  const suspects = mayNot.filter((id) => isRed(verdicts.get(id)));
  const again = suspects.length === 0 ? undefined : await certifySaleSite({ defect, only: suspects });
  return [
    ...must.filter((id) => !isRed(verdicts.get(id))).map((id) => `survived ${told(id)}`),
    ...suspects.filter((id) => isRed(again?.verdicts.get(id))).map((id) => `unexpected ${told(id, again?.verdicts)}`),
    ...facts.defects,
    ...(again?.facts.defects ?? []),
  ];
}
