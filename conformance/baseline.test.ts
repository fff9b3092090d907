import { expect, test } from '@jest/globals';
import { parseBaseline } from './baseline.ts';
import { loadCatalogue } from './catalogue.ts';
import { linesOf } from './test/lines-of.ts';

const rows = loadCatalogue();
const good = { id: 'C04', until: '2026-03-01', reason: 'ships in March', signed_by: 'R. Owner' };

const faultsOf = (value: unknown) =>
  linesOf(() => parseBaseline(JSON.stringify(value, null, 1), 'baseline.json', { rows, today: '2026-02-28' }));

test('reads an entry that still holds, up to its last day', () => {
  expect(faultsOf([good, { ...good, id: 'C05', until: '2026-02-28' }])).toEqual([]);
});

test('refuses all that is wrong at once, each with its line', () => {
  expect(
    faultsOf([
      { ...good, id: 'C01' },
      { ...good, until: '2026-02-27' },
      { ...good, id: 'C99' },
      { ...good, id: 'B07' },
      { ...good, until: '2026-02-31' },
      { ...good, reason: ' ', signedby: 'x' },
      good,
      good,
      'C04',
    ]),
  ).toEqual([
    'baseline.json:2:2: C01 is critical, which no baseline excuses',
    'baseline.json:8:2: C04: the entry of R. Owner ended on 2026-02-27; mend the row, or decide anew',
    'baseline.json:14:2: expected the id of a row, got "C99", did you mean "C09"?',
    'baseline.json:20:2: B07 is medium, whose failure denies nothing and needs no excuse',
    'baseline.json:26:2: expected "until" to be a date like 2026-03-01, got "2026-02-31"',
    'baseline.json:32:2: unknown member "signedby", did you mean "signed_by"?',
    'baseline.json:32:2: missing member "reason"',
    'baseline.json:45:2: C04 stands twice',
    'baseline.json:51:2: expected an object {id, until, reason, signed_by}',
  ]);
});

test('refuses what is no list', () => {
  expect(faultsOf({})).toEqual(['baseline.json: expected an array of {id, until, reason, signed_by}']);
});
