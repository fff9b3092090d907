import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

// `npm run pack [-- FOLDER]`: one file that installs anywhere, without this repository. `npm pack` alone would not
// build, because `.npmrc` runs no scripts.

const [folder = '.'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
  .trim()
  .split('\n')
  .at(-1);
process.stdout.write(`${join(folder, name ?? '')}\n`);
