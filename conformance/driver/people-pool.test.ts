import { expect, test } from '@jest/globals';
import { madePerson } from '../test/made-seen.ts';
import { createPeoplePool } from './people-pool.ts';
import type { Person } from './person.ts';

const person = (changes: Partial<Person>) => madePerson({ mobile: '+989070000101', ...changes });

const first = person({});
/** The same words inside longer ones, in other places: a page that names one of them seems to name the first. */
const mistakable = [
  person({
    nationalCode: '9991001026',
    mobile: '+989070000102',
    familyName: 'رستگار تهرانی',
    birthDate: '1998-09-29',
    birthJalali: '1377/07/07',
    givenName: 'نرگس',
  }),
  person({
    nationalCode: '9991001034',
    mobile: '+989070000103',
    familyName: 'سعادت',
    birthDate: '1966-09-22',
    birthJalali: '1345/06/31',
    givenName: 'پروین',
    fatherName: 'رستگار',
  }),
  person({ nationalCode: '0001000012', mobile: '+989070000104', familyName: 'دانش', givenName: 'بهرام' }),
];
const apart = person({
  nationalCode: '9991001069',
  mobile: '+989070000106',
  familyName: 'کاویانی',
  birthDate: '1993-02-01',
  birthJalali: '1371/11/12',
  givenName: 'یکتا',
});

test('two citizens of one case can never be taken for each other', async () => {
  const drawn = [first, ...mistakable, apart];
  const pool = createPeoplePool(
    { draw: async () => drawn.splice(0, drawn.length), putPeople: async () => undefined },
    'seed',
    () => 0,
  );
  const people = await pool.take({ A: {}, B: {} });
  expect([people.A?.nationalCode, people.B?.nationalCode]).toEqual([first.nationalCode, apart.nationalCode]);
});
