import { expect, test } from '@jest/globals';
import { personas } from '../../fixtures/personas.ts';
import { clockAt } from '../kernel/clock.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Citizen, Line } from './citizen.ts';
import { memoryOverlay, storeOverlay } from './overlay.ts';
import { createPopulation } from './population.ts';
import { createRegistry } from './registry.ts';

const all = personas(clockAt('2026-10-01T08:00:00Z'));
const population = createPopulation({ size: 40_000 });

function registryOfPersonas() {
  return createRegistry({
    population,
    people: all.flatMap(({ citizen }) => (citizen === undefined ? [] : [citizen])),
    lines: all.map(({ line }) => line),
    overlay: memoryOverlay(),
  });
}

function known(id: string): { readonly citizen: Citizen; readonly line: Line } {
  const found = all.find((persona) => persona.id === id);
  if (found?.citizen === undefined) {
    throw new RangeError(`no persona "${id}" with a record`);
  }
  return { citizen: found.citizen, line: found.line };
}

const registry = registryOfPersonas();
const woman = known('married-woman');
const stranger = population.at(1232);

test.each([
  ['married-woman', '1990-11-08', { kind: 'match', citizen: woman.citizen }],
  ['married-woman', '1990-11-09', { kind: 'birth_mismatch' }],
  ['deceased', '1949-07-24', { kind: 'deceased' }],
  ['deceased', '1950-01-01', { kind: 'deceased' }],
  ['register-down', '1994-10-30', { kind: 'unreachable' }],
] as const)('the civil register answers about %s born on %s', async (id, birthDate, answer) => {
  expect(await registry.askCivilRegister(known(id).citizen.nationalCode, birthDate)).toEqual(answer);
});

test('the civil register knows nobody by the code of nobody', async () => {
  const nobody = all.find(({ id }) => id === 'nobody')?.line.owner ?? woman.line.owner;
  expect(nobody).toBe('9991001158');
  expect(await registry.askCivilRegister(nobody, '1986-07-09')).toEqual({ kind: 'unknown_code' });
});

test.each([
  ['married-woman', 'owner'],
  ['not-owner', 'not_owner'],
  ['owner-unknown', 'unknown'],
  ['inactive-line', 'owner'],
] as const)('the ownership register answers %s with %s', async (id, answer) => {
  const { citizen, line } = known(id);
  expect(await registry.askOwnership(line.mobile, citizen.nationalCode)).toBe(answer);
});

test('the ownership register knows that a line is not another person’s', async () => {
  expect(await registry.askOwnership(woman.line.mobile, stranger.nationalCode)).toBe('not_owner');
  const mute: Line = { ...woman.line, ownershipRegister: 'unreachable' };
  const silent = createRegistry({ population, people: [woman.citizen], lines: [mute] });
  expect(await silent.askOwnership(mute.mobile, woman.citizen.nationalCode)).toBe('unreachable');
});

test('answers for the population as for the personas', async () => {
  const [line] = await registry.linesOf(stranger.nationalCode);
  if (line === undefined) {
    throw new RangeError('expected person 1232 to have a line');
  }
  expect(await registry.citizen(stranger.nationalCode)).toEqual(stranger);
  expect(await registry.line(line.mobile)).toEqual(line);
  expect(await registry.askOwnership(line.mobile, stranger.nationalCode)).toBe('owner');
  expect(await registry.askCivilRegister(stranger.nationalCode, stranger.birthDate)).toEqual({
    kind: 'match',
    citizen: stranger,
  });
  expect(registry.at(1232)).toEqual(stranger);
  expect(registry.size).toBe(40_000);
});

