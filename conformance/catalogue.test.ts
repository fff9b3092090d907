import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseExpression } from './capabilities.ts';
import { belongsTo, findRow, loadCatalogue, parseCatalogue } from './catalogue.ts';
import { linesOf } from './test/lines-of.ts';

const rows = loadCatalogue();

test('holds 200 rows in the severities and profiles of the specification', () => {
  const count = (pick: (row: (typeof rows)[number]) => boolean) => rows.filter(pick).length;
  expect(rows).toHaveLength(200);
  expect(['critical', 'high', 'medium', 'scheme', 'info'].map((one) => count((row) => row.severity === one))).toEqual([
    59, 64, 45, 20, 12,
  ]);
  expect(count((row) => belongsTo(row, 'core-must'))).toBe(136);
  expect(count((row) => belongsTo(row, 'emta-strict'))).toBe(188);
  expect(count((row) => belongsTo(row, 'audit'))).toBe(200);
});

test('every condition is an expression the harness understands', () => {
  for (const row of rows)
    if (row.applies_when !== null) expect(parseExpression(row.applies_when)).toHaveProperty('kind');
});

test('every requirement of the standards has rows, and every row it names exists', () => {
  const requirements: unknown = JSON.parse(readFileSync(new URL('./requirements.json', import.meta.url), 'utf8'));
  expect(Array.isArray(requirements) ? requirements.length : 0).toBe(35);
  for (const requirement of Array.isArray(requirements) ? requirements : []) {
    expect(requirement.rows.length).toBeGreaterThan(0);
    for (const id of requirement.rows) expect(findRow(rows, id).id).toBe(id);
  }
});

test('finds a row in any letter case', () => {
  expect(findRow(rows, 'c01').id).toBe('C01');
});

test('refuses an unknown id and names the known ones', () => {
  expect(linesOf(() => findRow(rows, 'C99'))).toEqual([
    'expected the id of a row, got "C99", did you mean "C09"?',
    'the rows of group C are C01 to C28; `emta certify --list` prints them all',
  ]);
  expect(linesOf(() => findRow(rows, 'Z1'))).toEqual([
    'expected the id of a row, got "Z1"',
    'the groups are A B C D E F G H I J K L M R; `emta certify --list` prints them all',
  ]);
});

test('refuses a catalogue with faults, all of them at once', () => {
  const [row] = rows;
  expect(linesOf(() => parseCatalogue([{ ...row, severity: 'grave', colour: 1 }, row]))).toEqual([
    'catalogue row A01: unknown member "colour"',
    'catalogue row A01: expected "severity" to be one of critical, high, medium, scheme, info',
    'catalogue row A01: the id stands twice',
  ]);
});
