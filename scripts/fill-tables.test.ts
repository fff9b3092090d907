import { expect, test } from '@jest/globals';
import { fillQuotes, fillTables } from './fill-tables.ts';

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

test.each(['file', 'settings'] as const)('quotes a %s, which leaves a quoted one as it is', (kind) => {
  const textOf = { file: (name: string) => `a file ${name}\n`, settings: (name: string) => `settings of ${name}` };
  const quoted = `see\n<!-- ${kind}: a b.js -->\n\`\`\`js\nold\n\`\`\`\n<!-- end of ${kind} -->\n`;
  const filled = fillQuotes(quoted, textOf);
  expect(filled).toBe(quoted.replace('old', textOf[kind]('a b.js').trimEnd()));
  expect(fillQuotes(filled, textOf)).toBe(filled);
});
