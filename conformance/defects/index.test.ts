import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { defects as builtIn } from '../sale-site/defects/index.ts';
import { defects, nameOf, withoutDefect } from './index.ts';

const rows = loadCatalogue().map(({ id }) => id);

test('names every defect that the sale site can build in, once', () => {
  expect(defects.map(nameOf).toSorted()).toEqual([...builtIn.keys()].toSorted());
});

test('turns every row red by some defect, or says why none can', () => {
  const killed = new Set(defects.flatMap((defect) => defect.rows));
  expect(rows.filter((id) => !killed.has(id))).toEqual(Object.keys(withoutDefect).toSorted());
});

test('names only rows of the catalogue, none of them twice in one entry', () => {
  for (const entry of defects) {
    const named = [...entry.rows, ...(entry.neighbours === 'any' ? [] : (entry.neighbours ?? []))];
    expect([nameOf(entry), named.filter((id) => !rows.includes(id))]).toEqual([nameOf(entry), []]);
    expect([nameOf(entry), new Set(named).size]).toEqual([nameOf(entry), named.length]);
  }
});

/** The list of conformance.md, section 7: a defect turns all these red, by one variant or another. */
const list =
  'X01 C01 C02 C03 C10 C11 C12 C13 C14 C15;X02 C14 C15;X03 F01 F02 F03 F21 E01;X04 H20 H21 H22 H23 H24 H25 H26 H28;' +
  'X05 I01 I02;X06 H17 H18 F04;X07 D09 I07;X08 J01 J02;X09 C16;X10 C17 C18 G10;X11 F14 F15 F22;X12 F04;' +
  'X13 H04 H05 H06 H33;X14 H01 H02 H03;X15 C08;X16 D03 D04 D06 D12 C21;X17 D05;X18 D01 D02 C01;X19 F10 F11 F12;' +
  'X20 A02 C01 C02;X21 H08 H10;X22 H22;X23 H23;X24 H20 H21 H30;X25 A07 E02 E03 F02;X26 F06 F01;X27 F08 F09;X28 F03;' +
  'X29 J05 C23 C07;X30 G05;X31 D12 I04;X32 K02 K03 K04;X33 K06 H28;X34 H06 H07;X35 F19 F20 J08;X36 C19;X37 J03 A02;' +
  'X38 H31 H32;X39 I08 B11;X40 K01 F13;X41 B01 E09;X42 B02 B03 M08;X43 E12;X44 D07 D13;X45 A03 L03 L04;' +
  'X46 C10 C11 C12 C13;X47 H11 H14 H15 H16 H29;X48 M01 M02 M03 M04 M06;X49 M05 M09;X50 M07 M10;X51 R03;X52 R01 R04 R05;' +
  'X53 R06 R07 R08 R09;X54 R10 R11 R12 R13 R14 C25';

test.each(list.split(';').map((line) => line.split(' ')))('holds %s as it is listed', (id, ...listed) => {
  const kept = new Set(defects.filter((entry) => entry.id === id).flatMap((entry) => entry.rows));
  expect(listed.filter((row) => !kept.has(row))).toEqual([]);
});
