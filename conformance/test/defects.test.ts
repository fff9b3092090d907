import { expect, test } from '@jest/globals';
import { type DefectEntry, defects, nameOf } from '../defects/index.ts';
import { beyondThisProcess, certifySaleSite } from './sale-site-run.ts';

/** Rows that a defect must turn red and that this process can run; of a defect's variants some need another list. */
const rowsOf = ({ rows, face }: DefectEntry): readonly string[] =>
  rows.filter((id) => !beyondThisProcess.includes(id) && (face === 'oauth2' || !id.startsWith('M')));

const runnable = defects.flatMap((entry) => (rowsOf(entry).length === 0 ? [] : [[nameOf(entry), entry] as const]));

test.each(runnable)(
  '%s turns its rows red',
  async (_name, defect) => {
    const only = rowsOf(defect);
    const { verdicts, facts } = await certifySaleSite({ defect, only });
    const notRed = only.flatMap((id) => {
      const verdict = verdicts.get(id);
      return verdict?.verdict === 'fail' || verdict?.verdict === 'warn'
        ? []
        : [`${id} ${verdict?.verdict}: ${verdict?.because}`];
    });
    expect(notRed).toEqual([]);
    expect(facts.defects).toEqual([]);
  },
  240_000,
);
