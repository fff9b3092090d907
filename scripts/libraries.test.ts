import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../conformance/clock.ts';
import { type WalkPlan, walkJourney } from '../conformance/driver/citizen-walker.ts';
import { emptyJar, type Jar } from '../conformance/driver/jar.ts';
import { freePort } from '../conformance/driver/launch.ts';
import type { Person } from '../conformance/driver/person.ts';
import { sitesApart } from '../conformance/driver/site.ts';
import { createUserAgent, submission, type Trace } from '../conformance/driver/user-agent.ts';
import { ownEmta } from '../conformance/test/own-emta.ts';
import { codeBlocksOf } from './code-blocks.ts';
import { documentedClient } from './documented-settings.ts';
import { type RunningSite, runSite } from './libraries/run-site.ts';
import { librarySites } from './libraries/sites.ts';

// The settings of the page on libraries, as they stand there, in the smallest site that can use them.

const root = process.cwd();
const page = 'scripts/docs/relying-parties.md';
const blocks = codeBlocksOf(page, readFileSync(join(root, page), 'utf8'));
const agent = createUserAgent({ sites: sitesApart([]), locale: 'en', now: systemClock.now, hosts: new Set() });

const emta = ownEmta();

test('all settings of the page are run, or say why not', () => {
  const run = blocks.filter(({ notRun }) => notRun === undefined).flatMap(({ settingsOf }) => settingsOf ?? []);
  expect(run.sort()).toEqual(librarySites.map(({ library }) => library).sort());
});

async function drawPerson(): Promise<Person> {
  const [person] = await emta.control.draw(1, { min_age: 20 });
  if (person === undefined) throw new Error('expected one person, got none');
  return person;
}

/** Goes to where a login starts, presses the button where there is one, and goes through Emta's pages. */
async function login(jar: Jar, start: string, person: Person, plan: WalkPlan = {}): Promise<Trace> {
  let arrived = await agent.visit(jar, { method: 'GET', url: start });
  const [form] = arrived.page?.forms ?? [];
  if (arrived.page !== undefined && form !== undefined && !arrived.page.url.startsWith(emta.issuer)) {
    arrived = await agent.visit(jar, submission(form), { from: arrived.page.url, cause: 'form' });
  }
  return walkJourney(jar, arrived, person, plan, { agent, control: emta.control, issuer: emta.issuer });
}

for (const site of librarySites) {
  const lack = site.lacking();
  const name = `the settings for ${site.library}`;
  if (lack !== undefined) {
    // In CI a skipped test is a failure.
    test.skip(`${name} are not tried here, which ${lack}`, () => undefined);
    continue;
  }

  describe(name, () => {
    let running: RunningSite;
    beforeAll(async () => {
      const [block] = blocks.filter(({ settingsOf }) => settingsOf === site.library);
      expect(block?.file).toBe(site.file);
      const port = await freePort();
      running = await runSite(site, block?.text ?? '', { root, issuer: emta.issuer, port });
      const { redirect_uris: uris, ...client } = documentedClient(site.library);
      await emta.control.putClient({ ...client, redirect_uris: uris.map((uri) => uri.replace('8080', `${port}`)) });
    });
    afterAll(() => running?.stop());

    /** What the browser is shown at the page for those who are signed in; nothing where that leads to Emta. */
    const account = async (jar: Jar): Promise<string> => {
      const { page: shown } = await agent.visit(jar, { method: 'GET', url: `${running.origin}/account` });
      return shown?.url.startsWith(running.origin) ? shown.text : '';
    };

    test('sign a citizen in with name and number', async () => {
      const person = await drawPerson();
      const jar = emptyJar();
      const { hops } = await login(jar, `${running.origin}${site.start}`, person);
      expect(hops.at(-1)).toMatchObject({ status: 200, url: expect.stringContaining(running.origin) });
      const shown = await account(jar);
      expect(shown).toContain(person.familyName);
      expect(shown).toContain(person.mobile);
    });

    test.each(['refusal', 'mismatch'] as const)('tell a %s, and leave nobody signed in', async (end) => {
      const [person, owner] = [await drawPerson(), await drawPerson()];
      if (end === 'mismatch') {
        await emta.control.putPeople({
          lines: [{ mobile: person.mobile, owner: owner.nationalCode, state: 'active' }],
        });
      }
      const jar = emptyJar();
      const plan: WalkPlan = end === 'refusal' ? { consent: 'refuse' } : {};
      const { hops, page: last } = await login(jar, `${running.origin}${site.start}`, person, plan);
      expect(hops.at(-1)?.status).toBeLessThan(500);
      expect(last?.url).toContain(running.origin);
      const told = end === 'refusal' ? 'You did not grant the sign-in' : 'This mobile number is not registered to you';
      expect(last?.text).toContain(told);
      const shown = await account(jar);
      expect(shown).not.toContain(person.familyName);
      // Who was refused may try again in the same browser.
      if (end === 'mismatch') return;
      await login(jar, `${running.origin}${site.start}`, person);
      expect(await account(jar)).toContain(person.familyName);
    });
  });
}
