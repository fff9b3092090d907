import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkCommandDriver } from '../commands/check-driver.ts';
import type { Io } from '../commands/io.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { judge, type StagedSite, saleSiteFolder, stageSaleSite } from './staged-site.ts';

const minutes = 60_000;
const shipped = join(saleSiteFolder, 'driver.mjs');
const folder = mkdtempSync(join(tmpdir(), 'emta-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

let site: StagedSite;
beforeEach(async () => {
  site = await stageSaleSite({ command: [process.execPath, shipped] });
});
afterEach(() => site.close());

async function check(fileText: string): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const file = join(folder, 'emta-rp.json');
  writeFileSync(file, fileText);
  let out = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    colours: { out: false, err: false },
    now: () => performance.timeOrigin + performance.now(),
    home: folder,
    controlToken: undefined,
    env: process.env,
    folder,
    stopped: new Promise(() => {}),
    pause: (milliseconds) => pause(milliseconds),
  };
  const code = await checkCommandDriver(file, { emta: site.emta.issuer }, io);
  return { code, lines: out.trim().split('\n').slice(1) };
}

test(
  'every message of the sale site’s driver is right',
  async () => {
    const { code, lines } = await check(site.fileText);
    expect(lines).toEqual([
      '  right      hello            takes start_login, state, logout, register, validation_code, captcha, sign_in',
      '  right      state            nobody is signed in, in an empty jar',
      '  right      start_login      sends the browser to Emta',
      '  right      state            tells who is signed in after a login',
      '  right      logout           answers',
      '  right      state            nobody is signed in after a logout',
      '  right      register         entry sends the browser to Emta',
      '  right      register         personal_data is answered with a page',
      '  right      validation_code  tells the code, or null',
      '  right      register         validation_code is answered with a page',
      '  right      captcha          tells the security code, or null',
      '  right      register         confirm is answered with a page',
      '  right      sign_in          is answered with a page',
      '  right      state            tells who is signed in by password after a registration',
      '  right      stop             answers, and the process ends',
      'all 15 answers are right',
    ]);
    expect(code).toBe(0);
  },
  3 * minutes,
);

const bent = (from: string, to: string): string => {
  const file = join(folder, 'bent.mjs');
  writeFileSync(
    file,
    `import { readFileSync } from 'node:fs';
const source = readFileSync(${JSON.stringify(shipped)}, 'utf8');
if (!source.includes(${JSON.stringify(from)})) throw new Error('the driver has changed');
await import('data:text/javascript,' + encodeURIComponent(source.replace(${JSON.stringify(from)}, ${JSON.stringify(to)})));
`,
  );
  return site.fileText.replace(JSON.stringify(shipped), JSON.stringify(file));
};

test(
  'a driver that takes everybody for signed in is told so, and the rest is tried',
  async () => {
    const { code, lines } = await check(bent('return { signed_in: false }', 'return { signed_in: true }'));
    expect(lines).toContain('  wrong      state            expected "signed_in" false, since nobody is, got true');
    expect(lines).toContain('  right      captcha          tells the security code, or null');
    expect(code).toBe(2);
  },
  3 * minutes,
);

test(
  'a driver that dies in a login ends the run as a fault of the set-up, and no row fails for it',
  async () => {
    const dying = bent('async state(browser) {', 'async state() { process.exit(7);');
    await expect(
      judge(parseRelyingParty(dying, join(folder, 'emta-rp.json')), site.emta, ['A03']),
    ).rejects.toMatchObject({
      code: 'driver_failed',
      message: expect.stringContaining('got its end (exit code 7) while "state" waited'),
    });
    expect((await check(dying)).lines).toContainEqual(expect.stringContaining('not tried  start_login'));
  },
  3 * minutes,
);

test(
  'the sale site is judged through its driver as without it, registration too',
  async () => {
    const only = ['A01', 'A02', 'A03', 'A04', 'A05', 'C01', 'D01', 'J04', 'R01', 'R02', 'R03', 'R08', 'R09', 'R14'];
    const rp = parseRelyingParty(site.fileText, join(folder, 'emta-rp.json'));
    expect((await judge(rp, site.emta, only)).rows).toEqual({ pass: only });
  },
  5 * minutes,
);
