import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decide } from '../certification.ts';
import { madeRun } from '../test/made-run.ts';
import { canonical, chain, genesis } from './canonical.ts';
import { makeReport, type Report, serializeReport } from './report.ts';
import { fingerprintOf, signReport } from './signature.ts';
import { reportVerifier } from './verify-report.ts';

/** A report with one row of each verdict, so that every leaf can be changed in a moment. */
function smallReport(): Report {
  const kept = ['A01', 'C01', 'C04', 'D03', 'F13', 'H24'];
  const run = madeRun(
    { C01: 'fail', C04: 'warn', D03: 'inconclusive', F13: 'not-applicable', H24: 'accepted-by-tls' },
    { baseline: [{ id: 'C03', until: '2026-12-31', reason: 'being mended', signed_by: 'the owner' }] },
  );
  const verdicts = run.verdicts.filter(({ id }) => kept.includes(id));
  const { profile, baseline } = run;
  return makeReport({
    ...run,
    only: kept,
    rows: run.rows.filter(({ id }) => kept.includes(id)),
    verdicts,
    decision: decide({ profile, baseline, verdicts, demanded: kept, partial: true, defects: [] }),
  });
}

const verifyReport = reportVerifier();
const report = smallReport();
const text = serializeReport(report);
const { privateKey } = generateKeyPairSync('ed25519');
const signature = JSON.stringify(signReport(text, privateKey));

type Path = readonly (string | number)[];

/** Where every value stands: leaves, and the objects and lists they stand in. */
const placesIn = (value: unknown, path: Path = []): readonly Path[] => [
  ...(path.length === 0 ? [] : [path]),
  ...(Array.isArray(value) ? value.flatMap((inner, index) => placesIn(inner, [...path, index])) : []),
  ...(typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...path, name]))
    : []),
];

/** A copy in which the value at a place is another, or is gone. */
function changedAt(value: unknown, [step, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value))
    return value.flatMap((inner, index) => {
      const made = index === step ? changedAt(inner, rest, change) : inner;
      return made === undefined ? [] : [made];
    });
  if (typeof value !== 'object' || value === null) throw new Error(`nothing stands at ${step}`);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === step ? changedAt(inner, rest, change) : inner]),
  );
}

const valueAt = (value: unknown, path: Path): unknown => {
  let found: unknown;
  changedAt(value, path, (old) => {
    found = old;
    return old;
  });
  return found;
};

/** The nearest other value of the same type. */
function other(value: unknown): unknown {
  if (typeof value === 'string') return value.endsWith('0') ? `${value.slice(0, -1)}1` : `${value.slice(0, -1)}0`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return value === null ? 'null' : undefined;
}

/** How a refusal may call the place: by its record, or by its path in the file. */
function namesOf([record, index, member]: Path): readonly string[] {
  if (record !== 'rows' || typeof index !== 'number')
    return [`the ${record}`, `/${record}`, `'${record}'`, `${record}`];
  const [row, next] = [report.rows[index], report.rows[index + 1]];
  // whoever renames a row finds it under its new name
  const renamed = member === 'id' ? [`row ${other(row?.id)}`] : [];
  return [`row ${row?.id}`, next === undefined ? 'the footer' : `row ${next.id}`, `/rows/${index}`, ...renamed];
}

/** The refusals that do not name the place; none where the report was rightly refused. */
function unnamed(changed: unknown, path: Path, how: string): readonly string[] {
  const { faults } = verifyReport({ text: JSON.stringify(changed), signature });
  const named = faults.some((fault) => namesOf(path).some((name) => fault.includes(name)));
  return named ? [] : [`${how} ${path.join('.')}: ${faults.join(' | ')}`];
}

const places = placesIn(report);

