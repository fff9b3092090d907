import type { Seen } from '../observe/seen.ts';
import type { Told } from '../told.ts';
import type { OracleKind } from '../verdict.ts';

/** What one matcher found. It says which way it points and no more; verdicts are the judge's. */
export interface Finding {
  readonly kind: OracleKind;
  readonly expected: Told;
  readonly observed: Told;
  /** Where, in one line. */
  readonly where: Told;
  /** Something was seen, as against something that stayed away. */
  readonly positive: boolean;
  readonly points:
    | 'for'
    | 'against'
    /** Against, but the row names it as no more than a warning. */
    | 'warn'
    /** Accepted what only the signature would have told, OIDC Core 3.1.3.7 (6). */
    | 'by-tls'
    /** Nobody can tell. */
    | 'unclear'
    /** The relying party never uses what the row is about. */
    | 'no-channel';
  /** Other cases beside this one may have caused it: look again with nobody else about. */
  readonly onlyAloneCounts?: true;
  readonly contradiction?: Told;
  /** When it was looked at, where that is not the moment the row is about: a control, or what follows. */
  readonly during?: Told;
}

/** A pure look at what a case saw. */
export interface Matcher {
  /** What must be the case, as a sentence. */
  readonly title: string;
  match(seen: Seen): readonly Finding[];
}

export const matcher = (title: string, match: (seen: Seen) => readonly Finding[] | Finding): Matcher => ({
  title,
  match(seen) {
    const found = match(seen);
    return 'kind' in found ? [found] : found;
  },
});

/** The same look at another moment than the one the row is about, named so that nobody takes it for that one. */
export const during = (moment: Told, { title, match }: Matcher): Matcher => ({
  title,
  match: (seen) => match(seen).map((finding) => ({ ...finding, during: moment })),
});
