import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
] as const;

/** What to tell where there is no browser. */
export const noChromium =
  'no Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM to the path of its program';

/** The program of a Chromium on this machine: `CHROMIUM`, or the first of the usual places. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return [env.CHROMIUM, ...usualPaths].find((path) => path !== undefined && existsSync(path));
}

/** Starts Chromium without a window and without anything that it would ask of the outside. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Chromium refuses its sandbox to root, which CI images often are.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}