test('what is put stands above personas and population', async () => {
  const own = registryOfPersonas();
  const [line] = await own.linesOf(stranger.nationalCode);
  if (line === undefined) {
    throw new RangeError('expected person 1232 to have a line');
  }
  await own.put({
    citizens: [
      { ...stranger, familyName: 'نو' },
      { ...woman.citizen, deceased: true },
    ],
    lines: [{ ...line, owner: woman.citizen.nationalCode }],
  });
  expect(await own.citizen(stranger.nationalCode)).toMatchObject({ familyName: 'نو' });
  expect(own.at(1232)).toMatchObject({ familyName: 'نو' });
  expect(await own.askCivilRegister(woman.citizen.nationalCode, '1990-11-08')).toEqual({ kind: 'deceased' });
  expect((await own.linesOf(stranger.nationalCode)).map(({ mobile }) => mobile)).not.toContain(line.mobile);
  expect((await own.linesOf(woman.citizen.nationalCode)).map(({ mobile }) => mobile)).toEqual([
    woman.line.mobile,
    line.mobile,
  ]);
  expect(await registry.citizen(stranger.nationalCode)).toEqual(stranger);
});

test('two registries in one process do not touch each other', async () => {
  const one = createRegistry({ population });
  const other = createRegistry({ population });
  await one.put({ citizens: [woman.citizen] });
  expect(await one.citizen('9991001018')).toEqual(woman.citizen);
  expect(await other.citizen('9991001018')).toBeUndefined();
});

test('finds by national code, by mobile, by persona and by name, personas first', async () => {
  expect(await registry.find('۹۹۹۱۰۰۱۰۱۸', 5)).toEqual([woman.citizen]);
  expect(await registry.find('0907 000 0101', 5)).toEqual([woman.citizen]);
  expect(await registry.find(stranger.nationalCode, 5)).toEqual([stranger]);
  expect(await registry.find('married', 5)).toEqual([woman.citizen]);
  expect(await registry.find('يكتا كاويانی نژاد', 5)).toEqual([known('arabic-letters').citizen]);
  expect((await registry.find('مریم', 3))[0]).toEqual(woman.citizen);
  expect(await registry.find('مریم', 3)).toHaveLength(3);
  expect(await registry.find('', 2)).toEqual([woman.citizen, known('plain-man').citizen]);
  expect(await registry.find('nobody-at-all', 2)).toEqual([]);
  expect(await registry.find('9991001158', 2)).toEqual([]);
});

test('what one process puts into the store is seen by another at once', async () => {
  const store = createMemoryStore({ clock: clockAt(0) });
  const [one, other] = [0, 1].map(() => createRegistry({ population, shared: storeOverlay(store) }));
  if (one === undefined || other === undefined) throw new RangeError('expected two registries');
  const line: Line = { ...woman.line, fixedCode: '13579' };
  await one.put({ citizens: [{ ...woman.citizen, deceased: true }], lines: [line] });
  const { nationalCode, birthDate } = woman.citizen;
  expect(await other.askCivilRegister(nationalCode, birthDate)).toEqual({ kind: 'deceased' });
  expect(await other.linesOf(nationalCode)).toEqual([line]);
  expect(await other.find('رستگار', 1)).toEqual([{ ...woman.citizen, deceased: true }]);
  expect(await other.find(line.mobile, 5)).toEqual([{ ...woman.citizen, deceased: true }]);
});

test('a line that was given to somebody else in the store is no longer its first owner’s', async () => {
  const shared = storeOverlay(createMemoryStore({ clock: clockAt(0) }));
  const lent = createRegistry({ population, shared });
  await lent.put({ lines: [woman.line] });
  await lent.put({ lines: [{ ...woman.line, owner: stranger.nationalCode }] });
  expect(await lent.linesOf(woman.citizen.nationalCode)).toEqual([]);
  expect(await lent.askOwnership(woman.line.mobile, stranger.nationalCode)).toBe('owner');
  expect(await shared.all()).toEqual({ citizens: [], lines: [{ ...woman.line, owner: stranger.nationalCode }] });
  await shared.clear();
  expect(await shared.all()).toEqual({ citizens: [], lines: [] });
  expect(await lent.line(woman.line.mobile)).toBeUndefined();
});
