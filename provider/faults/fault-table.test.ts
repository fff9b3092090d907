import { expect, test } from '@jest/globals';
import { faultCatalogue } from './catalogue.ts';
import { faultTable } from './fault-table.ts';

const lines = faultTable().trimEnd().split('\n');

test('has a line for each fault under its head', () => {
  expect(lines).toHaveLength(faultCatalogue.length + 2);
  expect(lines.slice(2).map((line) => /^\| `([^`]+)`/.exec(line)?.[1])).toEqual(faultCatalogue.map(({ id }) => id));
});

test('has seven cells in each line', () => {
  for (const line of lines) expect(line.split(/(?<!\\)\|/)).toHaveLength(9);
});

test('tells parameters with their kind, need and meaning', () => {
  expect(lines.find((line) => line.includes('`id_token.signed_hs256_public_key`'))).toBe(
    "| `id_token.signed_hs256_public_key` | the ID token is signed with HS256, keyed by Emta's published key | `id_token` | `mobile` | RFC 8725 §2.1, §3.1 | `form` (`pem`, `der`; default `pem`): how the key becomes bytes | H23 |",
  );
});
