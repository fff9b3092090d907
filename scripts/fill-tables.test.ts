import { expect, test } from '@jest/globals';
import { fillFiles, fillTables } from './fill-tables.ts';

const page = 'before\n<!-- table: errors -->\nold\n<!-- end of table -->\nafter\n';

test('writes a table between its marks, and nothing else', () => {
  const table = [['code'], ['`a|b`'], ['two\n lines']];
  expect(fillTables(['other', page], { errors: table })).toEqual([
    'other',
    'before\n<!-- table: errors -->\n| code |\n| --- |\n| `a\\|b` |\n| two lines |\n<!-- end of table -->\nafter\n',
  ]);
});

test('leaves a filled table as it is', () => {
  const once = fillTables([page], { errors: [['code'], ['x']] });
  expect(fillTables(once, { errors: [['code'], ['x']] })).toEqual(once);
});

test('refuses a mark without a table and a table without a mark', () => {
  expect(() => fillTables([page], { rows: [['id']] })).toThrow('expected a table of rows, got "errors"');
  const two = { errors: [['code']], rows: [['id']] };
  expect(() => fillTables([page], two)).toThrow('expected a place for the tables rows, got none');
});

test('quotes a file, which leaves a quoted one as it is', () => {
  const quoted = 'see\n<!-- file: a.js -->\n```js\nold\n```\n<!-- end of file -->\n';
  const filled = fillFiles(quoted, (file) => `// ${file}\n`);
  expect(filled).toBe('see\n<!-- file: a.js -->\n```js\n// a.js\n```\n<!-- end of file -->\n');
  expect(fillFiles(filled, (file) => `// ${file}\n`)).toBe(filled);
});
