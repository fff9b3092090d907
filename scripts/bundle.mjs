// Puts the compiled files of the two servers together into a few: a process loads one large file in a fraction of the
// time of many small ones. What other folders import keeps its place. Each module is there once; only the sale site's
// program holds its own of everything, packages too.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from './set-up.mjs';

const specifier = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

/** A file that finds its data by its own place has to stay as deep as it was: so far below the server's folder. */
const servers = [
  { server: 'provider', started: [], chunks: 'provider/parts/[hash]' },
  {
    server: join('conformance', 'sale-site'),
    started: [join('dist', 'conformance', 'sale-site', 'server.js')],
    chunks: 'conformance/sale-site/[hash]',
  },
];

export async function bundleServers(folder = root) {
  for (const server of servers) await bundle(folder, server);
  await bundleWhole(folder, join('dist', 'conformance', 'sale-site'), 'server.js');
}

const settingsFor = (folder) => ({
  absWorkingDir: folder,
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  metafile: true,
  logLevel: 'warning',
});

/** One file with all that it needs, for a program that a run starts a dozen times, and the licences of what is in it. */
async function bundleWhole(folder, place, program) {
  const { metafile } = await build({
    ...settingsFor(folder),
    entryPoints: [join(place, program)],
    outfile: join(place, program),
    // packages of CommonJS ask for node's own modules by `require`
    banner: {
      js: "import { createRequire as requirer } from 'node:module'; const require = requirer(import.meta.url);",
    },
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const packages = Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput === 0 ? [] : (/^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  );
  const licences = [...new Set(packages)].sort().map((name) => licenceOf(join(folder, name)));
  writeFileSync(join(folder, place, 'LICENCES.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Its own text of the licence; a few packages only name one. */
function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`expected ${name} ${version} to name its licence, got ${license}`);
  const file = readdirSync(folder).find((one) => /^licen[cs]e(?:[.-].*)?$/i.test(one));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}

async function bundle(folder, { server, started, chunks }) {
  const dist = join(folder, 'dist');
  const { metafile } = await build({
    ...settingsFor(folder),
    entryPoints: [...started, ...entriesOf(dist, join(dist, server))],
    outdir: 'dist',
    outbase: 'dist',
    chunkNames: chunks,
    splitting: true,
    packages: 'external',
  });
  for (const file of Object.keys(metafile.inputs)) if (!(file in metafile.outputs)) rmSync(join(folder, file));
}

/** The modules of a server that somebody else imports. */
function entriesOf(dist, server) {
  const entries = new Set();
  for (const file of scriptsBelow(dist).filter((name) => !name.startsWith(server))) {
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(specifier)) {
      const target = join(dirname(file), name);
      if (target.startsWith(server)) entries.add(relative(dirname(dist), target));
    }
  }
  return [...entries].sort();
}

function scriptsBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name));
}
