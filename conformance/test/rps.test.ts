import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { systemClock } from '../clock.ts';
import { type WalkPlan, walkJourney } from '../driver/citizen-walker.ts';
import { emptyJar, type Jar } from '../driver/jar.ts';
import type { Person } from '../driver/person.ts';
import { sitesApart } from '../driver/site.ts';
import { createUserAgent, type Trace } from '../driver/user-agent.ts';
import { ownEmta } from './own-emta.ts';
import { relyingParties } from './rps/index.ts';
import type { RelyingPartyKind, RunningRelyingParty } from './rps/relying-party.ts';

const emta = ownEmta();

const agent = createUserAgent({ sites: sitesApart([]), locale: 'fa', now: systemClock.now, hosts: new Set() });

/** Starts the relying party, registers it at Emta, and hands it to the test. */
async function withShop(kind: RelyingPartyKind, use: (shop: RunningRelyingParty) => Promise<void>): Promise<void> {
  const clientId = `shop-${kind.id}`;
  const clientSecret = `made-up-secret-of-${kind.id}`;
  const shop = await kind.start({ issuer: emta.issuer, clientId, clientSecret, port: 0 });
  try {
    await emta.control.putClient({
      ...shop.client,
      redirect_uris: [...shop.client.redirect_uris],
      client_name: shop.name,
    });
    await use(shop);
  } finally {
    await shop.close();
  }
}

async function login(shop: RunningRelyingParty, jar: Jar, person: Person, plan: WalkPlan = {}): Promise<Trace> {
  const arrived = await agent.visit(jar, { method: 'GET', url: shop.start_url });
  return walkJourney(jar, arrived, person, plan, { agent, control: emta.control, issuer: emta.issuer });
}

async function statusOf(jar: Jar, url: string): Promise<number | undefined> {
  return (await agent.visit(jar, { method: 'GET', url })).hops.at(-1)?.status;
}

async function drawPerson(): Promise<Person> {
  const [person] = await emta.control.draw(1, { min_age: 20 });
  if (person === undefined) throw new Error('expected one person, got none');
  return person;
}

test('the page on libraries tells of each', () => {
  const page = readFileSync('scripts/docs/relying-parties.md', 'utf8');
  for (const { id, what, correct } of relyingParties)
    expect(page).toContain(`| \`${id}\` | ${what} | ${correct ? 'yes' : 'no: '}`);
});

test.each(relyingParties)('$id signs a citizen in with name and number, and out again', (kind) =>
  withShop(kind, async (shop) => {
    const person = await drawPerson();
    const jar = emptyJar();
    expect(await statusOf(jar, shop.protected_url)).toBe(401);
    const { page } = await login(shop, jar, person);
    expect(page?.url).toBe(shop.protected_url);
    expect(page?.text).toContain(person.familyName);
    expect(page?.text).toContain(person.mobile);
    expect(await statusOf(jar, shop.session_url.url)).toBe(200);
    expect(await statusOf(jar, shop.mobile_status.url)).toBe(200);
    await agent.visit(jar, shop.logout_url, { from: shop.protected_url, cause: 'form' });
    expect(await statusOf(jar, shop.session_url.url)).toBe(401);
  }),
);

test.each(relyingParties)('$id tells a refusal, and lets the citizen think again', (kind) =>
  withShop(kind, async (shop) => {
    const person = await drawPerson();
    const jar = emptyJar();
    const { page } = await login(shop, jar, person, { consent: 'refuse' });
    expect(page?.text).toContain(shop.refusal.text);
    expect(await statusOf(jar, shop.session_url.url)).toBe(401);
    expect((await login(shop, jar, person)).page?.url).toBe(shop.protected_url);
  }),
);

test.each(relyingParties)('$id tells a mismatch of the mobile number', (kind) =>
  withShop(kind, async (shop) => {
    const [person, owner] = [await drawPerson(), await drawPerson()];
    await emta.control.putPeople({ lines: [{ mobile: person.mobile, owner: owner.nationalCode, state: 'active' }] });
    const jar = emptyJar();
    const { page } = await login(shop, jar, person);
    expect(page?.text).toContain(shop.mismatch.text);
    expect(await statusOf(jar, shop.session_url.url)).toBe(401);
  }),
);

test.each(relyingParties)('$id takes no callback that this browser did not ask for', (kind) =>
  withShop(kind, async (shop) => {
    const { hops } = await login(shop, emptyJar(), await drawPerson());
    const callback = hops.find(({ url }) => url.startsWith(`${shop.client.redirect_uris[0]}?`))?.url ?? '';
    const victim = emptyJar();
    expect(await statusOf(victim, callback)).toBe(400);
    expect(await statusOf(victim, shop.session_url.url)).toBe(401);
  }),
);
