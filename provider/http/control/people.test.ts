import { expect, test } from '@jest/globals';
import type { Json } from '../../kernel/ports.ts';
import { readPeople } from './people.ts';

const person = {
  national_code: '9991001018',
  given_name: 'مریم',
  family_name: 'رستگار',
  birth_date: { iso: '1990-11-08', jalali: '1369/08/17' },
  gender: 'female',
};

test('reads a person as this interface wrote them, sub and number included', () => {
  expect(readPeople({ citizens: [{ ...person, sub: 'x', mobile: '09070000101' }] })).toEqual({
    citizens: [
      {
        nationalCode: '9991001018',
        givenName: 'مریم',
        familyName: 'رستگار',
        birthDate: '1990-11-08',
        gender: 'female',
      },
    ],
    lines: [{ mobile: '+989070000101', owner: '9991001018', state: 'active' }],
  });
});

const refused: readonly (readonly [body: Json, message: string])[] = [
  [
    { citizens: [person, { ...person, gendre: 'male' }] },
    'citizens[1].gendre: unknown member "gendre", did you mean "gender"?',
  ],
  [
    { citizens: [{ ...person, birth_date: '1369/13/01' }], lines: [{ mobile: '0912' }] },
    'citizens[0].birth_date: expected "birth_date" to be a date such as "1990-11-08", "1369/08/17" or both as ' +
      '{"iso", "jalali"}, got "1369/13/01"; lines[0].mobile: expected "mobile" to be an Iranian mobile number, such ' +
      'as "+989070000101", got "0912"; lines[0]: expected a member "owner", got none',
  ],
];

test.each(refused)('%j is refused with every problem and its place', (body, message) => {
  expect(() => readPeople(body)).toThrow(expect.objectContaining({ code: 'bad_citizen', message }));
});
