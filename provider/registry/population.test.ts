import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { faker } from '@faker-js/faker/locale/fa';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { personas } from '../../fixtures/personas.ts';
import { clockAt } from '../kernel/clock.ts';
import type { Mobile } from './citizen.ts';
import { ageInYears, toJalali } from './jalali.ts';
import { parseNationalCode } from './national-code.ts';
import { assignedNumbers, type NumberSpace, safeNumbers } from './number-space.ts';
import { offices } from './offices.ts';
import { createPopulation } from './population.ts';

const population = createPopulation();
const safe = createPopulation({ safeNumbers: true });
const small = createPopulation({ size: 4_001, seed: 'small' });
const anyIndex = fc.nat(population.size - 1);
const firstOfYear = '2026-03-21';

test('the first ten people of the default seed are these, for as long as the major number stays', () => {
  expect(Array.from({ length: 10 }, (_, index) => population.at(index))).toMatchSnapshot();
});

test('the same seed gives the same people in another process', async () => {
  const folder = fileURLToPath(new URL('../test/', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    `${folder}typescript-hooks.mjs`,
    `${folder}print-people.ts`,
  ]);
  const here = [0, 1, 2, 44_444_444, population.size - 1].map((index) => {
    const person = population.at(index);
    return { person, lines: population.linesOf(person.nationalCode) };
  });
  expect(JSON.parse(stdout)).toEqual(here);
});

test('another seed gives other people, and a number means the same as its text', () => {
  expect(createPopulation({ seed: 4299 }).at(7)).toEqual(population.at(7));
  expect(createPopulation({ seed: '4299' }).at(7)).toEqual(population.at(7));
  expect(createPopulation({ seed: 4300 }).at(7).nationalCode).not.toBe(population.at(7).nationalCode);
});

test.each([
  ['assigned', population],
  ['safe', safe],
])('finds everybody by national code (%s numbers)', (_name, people) => {
  fc.assert(
    fc.property(anyIndex, (index) => {
      const person = people.at(index);
      expect(people.citizen(person.nationalCode)).toEqual(person);
      expect(parseNationalCode(person.nationalCode)).toEqual({ ok: true, value: person.nationalCode });
    }),
  );
});

test.each([
  ['assigned', assignedNumbers],
  ['safe', safeNumbers],
])('%s national codes and numbers and their positions are one to one', (_name, space: NumberSpace) => {
  const codes = fc.oneof(
    fc.nat(space.nationalCodes - 1),
    fc.nat(30).map((step) => step * 111_110),
  );
  fc.assert(
    fc.property(codes, (position) => {
      const code = space.nationalCodeAt(position);
      expect(space.positionOfNationalCode(code)).toBe(position);
      expect(parseNationalCode(code)).toEqual({ ok: true, value: code });
    }),
    { examples: [[0], [111_109], [111_110], [999_989], [999_990], [space.nationalCodes - 1]] },
  );
  fc.assert(
    fc.property(fc.nat(space.mobiles - 1), (position) => {
      expect(space.positionOfMobile(space.mobileAt(position))).toBe(position);
    }),
  );
});

test('a code or number outside the population belongs to nobody', () => {
  expect(small.citizen('9991001018')).toBeUndefined();
  expect(small.citizen('not a code')).toBeUndefined();
  expect(small.linesOf('9991001018')).toEqual([]);
  const codes = Array.from({ length: 500 }, (_, step) => assignedNumbers.nationalCodeAt(step * 500_000));
  expect(codes.filter((code) => small.citizen(code) !== undefined)).toEqual([]);
  const numbers = Array.from({ length: 500 }, (_, step) => assignedNumbers.mobileAt(step * 600_000));
  expect(numbers.filter((mobile) => small.line(mobile) !== undefined)).toEqual([]);
});

test('in a small population nobody shares a code and no number has two owners', () => {
  const people = Array.from({ length: small.size }, (_, index) => small.at(index));
  expect(new Set(people.map(({ nationalCode }) => nationalCode)).size).toBe(small.size);
  const lines = people.flatMap(({ nationalCode }) => small.linesOf(nationalCode));
  expect(new Set(lines.map(({ mobile }) => mobile)).size).toBe(lines.length);
  for (const line of lines) {
    expect(small.line(line.mobile)).toEqual(line);
  }
  const perOwner = lines.length / small.size;
  expect(perOwner).toBeGreaterThan(1.2);
  expect(perOwner).toBeLessThan(1.8);
  const inactive = lines.filter(({ state }) => state === 'inactive').length / lines.length;
  expect(inactive).toBeGreaterThan(0.05);
  expect(inactive).toBeLessThan(0.25);
});

test('every adult owns an active line, and a minor owns none', () => {
  fc.assert(
    fc.property(anyIndex, (index) => {
      const person = population.at(index);
      const lines = population.linesOf(person.nationalCode);
      if (2026 - Number(person.birthDate.slice(0, 4)) < 17) {
        expect(lines).toEqual([]);
      } else if (ageInYears(person.birthDate, firstOfYear) >= 18) {
        expect(lines[0]).toMatchObject({ owner: person.nationalCode, state: 'active' });
      }
      for (const line of lines) {
        expect(population.line(line.mobile)).toEqual(line);
      }
    }),
  );
});

test('lines are lent within the family: who uses a line need not own it', () => {
  const families = Array.from({ length: 200 }, (_, family) => family * 4);
  const lentToFamily = families.flatMap((father) => population.linesOf(population.at(father).nationalCode).slice(3));
  expect(lentToFamily.length).toBeGreaterThan(20);
});

