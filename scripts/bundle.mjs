// Puts the compiled files of provider/ together into a few: a process loads one large file in a fraction of the time of
// many small ones. What other folders import keeps its place, and each module is there once.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from './set-up.mjs';

const specifier = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

export async function bundleProvider(folder = root) {
  const dist = join(folder, 'dist');
  const provider = join(dist, 'provider');
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: entriesOf(dist, provider),
    outdir: 'dist',
    outbase: 'dist',
    chunkNames: 'provider/parts/[hash]',
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    metafile: true,
    logLevel: 'warning',
  });
  for (const file of Object.keys(metafile.inputs)) if (!(file in metafile.outputs)) rmSync(join(folder, file));
}

/** The modules of provider/ that somebody else imports. */
function entriesOf(dist, provider) {
  const entries = new Set();
  for (const file of scriptsBelow(dist).filter((name) => !name.startsWith(provider))) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(specifier)) {
      const target = join(dirname(file), name);
      if (target.startsWith(provider)) entries.add(relative(dirname(dist), target));
    }
  }
  return [...entries].sort();
}

function scriptsBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name));
}
