import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function ownVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const manifest = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    if (manifest.name === 'emta-mock') return manifest.version;
    if (dirname(folder) === folder) throw new Error('no package.json of emta-mock above this file');
  }
}

/** The version of this package; the harness does not ask the provider for it. */
export const version: string = ownVersion();
