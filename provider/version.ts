import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderAbove } from './kernel/folder-above.ts';

/** The version of this package. */
export const version: string = JSON.parse(
  readFileSync(join(folderAbove('package.json'), 'package.json'), 'utf8'),
).version;
