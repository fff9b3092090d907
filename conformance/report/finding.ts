import type { Oracle, RowVerdict } from '../verdict.ts';

/** What decided a verdict, for people: expected, seen, where. */
export interface Finding {
  /** Why, where that says more than the other three; else empty. */
  readonly because: string;
  readonly expected: string;
  readonly seen: string;
  readonly where: string;
}

/** The observation a verdict rests on: judges put the deciding one first. */
export function findingOf(row: Pick<RowVerdict, 'oracles' | 'because'> & { readonly required: string }): Finding {
  const decisive: Oracle | undefined = row.oracles[0];
  if (decisive === undefined) return { because: '', expected: row.required, seen: row.because, where: '' };
  const { expected, observed: seen, evidence: where } = decisive;
  const isSaid = row.because.includes(expected) && row.because.includes(seen);
  return { because: isSaid ? '' : row.because, expected, seen, where };
}
