import { expect, test } from '@jest/globals';
import { withNotesOf } from './notes.ts';

const note = (text: string) => `<!-- note -->\n${text}\n<!-- /note -->`;
const old = `# Page\n\nold\n\n${note('top')}\n\n## One\n\n1\n\n${note('why one')}\n\n${note('and more')}\n\n## Two\n\n2\n`;

test('what was written by hand stays under its heading when the page is measured anew', () => {
  const fresh = '# Page\n\nnew\n\n## Three\n\n3\n\n## One\n\n11\n';
  expect(withNotesOf(old, fresh)).toBe(
    `# Page\n\nnew\n\n${note('top')}\n\n## Three\n\n3\n\n## One\n\n11\n\n${note('why one')}\n\n${note('and more')}\n`,
  );
});

test('the same page comes out again of itself', () => {
  expect(withNotesOf(old, old.replaceAll(/<!-- note -->[\s\S]*?<!-- \/note -->\n\n/g, ''))).toBe(old);
});

test('a note whose section is gone is an error, so that it is not lost', () => {
  expect(() => withNotesOf(old, '# Page\n')).toThrow(
    'expected a section "One" for the note that stands there, got none',
  );
});
