import { expect, test } from '@jest/globals';
import { EmtaError, errorKinds, isEmtaError } from './errors.ts';

test('carries code, status, hint and the original', () => {
  const cause = new SyntaxError('broken');
  const error = new EmtaError('unknown_fault', 'expected "fault" to be a known id, got "x"', {
    cause,
    hint: 'see /_emta/v1/faults',
  });
  expect({ ...error, status: error.status, cause: error.cause }).toEqual({
    name: 'EmtaError',
    code: 'unknown_fault',
    status: 400,
    hint: 'see /_emta/v1/faults',
    cause,
  });
});

test('knows its own errors from others by name and code', () => {
  expect(isEmtaError(new EmtaError('bad_option', 'expected "port" to be a number, got "x"'))).toBe(true);
  expect(isEmtaError(new TypeError('x'))).toBe(false);
  expect(isEmtaError({ name: 'EmtaError', code: 'toString' })).toBe(false);
  expect(isEmtaError(undefined)).toBe(false);
});

test('every kind is summed up in one lower-case sentence without a full stop', () => {
  for (const { summary, status } of Object.values(errorKinds)) {
    expect(summary).toMatch(/^[a-z].*[^.]$/);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});
