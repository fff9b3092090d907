import { expect, test } from '@jest/globals';
import { toldOn } from './page.ts';

test('a page is told without the banner that both have, and cut between two words', () => {
  const banner = 'a test service, sells nothing';
  const refused = { text: `${banner} you refused` };
  expect(toldOn({ text: `${banner} your number is not verified` }, refused)).toBe('…your number is not verified');
  expect(toldOn({ text: `${banner} ${'word '.repeat(40)}` }, refused)).toMatch(/^…(?:word ){23}word…$/);
  expect(toldOn({ text: 'no' }, { text: 'no' })).toBe('no');
});
