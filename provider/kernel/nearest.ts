import { distance } from 'fastest-levenshtein';

/**
 * The known word that a misspelt one most likely stands for, if any is near enough to be worth saying. Two slips, as in
 * a pair of swapped letters, are near in a word of four letters or more.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({
    candidate,
    score: distance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  const best = scored.sort((a, b) => a.score - b.score)[0];
  if (!best) return undefined;
  return best.score <= Math.max(word.length > 3 ? 2 : 1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}
