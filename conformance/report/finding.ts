import { type Told, told, verbatim } from '../told.ts';
import type { Oracle, RowVerdict } from '../verdict.ts';

/** What decided a verdict, for people: expected, seen, where. */
export interface Finding {
  /** Why, where that says more than the other three. */
  readonly because?: Told;
  readonly expected: Told;
  readonly seen: Told;
  readonly where?: Told;
}

/** The observation a verdict rests on: judges put the deciding one first. */
export function findingOf(row: Pick<RowVerdict, 'oracles' | 'because'> & { readonly required: string }): Finding {
  const decisive: Oracle | undefined = row.oracles[0];
  if (decisive === undefined) return { expected: verbatim(row.required), seen: row.because };
  const { observed: seen, evidence: where, during } = decisive;
  // What is expected late in a row would read as if it were expected of all of it.
  const expected = during === undefined ? decisive.expected : told`${during}: ${decisive.expected}`;
  const isSaid = row.because.en.includes(expected.en) && row.because.en.includes(seen.en);
  return { ...(isSaid ? {} : { because: row.because }), expected, seen, ...(where.en === '' ? {} : { where }) };
}
