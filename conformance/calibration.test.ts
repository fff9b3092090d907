import { expect, test } from '@jest/globals';
import { refusalOf } from './calibration.ts';
import { madeHop, madeSetting, madeTrace, shop } from './test/made-seen.ts';

const back = (callback: ReturnType<typeof madeHop>) =>
  refusalOf(madeTrace(`${shop}/`, '<p>not signed in', { before: [callback] }), madeSetting());

test('a login that Emta refused at once says with what, whichever way the answer came', () => {
  const text = 'error=invalid_request&error_description=no%20state';
  expect(back(madeHop(`${shop}/cb?${text}`))).toBe('invalid_request: no state');
  expect(back(madeHop(`${shop}/cb`, { method: 'POST', requestBody: text }))).toBe('invalid_request: no state');
  expect(back(madeHop(`${shop}/cb?error=server_error`))).toBe('server_error');
});

test('a login with a code was not refused, nor one that never came back', () => {
  expect(back(madeHop(`${shop}/cb?code=1&state=2`))).toBeUndefined();
  expect(back(madeHop(`${shop}/elsewhere?error=1`))).toBeUndefined();
});
