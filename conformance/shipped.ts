import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'emta-mock') return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json of emta-mock above ${import.meta.url}`);
  }
}

/** The path of a file that ships with the package, the same from the sources and from the build. */
export const shipped = (...path: readonly string[]): string => join(packageRoot(), ...path);
