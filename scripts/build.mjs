// Compiles to dist/ and lays pages and data beside the code, at the same relative places as in the sources. With
// `--if-stale` only where another command has not done so meanwhile.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleServers } from './bundle.mjs';
import { copyAssets, root, run, say, sourcesOf, staleBuild, takeTurn } from './set-up.mjs';
import { compileTemplates } from './templates.mjs';

const leave = takeTurn();
if (!process.argv.includes('--if-stale') || staleBuild()) await build();
leave();

async function build() {
  say('building');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const files = sourcesOf();
  const code = run(process.execPath, [tsc, '-p', join('scripts', 'tsconfig.build.json')]);
  if (code !== 0) process.exit(code);
  copyAssets();
  compileTemplates();
  await bundleServers();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, 'dist', '.built'), `${JSON.stringify({ files })}\n`);
}
