import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { ConformanceError } from '../errors.ts';

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

const noPlaywright = 'no playwright-core found: install it beside emta-mock (npm install --save-dev playwright-core)';

/** The program of a Chromium on this machine: `CHROMIUM`, or the first of the usual places. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return [env.CHROMIUM, ...usualPaths].find((path) => path !== undefined && path !== '' && existsSync(path));
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND');

/** playwright-core is looked up when a browser is wanted: who certifies over HTTP alone need not have it. */
async function loadPlaywright(): Promise<typeof import('playwright-core')> {
  try {
    return await import('playwright-core');
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConformanceError('browser_missing', `expected a browser to drive, got none: ${noPlaywright}`, {
      lines: [noChromium],
      cause: error,
    });
  }
}

/** Starts Chromium without a window and without anything that it would ask of the outside. */
export async function launchChromium(executablePath: string, args: readonly string[] = []): Promise<Browser> {
  const { chromium } = await loadPlaywright();
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
      ...args,
    ],
  });
}

/** Starts a Chromium for a run; refused where there is none. */
export async function openChromium(program: string | undefined, args: readonly string[]): Promise<Browser> {
  if (program === undefined) {
    throw new ConformanceError('browser_missing', `expected a browser to drive, got none: ${noChromium}`, {
      lines: ['leave "driver" out where the site works without JavaScript: the http driver needs no browser'],
    });
  }
  try {
    return await launchChromium(program, args);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error) throw error;
    throw new ConformanceError('browser_missing', `expected "${program}" to start, got ${firstLineOf(error)}`, {
      cause: error,
    });
  }
}

const firstLineOf = (error: unknown): string =>
  (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)).split(
    '\n',
    1,
  )[0] ?? '';
