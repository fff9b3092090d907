import { expect, test } from '@jest/globals';
import { fillTables } from './fill-tables.ts';

const readme = 'before\n<!-- table: errors -->\nold\n<!-- end of table -->\nafter\n';

test('writes a table between its marks, and nothing else', () => {
  const table = [['code'], ['`a|b`'], ['two\n lines']];
  expect(fillTables(readme, { errors: table })).toBe(
    'before\n<!-- table: errors -->\n| code |\n| --- |\n| `a\\|b` |\n| two lines |\n<!-- end of table -->\nafter\n',
  );
});

test('leaves a filled table as it is', () => {
  const once = fillTables(readme, { errors: [['code'], ['x']] });
  expect(fillTables(once, { errors: [['code'], ['x']] })).toBe(once);
});

test('refuses a mark without a table and a table without a mark', () => {
  expect(() => fillTables(readme, { rows: [['id']] })).toThrow('expected a table of rows, got "errors"');
  const two = { errors: [['code']], rows: [['id']] };
  expect(() => fillTables(readme, two)).toThrow('expected a place for the tables rows, got none');
});
