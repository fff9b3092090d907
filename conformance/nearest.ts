import { distance } from 'fastest-levenshtein';

/** The known word that a misspelt one most likely stands for, if any is near enough to be worth saying. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_.\s]/g, '');
  const [best] = known
    .map((candidate) => ({ candidate, score: distance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.score - b.score);
  if (best === undefined) return undefined;
  const tolerance = Math.max(word.length > 3 ? 2 : 1, Math.floor(Math.max(word.length, best.candidate.length) / 3));
  return best.score <= tolerance ? best.candidate : undefined;
}
