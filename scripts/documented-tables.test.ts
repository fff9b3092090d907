import { expect, test } from '@jest/globals';
import { documentedTables, optionsOf } from './documented-tables.ts';

test('every flag of the table of options is one that emta serve knows, and the other way round', () => {
  const flags = (documentedTables().options ?? []).flatMap(([cell = '']) => /^`(--.+)`$/.exec(cell)?.[1] ?? []);
  const others = ['--config', '--print-config', '--json'];
  expect([...flags, ...others]).toEqual(optionsOf('serve').map(({ long }) => long));
});
