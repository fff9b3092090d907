import { expect, jest, test } from '@jest/globals';
import { formatOf, inText, stderrLog } from './stderr-log.ts';

test('a person reads the message and a line for each field, a program one line of JSON', () => {
  expect(
    inText({ endpoint: 'token', likely_cause: 'blanks', expected: ['one', 'two'], rule: '' }, 'Wrong secret'),
  ).toBe('emta: Wrong secret\n      endpoint     token\n      likely cause blanks\n      expected     one; two\n');
  expect(formatOf('auto', true)).toBe('text');
  expect(formatOf('auto', false)).toBe('json');
  expect(formatOf('json', true)).toBe('json');
  expect(formatOf('text', false)).toBe('text');
});

test.each([
  ['silent', []],
  ['error', ['emta: c\n']],
  ['warn', ['emta: b\n', 'emta: c\n']],
  ['info', ['emta: a\n', 'emta: b\n', 'emta: c\n']],
])('from level %s up', (level, expected) => {
  const said: string[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const log = stderrLog(level, 'text');
  log.info({}, 'a');
  log.warn({}, 'b');
  log.error({}, 'c');
  write.mockRestore();
  expect(said).toEqual(expected);
});
