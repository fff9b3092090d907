import { expect, test } from '@jest/globals';
import { refuseUnknownOptions } from './known-options.ts';

const refusalOf = (given: object): unknown => {
  try {
    return refuseUnknownOptions(given);
  } catch (error) {
    return error;
  }
};

test('takes what is known, also where it is left open', () => {
  expect(refusalOf({})).toBeUndefined();
  expect(
    refusalOf({ port: 0, clients: [], seed: undefined, rules: { captcha: 'off', carrier: 'page' } }),
  ).toBeUndefined();
});

test.each([
  [{ captcha: 'off' }, 'expected "captcha" in "rules", got it beside them'],
  [{ enrolledShortcut: false }, 'expected "enrolledShortcut" in "rules", got it beside them'],
  [{ rules: { anyClient: true } }, 'expected "anyClient" beside "rules", got it in them'],
  [{ https: true }, '"https" is an option of emta serve alone'],
  [{ citizens: [] }, '"citizens" is an option of emta serve alone'],
  [{ sed: 'x' }, 'unknown option "sed", did you mean "seed"?'],
  [{ captchaa: 'off' }, 'unknown option "captchaa", did you mean "captcha" in "rules"?'],
  [{ rules: { codeTTL: 1 } }, 'unknown member "codeTTL" of "rules", did you mean "codeTtl"?'],
])('refuses %j by name', (given, message) => {
  expect(refusalOf(given)).toMatchObject({ code: 'bad_option', message });
});

test('tells all at once, and what there is where nothing is near', () => {
  const { message } = refusalOf({ prot: 1, carrier: 'page', rules: { somethingElse: 1 } }) as Error;
  expect(message.split('\n')).toEqual([
    'unknown option "prot", did you mean "port"?',
    'expected "carrier" in "rules", got it beside them',
    expect.stringMatching(/^unknown member "somethingElse" of "rules", known are codeLength, codeTtl, /),
  ]);
});
