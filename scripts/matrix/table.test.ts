import { expect, test } from '@jest/globals';
import { documentOf, entryOf, lengthened, lineOf, linesIn, renewed, shortened } from './table.ts';

const trial = { name: 'X36', red: ['C19', 'C27', 'F09'], doubtful: ['K02'], because: {}, defects: [] };

test('holds what turned red against the lists of the defect', () => {
  expect(lineOf(trial)).toEqual({
    name: 'X36',
    killed: ['C19'],
    neighbours: ['C27'],
    unexpected: ['F09'],
    survived: [],
    inDoubt: 1,
  });
  expect(lineOf({ ...trial, red: [] })).toMatchObject({ killed: [], survived: ['C19'] });
});

test('takes nothing red on the site as it is for granted', () => {
  expect(lineOf({ ...trial, name: 'none', red: ['C19'] })).toMatchObject({ unexpected: ['C19'] });
});

test('knows no other defect', () => {
  expect(() => lineOf({ ...trial, name: 'X99' })).toThrow('expected the name of a defect, got "X99"');
});

test('writes rows that follow each other short, and reads them again', () => {
  const ids = ['C01', 'C02', 'C03', 'C05', 'C06', 'D01', 'H08', 'H09', 'H10'];
  expect(shortened(ids)).toBe('C01-C03 C05 C06 D01 H08-H10');
  expect(lengthened(shortened(ids))).toEqual(ids);
  expect(lengthened('')).toEqual([]);
});

test('reads the lines of a kept document again, in the order of the lists', () => {
  const lines = [lineOf(trial), lineOf({ ...trial, name: 'none', red: [], doubtful: [] })];
  expect(linesIn(documentOf(lines))).toEqual([lines[1], lines[0]]);
});

test('renews some rows of a kept line and leaves the others as they were', () => {
  const kept = lineOf({ ...trial, doubtful: ['K02', 'K03'] });
  const fresh = { ...trial, red: ['C01', 'C27', 'D01'], doubtful: ['C19'] };
  expect(renewed(kept, fresh, ['C01', 'C19', 'F09'])).toEqual({
    name: 'X36',
    killed: [],
    neighbours: ['C27'],
    unexpected: ['C01'],
    survived: ['C19'],
    inDoubt: 2,
  });
});

test('says of each defect what the site does wrong', () => {
  const [last] = documentOf([lineOf(trial)])
    .trimEnd()
    .split('\n')
    .slice(-1);
  expect(last).toBe(`| X36 | C19 | C27 | F09 |  | 1 | ${entryOf('X36')?.title} |`);
});
