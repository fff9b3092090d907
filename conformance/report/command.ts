import type { Profile } from '../verdict.ts';

/** What a run was asked for beside its rows, as far as a repetition must ask for the same. */
export interface Asked {
  /** `--emta` */
  readonly emta?: string | undefined;
  /** `EMTA_URL`, where `--emta` does not outrank it. */
  readonly emtaUrl?: string | undefined;
  /** `--baseline` */
  readonly baseline?: string | undefined;
  /** `--concurrency` */
  readonly concurrency?: number | undefined;
  /** `--skip-waits` */
  readonly skipWaits?: boolean | undefined;
}

export interface Repeatable {
  /** The relying party's file as it was named. */
  readonly fileName: string;
  readonly profile: Profile;
  readonly seed: string;
  readonly asked: Asked;
}

/** A word of a shell command, quoted where it must be. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The command that repeats a run, or some of its rows. */
export function commandOf({ fileName, profile, seed, asked }: Repeatable, only: readonly string[] | null): string {
  const { emta, emtaUrl, baseline, concurrency, skipWaits } = asked;
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, quoted(value)]);
  return [
    ...(emta === undefined && emtaUrl ? [`EMTA_URL=${quoted(emtaUrl)}`] : []),
    'npx emta certify',
    quoted(fileName),
    ...option('--only', only?.join(',')),
    ...option('--profile', profile),
    ...option('--seed', seed),
    ...option('--emta', emta),
    ...option('--baseline', baseline),
    ...option('--concurrency', concurrency?.toString()),
    ...(skipWaits ? ['--skip-waits'] : []),
  ].join(' ');
}
