import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file that holds `entry`; works from the sources, the build and an installed package. */
export function folderAbove(entry: string, from = import.meta.url): string {
  let folder = dirname(fileURLToPath(from));
  while (!existsSync(join(folder, entry))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`expected "${entry}" in a folder above ${fileURLToPath(from)}, found none`);
    folder = above;
  }
  return folder;
}
