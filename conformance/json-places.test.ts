import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonWithPlaces, pointerTo } from './json-places.ts';

test('reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 0, max: 3 }), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const parsed = parseJsonWithPlaces(JSON.stringify(value, null, indent));
      expect(parsed.kind === 'value' ? parsed.value : parsed).toEqual(value);
    }),
  );
});

test('refuses every text that JSON.parse refuses', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('"', '{', '}', ',', '\\', '\n', 'x', '', '1'), (text, at, put) => {
      const cut = at % (text.length + 1);
      const broken = text.slice(0, cut) + put + text.slice(cut + 1);
      let valid = true;
      try {
        JSON.parse(broken);
      } catch {
        valid = false;
      }
      expect(parseJsonWithPlaces(broken).kind).toBe(valid ? 'value' : 'fault');
    }),
  );
});

test('remembers where a member stands', () => {
  const parsed = parseJsonWithPlaces('{\n  "a": [1,\n    {"b/c": 2}]\n}');
  expect(parsed.kind === 'value' && parsed.places.get(pointerTo('/a/1', 'b/c'))).toEqual({ line: 3, column: 6 });
});

test.each([
  ['{"a" 1}', { line: 1, column: 6, message: 'expected ":" after "a", got "1"' }],
  ['{\n// no\n}', { line: 2, column: 1, message: 'expected a member name in double quotes, got "/"' }],
  ['[1, // no\n2]', { line: 1, column: 5, message: 'JSON allows no comments' }],
  ['{"a": 1', { line: 1, column: 8, message: 'expected "," or "}", got the end of the file' }],
  ['{} {}', { line: 1, column: 4, message: 'expected the end of the file, got "{"' }],
])('tells what is wrong with %j and where', (text, fault) => {
  expect(parseJsonWithPlaces(text)).toEqual({ kind: 'fault', fault });
});
