import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../conformance/driver/launch.ts';
import { startEmbeddedEmta } from '../conformance/embedded.ts';
import { findChromium, noChromium } from './chromium.ts';

// Runs every example of conformance/examples against the built package, as their README says, and closes with 1 where
// one fails. The one with a real browser is left out, with the reason, where there is no Chromium; in CI that fails.

const bin = (name: string, file: string) => join('node_modules', name, file);
const example = (...parts: readonly string[]) => join('conformance', 'examples', ...parts);
const isCi = !['', 'false', undefined].includes(process.env.CI);
const chromium = findChromium(process.env);
const emta = await startEmbeddedEmta({ port: 0 });
/** Where the site of `own-site` listens. */
const sitePort = String(await freePort());
/** Milliseconds for one test, instead of the runner's five seconds: whole logins, beside all that `npm test` runs. */
const patience = '60000';
const jestHere = [bin('jest', 'bin/jest.js'), '--ci', '--testTimeout', patience, '--config'];
const jest = ['--experimental-vm-modules', '--no-warnings', ...jestHere];

const commands: Readonly<Record<string, readonly string[]>> = {
  jest: [...jest, example('jest', 'jest.config.json')],
  'jest-commonjs': [...jestHere, example('jest-commonjs', 'jest.config.json')],
  vitest: [bin('vitest', 'vitest.mjs'), 'run', '--testTimeout', patience, '--root', example('vitest')],
  'node-test': ['--test', example('node-test', 'sign-in.mjs')],
  'own-site': ['--test', example('own-site', 'sign-in.mjs')],
  playwright: [
    ...[bin('@playwright/test', 'cli.js'), 'test', '--timeout', patience],
    ...['--config', example('playwright', 'playwright.config.mjs')],
  ],
  certify: [...jest, example('certify', 'jest.config.json')],
};

let failures = 0;
for (const [name, args] of Object.entries(commands)) {
  if (name === 'playwright' && chromium === undefined) {
    process.stdout.write(`${isCi ? 'FAILED ' : 'skipped'} ${name}: ${noChromium}\n`);
    if (isCi) failures += 1;
    continue;
  }
  const { code, output } = await run(args);
  const isGood = code === 0;
  process.stdout.write(`${isGood ? 'ok     ' : 'FAILED '} ${name}\n`);
  if (isGood) continue;
  failures += 1;
  process.stdout.write(`${output}\n`);
}
await emta.close();
process.exitCode = failures > 0 ? 1 : 0;

/** Not the synchronous way: Emta answers in this very process. */
async function run(args: readonly string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      EMTA_RP_FILE: join(process.cwd(), 'conformance', 'sale-site', 'emta-rp.json'),
      EMTA_URL: emta.issuer,
      PORT: sitePort,
      ...(chromium && { CHROMIUM: chromium }),
    },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code, output: Buffer.concat(chunks).toString() };
}
