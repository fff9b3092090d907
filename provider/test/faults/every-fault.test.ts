import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../../kernel/ports.ts';
import { faultCases } from './cases.ts';
import { differences, type Lab, type Login, type LoginOptions, missed, openLab, type Target } from './lab.ts';

/** These need an Emta that serves TLS: tls.test.ts. */
const elsewhere = ['tls.certificate_untrusted', 'tls.certificate_other_name'];

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const sound = new Map<string, Promise<Login>>();

/** The same login without a fault; one serves all cases that log in alike. */
function soundLogin({ givesUpAt: _never, ...options }: LoginOptions): Promise<Login> {
  const key = JSON.stringify(options);
  const login = sound.get(key) ?? lab.login(options);
  sound.set(key, login);
  return login;
}

function filledIn(parameters: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const other = lab.persona('plain-man').typed;
  const values: Readonly<Record<string, string>> = { '{victim}': other.nationalCode, '{other}': other.mobile };
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'string' ? (values[value] ?? value) : value,
    ]),
  );
}

/** The narrowest that a fault may be armed for. */
async function narrowest(fault: string): Promise<Target> {
  const { faults } = await lab.control('GET', '/faults');
  const found = faults.find(({ id }: { readonly id: string }) => id === fault);
  if (found.narrowest === 'mobile') return { mobile: lab.persona('married-woman').typed.mobile };
  return found.narrowest === 'client_id' ? { client_id: 'shop' } : { issuer: true };
}

/** Names under which two logins may differ, written out. */
function expected(changes: Readonly<Record<string, string>>, found: readonly string[]): readonly string[] {
  return Object.entries(changes)
    .flatMap(([place, names]) => {
      if (names === '*') return found.filter((name) => name.startsWith(`${place} `));
      return names.split(' ').map((name) => (name === place ? place : `${place} ${name}`));
    })
    .sort();
}

test('has a case for every fault of the catalogue', async () => {
  const { faults } = await lab.control('GET', '/faults');
  const ids = faults.map(({ id }: { readonly id: string }) => id);
  expect([...Object.keys(faultCases), ...elsewhere].sort()).toEqual([...ids].sort());
});

test.each(Object.entries(faultCases))('%s is delivered, and changes that and nothing else', async (fault, one) => {
  const { parameters = {}, login = {}, changes, shows = {}, misses = '', at, delivered = 1, slow } = one;
  const before = await soundLogin(login);
  const since = await lab.now();
  const armed = await lab.arm(fault, await narrowest(fault), { parameters: filledIn(parameters) });
  try {
    const after = await lab.login(login);

    const found = differences(before, after);
    expect(found).toEqual(expected(changes, found));
    for (const [place, names] of Object.entries(changes)) {
      if (names === '*') expect(found.filter((name) => name.startsWith(`${place} `)).length).toBeGreaterThan(0);
    }
    for (const [name, value] of Object.entries(shows)) {
      expect([name, after.seen.get(name)]).toEqual([
        name,
        typeof value === 'string' ? value : expect.stringMatching(value),
      ]);
    }
    expect(missed(before, after).join(' ')).toBe(misses);
    expect(await armed.delivered()).toBe(delivered);
    expect((await lab.deliveredAt(fault, since)).join(' ')).toBe(at);
    if (slow) expect(after.took[slow]).toBeGreaterThanOrEqual(Number(parameters.milliseconds));
  } finally {
    await armed.disarm();
  }
});
