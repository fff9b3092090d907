import { expect, test } from '@jest/globals';
import { isThrown, parseJson } from './json-text.ts';

test('reads JSON, and refuses what is none without an exception', () => {
  expect(parseJson('{"a": [1]}')).toEqual({ ok: true, value: { a: [1] } });
  expect(parseJson('{"a"')).toEqual({ ok: false, reason: 'no_json' });
});

test('knows what was thrown by its name, wherever it comes from', () => {
  expect(isThrown(new DOMException('x', 'AbortError'), 'AbortError')).toBe(true);
  expect(isThrown(new TypeError('x'), 'AbortError')).toBe(false);
  expect(isThrown(undefined, 'AbortError')).toBe(false);
});
