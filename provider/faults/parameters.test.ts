import { expect, test } from '@jest/globals';
import { parameterProblems, parseParameters } from './parameters.ts';

const specs = {
  error: { type: 'string', required: true, meaning: 'error code' },
  status: { type: 'number', default: 400, meaning: 'HTTP status' },
  form: { type: 'string', oneOf: ['pem', 'der'], meaning: 'form' },
  value: { type: 'json', meaning: 'anything' },
} as const;

test('names every problem at once', () => {
  expect(parameterProblems(specs, { statsu: 1, status: '400', form: 'p12' })).toEqual([
    'unknown parameter "statsu", known are: error, status, form, value',
    'missing parameter "error" (string: error code)',
    'expected parameter "status" to be a number, got string',
    'expected parameter "form" to be one of pem, der, got "p12"',
  ]);
});

test('says so when a fault takes no parameters', () => {
  expect(parameterProblems({}, { x: 1 })).toEqual(['unknown parameter "x", known are: none']);
});

test('tells null and arrays from objects', () => {
  expect(parameterProblems(specs, { error: null })).toEqual(['expected parameter "error" to be a string, got null']);
  expect(parameterProblems(specs, { error: ['x'] })).toEqual(['expected parameter "error" to be a string, got array']);
});

test('fills in what was left out, and leaves out what has no default', () => {
  expect(parseParameters(specs, { error: 'x', value: null })).toEqual({ error: 'x', status: 400, value: null });
});

test('throws on values that no arming would have let through', () => {
  expect(() => parseParameters(specs, {})).toThrow('missing parameter "error" (string: error code)');
});
