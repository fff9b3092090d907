import { type DefectEntry, defects, nameOf } from '../defects/index.ts';
import { beyondThisProcess, certifySaleSite } from './sale-site-run.ts';

/** Rows that a defect must turn red and that this process can run; of a defect's variants some need another list. */
const rowsOf = ({ rows, face }: DefectEntry): readonly string[] =>
  rows.filter((id) => !beyondThisProcess.includes(id) && (face === 'oauth2' || !id.startsWith('M')));

/** Defects that can be shown here, by name: those of the list, or those of single rows. */
export const runnable = (ofTheList: boolean): readonly (readonly [name: string, defect: DefectEntry])[] =>
  defects.flatMap((entry) =>
    entry.id.startsWith('X') === ofTheList && rowsOf(entry).length > 0 ? [[nameOf(entry), entry] as const] : [],
  );

/** The rows that did not turn red, with what they said, and defects of the harness itself. */
export async function stillGreen(defect: DefectEntry): Promise<readonly string[]> {
  const only = rowsOf(defect);
  const { verdicts, facts } = await certifySaleSite({ defect, only });
  const green = only.flatMap((id) => {
    const verdict = verdicts.get(id);
    return verdict?.verdict === 'fail' || verdict?.verdict === 'warn'
      ? []
      : [`${id} ${verdict?.verdict}: ${verdict?.because.en}`];
  });
  return [...green, ...facts.defects];
}
