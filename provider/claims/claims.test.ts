import { expect, test } from '@jest/globals';
import { personas } from '../../fixtures/personas.ts';
import { clockAt } from '../kernel/clock.ts';
import type { Citizen, Mobile } from '../registry/citizen.ts';
import { claimsFor, emtaScopes, resourceFor, scopeClaims } from './index.ts';

const all = personas(clockAt('2026-10-01T08:00:00Z'));

function known(id: string): { readonly citizen: Citizen; readonly mobile: Mobile } {
  const found = all.find((persona) => persona.id === id);
  if (found?.citizen === undefined) {
    throw new RangeError(`no persona "${id}" with a record`);
  }
  return { citizen: found.citizen, mobile: found.line.mobile };
}

const { citizen, mobile } = known('born-before-1368');

test('user:identity:general opens the identity claims', () => {
  expect(claimsFor(citizen, mobile, ['user:identity:general'])).toEqual({
    given_name: 'پروین',
    family_name: 'سعادت',
    name: 'پروین سعادت',
    father_name: 'یدالله',
    birthdate: '1966-09-22',
    birthdate_jalali: '1345/06/31',
    national_code: '9991001034',
    shenasnameh_number: '412',
    shenasnameh_serial: 'د 07 118902',
    place_of_issue: 'تبریز',
    gender: 'female',
  });
});

test('user:primaryMobileNumber opens the mobile in E.164, verified as a boolean', () => {
  expect(claimsFor(citizen, mobile, ['user:primaryMobileNumber'])).toEqual({
    phone_number: '+989070000103',
    phone_number_verified: true,
  });
});

test('user:primaryMobileNumber opens nothing where no line was proved', () => {
  expect(claimsFor(citizen, undefined, ['user:primaryMobileNumber'])).toEqual({});
});

test('user:primaryEmail opens the e-mail, or nothing where there is none', () => {
  expect(claimsFor(citizen, mobile, ['user:primaryEmail'])).toEqual({
    email: 'born-before-1368@example.com',
    email_verified: true,
  });
  const { email, ...withoutEmail } = citizen;
  expect(email).toBe('born-before-1368@example.com');
  expect(claimsFor(withoutEmail, mobile, ['user:primaryEmail'])).toEqual({});
});

test('user:status opens the status', () => {
  expect(claimsFor(citizen, mobile, ['user:status'])).toEqual({ emta_status: 'verified' });
});

test('nothing extra: openid, unknown scopes and no scope open nothing', () => {
  expect(claimsFor(citizen, mobile, ['openid', 'profile', 'user:identity', '__proto__', ''])).toEqual({});
  expect(claimsFor(citizen, mobile, [])).toEqual({});
});

test('nothing extra: whatever the register holds besides, each scope opens its row of the table alone', () => {
  const talkative = { ...citizen, deceased: true, enrolled: true, persona: 'x', civilRegister: 'unreachable' } as const;
  for (const scope of emtaScopes) {
    const names = Object.keys(claimsFor(talkative, mobile, ['openid', scope]));
    expect(names).toEqual(scopeClaims[scope]);
  }
  const every = claimsFor(talkative, mobile, emtaScopes);
  expect(Object.keys(every)).toHaveLength(16);
});

test('leaves out what the register does not hold, and passes on a "0" and Arabic letters as it answers them', () => {
  const sparse = claimsFor(known('sparse').citizen, mobile, ['user:identity:general']);
  expect(sparse).not.toHaveProperty('father_name');
  expect(sparse).toHaveProperty('shenasnameh_number', '0');
  const leapDay = claimsFor(known('leap-day').citizen, mobile, ['user:identity:general']);
  expect(leapDay).not.toHaveProperty('shenasnameh_number');
  const arabic = claimsFor(known('arabic-letters').citizen, mobile, ['user:identity:general']);
  expect(arabic).toHaveProperty('name', 'يكتا كاوياني\u200cنژاد');
});

test("answers with Emta's own resources", () => {
  expect(resourceFor(citizen, mobile, 'user:identity:general')).toEqual({
    name: 'پروین',
    family: 'سعادت',
    fatherName: 'یدالله',
    birthDate: '1345/06/31',
    nationalCode: '9991001034',
    shenasnamehNumber: '412',
    shenasnamehSerial: 'د 07 118902',
    placeOfIssue: 'تبریز',
    gender: 'female',
  });
  expect(resourceFor(citizen, mobile, 'user:primaryMobileNumber')).toEqual({
    primaryMobileNumber: { mobileNumber: '+989070000103' },
  });
  expect(resourceFor(citizen, undefined, 'user:primaryMobileNumber')).toEqual({ primaryMobileNumber: {} });
  expect(resourceFor(citizen, mobile, 'user:primaryEmail')).toEqual({
    primaryEmail: { email: 'born-before-1368@example.com' },
  });
  expect(resourceFor(citizen, mobile, 'user:status')).toEqual({ status: 'verified' });
});
