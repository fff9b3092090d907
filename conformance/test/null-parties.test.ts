import { expect, test } from '@jest/globals';
import { walkJourney } from '../driver/citizen-walker.ts';
import { emptyJar } from '../driver/jar.ts';
import type { Person } from '../driver/person.ts';
import { sitesApart } from '../driver/site.ts';
import { createUserAgent, type Trace } from '../driver/user-agent.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { ownEmta } from './own-emta.ts';
import { type NullFile, nullParties } from './rps/null-parties.ts';

const emta = ownEmta();

const agent = createUserAgent({ sites: sitesApart([]), locale: 'fa', now: () => performance.now(), hosts: new Set() });
const jar = emptyJar;

async function withParty(id: string, use: (file: NullFile, person: Person) => Promise<void>): Promise<void> {
  const party = nullParties.find((one) => one.id === id);
  if (party === undefined) throw new Error(`expected a null party, got "${id}"`);
  const started = await party.start({
    issuer: emta.issuer,
    clientId: `null-${id.toLowerCase()}`,
    clientSecret: 'made-up-secret-of-a-null-party',
    port: 0,
  });
  try {
    await emta.control.putClient({ ...started.file.client, redirect_uris: [...started.file.client.redirect_uris] });
    const [person] = await emta.control.draw(1, { min_age: 20 });
    if (person === undefined) throw new Error('expected one person, got none');
    await use(started.file, person);
  } finally {
    await started.close();
  }
}

const visit = (url: string, at = jar()): Promise<Trace> =>
  agent.visit(at, { method: 'GET', url }, { milliseconds: 500 });

async function login(
  file: NullFile,
  person: Person,
  consent: 'grant' | 'refuse' = 'grant',
  at = jar(),
): Promise<Trace> {
  const arrived = await agent.visit(at, { method: 'GET', url: file.start_url });
  return walkJourney(at, arrived, person, { consent }, { agent, control: emta.control, issuer: emta.issuer });
}

test.each(nullParties)('$id has a file that the harness takes', ({ id }) =>
  withParty(id, async (file) => {
    expect(parseRelyingParty(JSON.stringify(file), 'emta-rp.json').name).toBe(file.name);
  }),
);

test('Z1 refuses the connection', () =>
  withParty('Z1', async (file) => {
    expect((await visit(file.start_url)).ending).toMatchObject({ kind: 'broken', code: 'ECONNREFUSED' });
  }));

test('Z2 answers 500', () =>
  withParty('Z2', async (file) => {
    expect((await visit(file.protected_url)).hops.at(-1)?.status).toBe(500);
  }));

test('Z3 shows one name to everybody', () =>
  withParty('Z3', async (file, person) => {
    const text = (await visit(file.protected_url)).page?.text;
    expect(text).toContain('مریم رستگار');
    expect((await login(file, person)).page?.text).toBe(text);
  }));

test('Z4 sends back to Emta whoever comes from there', () =>
  withParty('Z4', async (file, person) => {
    const { page } = await login(file, person);
    expect(page?.url).toContain(`${emta.issuer}/journey/`);
  }));

test.each([
  ['Z5', 'welcome back'],
  ['Z5-alike', 'welcome'],
])('%s signs in and greets with %j', (id, greeting) =>
  withParty(id, async (file, person) => {
    const { page } = await login(file, person);
    expect(page?.text).toContain(greeting);
    expect(page?.text).not.toContain(person.familyName);
    expect((await visit(file.protected_url)).page?.text).toContain('welcome');
  }),
);

test('Z6 never answers', () =>
  withParty('Z6', async (file) => {
    expect((await visit(file.start_url)).ending.kind).toBe('silence');
  }));

test('Z7 shows the name while its probe says anonymous', () =>
  withParty('Z7', async (file, person) => {
    const at = jar();
    expect((await login(file, person, 'grant', at)).page?.text).toContain(person.familyName);
    expect((await visit(file.session_url?.url ?? '', at)).hops.at(-1)?.status).toBe(401);
  }));

test('Z8-user-agent handles a refusal of anything but a browser', () =>
  withParty('Z8-user-agent', async (file, person) => {
    const trace = await login(file, person, 'refuse');
    expect(trace.hops.at(-1)?.status).toBe(500);
    const callback = trace.hops.at(-1)?.url ?? '';
    const plain = await agent.visit(
      jar(),
      { method: 'GET', url: callback },
      { headers: { 'user-agent': 'harness/1' } },
    );
    expect(plain.hops.at(-1)?.status).toBe(400);
  }));

test('Z8-order handles the first refusals and no later one', () =>
  withParty('Z8-order', async (file, person) => {
    const { hops } = await login(file, person, 'refuse');
    expect(hops.at(-1)?.status).toBe(403);
    const callback = hops.at(-1)?.url ?? '';
    for (let count = 2; count <= 12; count += 1) expect((await visit(callback)).hops.at(-1)?.status).toBe(400);
    expect((await visit(callback)).hops.at(-1)?.status).toBe(500);
  }));
