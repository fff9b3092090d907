#!/usr/bin/env node
// The command `emta`. In a clone it first sets up what is missing, so that `npx emta` works at once; in the installed
// package everything is there.
import { existsSync } from 'node:fs';

const inClone = new URL('set-up.mjs', import.meta.url);
const built = new URL('../dist/conformance/cli.js', import.meta.url);

// A worker of `--workers` comes after the process that has set up.
if (existsSync(inClone) && process.env.NODE_UNIQUE_ID === undefined) {
  const { ensureBuilt, ensureInstalled, stop } = await import(inClone.href);
  ensureInstalled();
  if (ensureBuilt() !== 0) stop('the build failed, see above');
}
if (existsSync(built)) {
  const { main } = await import(built.href);
  await main();
} else {
  process.stderr.write('emta: this package was packed before it was built; `npm run pack` in the clone does both\n');
  process.exitCode = 2;
}