test('gender, given name and family agree', () => {
  const tidy = (names: readonly string[] | null | undefined) => new Set((names ?? []).map((name) => name.trim()));
  const male = tidy(faker.rawDefinitions.person?.first_name?.male);
  const female = tidy(faker.rawDefinitions.person?.first_name?.female);
  fc.assert(
    fc.property(anyIndex, (index) => {
      const person = population.at(index);
      expect((person.gender === 'male' ? male : female).has(person.givenName)).toBe(true);
      expect(male.has(person.fatherName ?? '')).toBe(true);
      const father = population.at(index - (index % 4));
      if (index % 4 > 1) {
        expect(person).toMatchObject({ fatherName: father.givenName, familyName: father.familyName });
        expect(ageInYears(father.birthDate, person.birthDate)).toBeGreaterThanOrEqual(14);
      }
    }),
  );
});

test('nobody has the name of their father, nor of their brother or sister', () => {
  const families = Array.from({ length: 5_000 }, (_, family) => family * 4 * 4_001);
  const alike = families.flatMap((father) => {
    const people = [0, 1, 2, 3].map((member) => population.at(father + member));
    const children = people.slice(2).map(({ givenName }) => givenName);
    return [
      ...people.filter(({ givenName, fatherName }) => givenName === fatherName),
      ...(new Set(children).size < 2 ? [people[2]] : []),
    ];
  });
  expect(alike).toEqual([]);
});

test('both genders and all ages from 0 to 100 occur', () => {
  const people = Array.from({ length: 4_000 }, (_, index) => population.at(index * 20_001));
  const ages = people.map(({ birthDate }) => ageInYears(birthDate, firstOfYear));
  expect(Math.min(...ages)).toBe(0);
  expect(Math.max(...ages)).toBeGreaterThan(95);
  expect(Math.max(...ages)).toBeLessThanOrEqual(101);
  const women = people.filter(({ gender }) => gender === 'female').length / people.length;
  expect(Math.abs(women - 0.5)).toBeLessThan(0.05);
});

test('place of issue and shenasnameh number follow from code and birth year', () => {
  const places = new Map(offices.map(({ prefix, place }) => [prefix, place]));
  fc.assert(
    fc.property(anyIndex, (index) => {
      const person = population.at(index);
      expect(person.placeOfIssue).toBe(places.get(person.nationalCode.slice(0, 3)));
      if (toJalali(person.birthDate).year >= 1368) {
        expect(person.shenasnamehNumber).toBe(person.nationalCode);
      } else {
        expect(person.shenasnamehNumber).toMatch(/^[1-9][0-9]{0,3}$/);
      }
      expect(person.shenasnamehSerial).toMatch(/^(الف|ب|ج|د) [0-9]{2} [0-9]{6}$/);
    }),
  );
});

test('names hold no Arabic letters, no digits, and no blank or joiner at an edge', () => {
  fc.assert(
    fc.property(anyIndex, (index) => {
      const { givenName, familyName, fatherName = '' } = population.at(index);
      for (const name of [givenName, familyName, fatherName]) {
        expect(name).toMatch(/^[\u0621-\u063a\u0641-\u06d5](?:[ \u200c]?[\u0621-\u063a\u0641-\u06d5])*$/);
        expect(name).not.toMatch(/[\u0643\u0649\u064a]/);
      }
    }),
    { numRuns: 500 },
  );
});

test('default numbers are valid to libphonenumber, safe ones are not, and neither meets a persona', () => {
  const taken = new Set<string>(personas(clockAt(0)).flatMap(({ line, typed }) => [line.mobile, typed.nationalCode]));
  const isValid = (mobile: string) => parsePhoneNumberFromString(mobile)?.isValid();
  fc.assert(
    fc.property(fc.nat(assignedNumbers.mobiles - 1), (position) => {
      expect(isValid(assignedNumbers.mobileAt(position))).toBe(true);
      expect(isValid(safeNumbers.mobileAt(position % safeNumbers.mobiles))).toBe(false);
    }),
  );
  for (const number of taken) {
    expect(population.citizen(number)).toBeUndefined();
    expect(safe.citizen(number)).toBeUndefined();
    expect(population.line(number as Mobile)).toBeUndefined();
    expect(safe.line(number as Mobile)).toBeUndefined();
  }
});

test('safe codes use no prefix of an office', () => {
  const prefixes = new Set(offices.map(({ prefix }) => prefix));
  fc.assert(
    fc.property(fc.nat(safeNumbers.nationalCodes - 1), (position) => {
      expect(prefixes.has(safeNumbers.nationalCodeAt(position).slice(0, 3))).toBe(false);
    }),
  );
});

test('refuses a size that its numbers cannot hold, and an index that nobody has', () => {
  expect(() => createPopulation({ size: 113_333_334 })).toThrow(
    'expected "population" to be 1 to 113333333, got 113333334',
  );
  expect(() => createPopulation({ size: 0 })).toThrow('expected "population" to be 1 to 113333333, got 0');
  expect(() => small.at(4_001)).toThrow('expected "index" to be 0 to 4000, got 4001');
});

test('a population whose last family is cut short works to its last person', () => {
  const three = createPopulation({ size: 3 });
  const lines = [0, 1, 2].flatMap((index) => three.linesOf(three.at(index).nationalCode));
  for (const line of lines) {
    expect(three.line(line.mobile)).toEqual(line);
    expect(three.citizen(line.owner)?.nationalCode).toBe(line.owner);
  }
});
