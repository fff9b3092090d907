import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderAbove } from '../kernel/folder-above.ts';

export const spokenLanguages = ['fa', 'en'] as const;

export type SpokenLanguage = (typeof spokenLanguages)[number];

/** The spoken characters of one language: mono, unsigned samples of 8 bits around 128. */
export interface Clips {
  readonly rate: number;
  readonly of: ReadonlyMap<string, Uint8Array>;
}

/** Reads the clips that `scripts/captcha-clips.mjs` made; `clips/README.md` describes the file. */
export function readClips(language: SpokenLanguage): Clips {
  const file = readFileSync(join(folderAbove('provider'), 'provider', 'captcha', 'clips', `${language}.clips`));
  const lineBreak = file.indexOf('\n');
  const head = JSON.parse(file.toString('utf8', 0, lineBreak)) as {
    readonly rate: number;
    readonly lengths: Readonly<Record<string, number>>;
  };
  const clips = new Map<string, Uint8Array>();
  let start = lineBreak + 1;
  // Members that look like numbers come first, when the file is made as when it is read.
  for (const [character, length] of Object.entries(head.lengths)) {
    clips.set(character, file.subarray(start, start + length));
    start += length;
  }
  if (start !== file.length) {
    throw new Error(`expected "${language}.clips" to have ${start} bytes, got ${file.length}`);
  }
  return { rate: head.rate, of: clips };
}
