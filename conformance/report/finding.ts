import type { Oracle, RowVerdict } from '../verdict.ts';

/** What decided a verdict, for people: expected, seen, where. */
export interface Finding {
  readonly expected: string;
  readonly seen: string;
  readonly where: string;
}

/** The observation a verdict rests on: judges put the deciding one first. */
export function findingOf(row: Pick<RowVerdict, 'oracles' | 'because'> & { readonly required: string }): Finding {
  const decisive: Oracle | undefined = row.oracles[0];
  if (decisive === undefined) return { expected: row.required, seen: row.because, where: '' };
  return { expected: decisive.expected, seen: decisive.observed, where: decisive.evidence };
}
