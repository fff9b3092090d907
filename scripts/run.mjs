// `node scripts/run.mjs NAME …`: sets up what a fresh clone lacks, then runs the compiled scripts/NAME.ts here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, root, stop } from './set-up.mjs';

const [name] = process.argv.splice(2, 1);
ensureInstalled();
if (ensureBuilt() !== 0) stop('the build failed, see above');
const file = join(root, 'dist', 'scripts', `${name}.js`);
if (!existsSync(file)) stop(`expected the name of a script in scripts/, got "${name}"`);
await import(pathToFileURL(file).href);