describe('a report in which', () => {
  test('nothing was touched is valid', () => {
    expect(verifyReport({ text, signature }).faults).toEqual([]);
    expect(places.length).toBeGreaterThan(400);
  });

  test('any one value is another is refused, and the refusal says where', () => {
    const leaves = places.filter((path) => other(valueAt(report, path)) !== undefined);
    expect(leaves.flatMap((path) => unnamed(changedAt(report, path, other), path, 'changed'))).toEqual([]);
  });

  test('anything is missing is refused, and the refusal says where', () => {
    expect(
      places.flatMap((path) =>
        unnamed(
          changedAt(report, path, () => undefined),
          path,
          'removed',
        ),
      ),
    ).toEqual([]);
  });

  test('anything is added is refused', () => {
    const objects = [[], ...places].filter((path) => {
      const value = valueAt(report, path);
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    });
    const added = (path: Path) => changedAt(report, path, (old) => ({ ...(old as object), added: true }));
    for (const path of objects)
      expect({
        path,
        faults: verifyReport({ text: JSON.stringify(added(path)), signature }).faults.length,
      }).not.toEqual({
        path,
        faults: 0,
      });
  });

  test('a row was taken out, doubled or moved is refused, and the refusal names the row after it', () => {
    const rows = report.rows.length;
    for (const index of report.rows.keys()) {
      const [row, next] = [report.rows[index], report.rows[index + 1]];
      const place = next === undefined ? 'the footer' : `row ${next.id}`;
      const forms = {
        removed: report.rows.toSpliced(index, 1),
        doubled: report.rows.toSpliced(index, 0, ...report.rows.slice(index, index + 1)),
        moved: index + 1 < rows ? report.rows.toSpliced(index, 2, ...[next, row].flatMap((one) => one ?? [])) : [],
      };
      for (const [how, changed] of Object.entries(forms)) {
        const { faults } = verifyReport({ text: JSON.stringify({ ...report, rows: changed }), signature });
        const isNamed = faults.some((fault) => fault.includes(place) || fault.includes(`row ${row?.id}`));
        expect({ how, place, isNamed }).toEqual({ how, place, isNamed: true });
      }
    }
  });

  test('a member stands twice is refused with its line, since readers differ in which they take', () => {
    const twice = text.replace('"verdict":"fail"', '"verdict":"fail","verdict":"pass"');
    expect(verifyReport({ text: twice, signature }).faults[0]).toMatch(/^line \d+, column \d+: /);
  });

  test('the text ends early is refused with the line', () => {
    for (const part of [0.1, 0.5, 0.99])
      expect(verifyReport({ text: text.slice(0, text.length * part), signature }).faults[0]).toMatch(
        /^line \d+, column \d+: /,
      );
  });

  test('a blank was added, which changes no value, is refused by the signature', () => {
    expect(verifyReport({ text: `${text} `, signature }).faults).toEqual([
      expect.stringMatching(/^signature: the file's SHA-256 is /),
    ]);
  });

  test('everything was chained anew after a change is refused by the signature alone', () => {
    const { previous: _, hash: __, ...header } = report.header;
    const forged = chain({ ...header, finished_at: '2026-03-01T10:00:00.000Z' }, genesis);
    let last = forged.hash;
    const anew = ({ previous: _p, hash: _h, ...record }: { readonly previous: string; readonly hash: string }) => {
      const made = chain(record, last);
      last = made.hash;
      return made;
    };
    const rows = report.rows.map(anew);
    const whole = canonical({ ...report, header: forged, rows, footer: anew(report.footer) });
    expect(verifyReport({ text: whole, signature }).faults).toEqual([
      expect.stringMatching(/^signature: the file's SHA-256 is /),
    ]);
  });
});

describe('a report that was signed with a verdict which its rows do not bear is refused', () => {
  const faultsOf = (made: Report) => {
    const whole = serializeReport(made);
    return verifyReport({ text: whole, signature: JSON.stringify(signReport(whole, privateKey)) }).faults;
  };
  const certified = { outcome: 'certified', exitCode: 0, reasons: [] } as const;

  test('by a failure, or by a doubt', () => {
    for (const [verdict, made] of [
      ['fail', 'not-certified (1)'],
      ['inconclusive', 'inconclusive (3)'],
    ] as const) {
      const run = madeRun({ C01: verdict });
      expect(faultsOf(makeReport(run))).toEqual([]);
      expect(faultsOf(makeReport({ ...run, decision: { ...run.decision, ...certified } }))).toEqual([
        `the footer says certified (0), its rows make it ${made}`,
      ]);
    }
  });

  test('by rows that were left out, chosen or not', () => {
    const run = madeRun();
    const verdicts = run.verdicts.filter(({ id }) => id !== 'C01');
    const counts = { ...run.decision.counts, pass: run.decision.counts.pass - 1 };
    const decision = { ...run.decision, ...certified, counts };
    expect(faultsOf(makeReport({ ...run, verdicts, decision }))).toEqual([
      'the footer says certified (0), its rows make it defect (3)',
    ]);
    expect(faultsOf(makeReport({ ...run, only: ['A01'] }))).toEqual([
      'the footer says certified (0), its rows make it partial (3)',
    ]);
  });

  test('but a run that a defect of the harness spoiled may say so', () => {
    const run = madeRun();
    const decided = decide({ ...run, demanded: [], partial: false, defects: ['C01: a bug'] });
    expect(decided.outcome).toBe('defect');
    expect(faultsOf(makeReport({ ...run, decision: decided }))).toEqual([]);
  });

  test('by a row that is excused without a baseline', () => {
    const run = madeRun({ C04: 'fail' });
    expect(faultsOf(makeReport({ ...run, decision: { ...run.decision, ...certified, excused: ['C04'] } }))).toEqual([
      'row C04 stands as excused, by the baseline it is the contrary',
      'the footer says certified (0), its rows make it not-certified (1)',
    ]);
  });
});

describe('a signature', () => {
  const parts: Readonly<Record<string, unknown>> = JSON.parse(signature);
  const faultsWith = (changed: object | string) =>
    verifyReport({ text, signature: typeof changed === 'string' ? changed : JSON.stringify(changed) }).faults;
  const refusal = [expect.stringMatching(/^signature: /)];

  test('in which any one part is another, missing or cut is refused', () => {
    for (const [name, value] of Object.entries(parts)) {
      expect({ name, faults: faultsWith({ ...parts, [name]: other(value) }) }).toEqual({ name, faults: refusal });
      expect({ name, faults: faultsWith({ ...parts, [name]: undefined }) }).toEqual({ name, faults: refusal });
      for (const cut of typeof value === 'string' ? [1, 2, value.length - 1, value.length] : [])
        expect({
          name,
          cut,
          faults: faultsWith({ ...parts, [name]: typeof value === 'string' ? value.slice(0, value.length - cut) : '' }),
        }).toEqual({ name, cut, faults: refusal });
    }
  });

  test('with a part that is not its own, or that stands twice, is refused', () => {
    expect(faultsWith({ ...parts, note: 'approved' })).toEqual(refusal);
    expect(faultsWith(signature.replace('"version":1', '"version":2,"version":1'))).toEqual(refusal);
    expect(faultsWith({ ...parts, signature: `${parts.signature}#` })).toEqual(refusal);
    expect(faultsWith({ ...parts, public_key: `${parts.public_key}# of the auditor` })).toEqual(refusal);
    expect(faultsWith(signature.slice(0, -5))).toEqual(refusal);
  });

  test('by another key is refused where the key is known, and shown by its fingerprint where it is not', () => {
    const { privateKey: strange } = generateKeyPairSync('ed25519');
    const theirs = signReport(text, strange);
    const publicKeyPem = String(parts.public_key);
    expect(verifyReport({ text, signature: JSON.stringify(theirs), publicKeyPem }).faults).toEqual([
      `signature: signed by the key ${fingerprintOf(strange)}, not by the one given (${fingerprintOf(privateKey)})`,
    ]);
    expect(verifyReport({ text, signature: JSON.stringify(theirs) })).toMatchObject({
      faults: [],
      fingerprint: fingerprintOf(strange),
    });
    for (const name of ['public_key', 'key_fingerprint', 'signature'] as const)
      expect({ name, faults: faultsWith({ ...parts, [name]: theirs[name] }) }).toEqual({ name, faults: refusal });
  });
});
