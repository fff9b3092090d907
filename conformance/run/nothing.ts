import type { Row } from '../catalogue.ts';
import type { Run } from '../engine.ts';
import { ConformanceError } from '../errors.ts';
import type { RunFacts } from '../facts.ts';
import { notRun } from '../judge/judge.ts';
import type { Told } from '../told.ts';
import type { Face, Profile } from '../verdict.ts';

type KnownFacts = Omit<RunFacts, 'order' | 'capabilities' | 'contradictions' | 'defects' | 'fingerprints'>;

/** A run in which no row is run, all for one reason, so that each of them is inconclusive. */
export function runOfNothing(
  rows: readonly Row[],
  because: Told,
  context: { readonly face: Face; readonly profile: Profile },
  facts: KnownFacts,
): Run {
  const verdicts = new Map(rows.map((row) => [row.id, notRun(row, 'inconclusive', because, context)]));
  const fingerprints = { anonymous: null, refused: null, signedIn: null, otherSignedIn: null };
  return {
    rows,
    async verdictOf(id) {
      const verdict = verdicts.get(id);
      if (verdict === undefined) throw new ConformanceError('unknown_row', `expected a row of this run, got "${id}"`);
      return verdict;
    },
    async close() {
      return { ...facts, order: [], capabilities: [], contradictions: [], defects: [], fingerprints };
    },
  };
}
