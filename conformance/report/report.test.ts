import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isConformanceError } from '../errors.ts';
import { madeRun } from '../test/made-run.ts';
import { canonical } from './canonical.ts';
import { commandOf } from './command.ts';
import { mask } from './mask.ts';
import { makeReport, serializeReport } from './report.ts';
import { openSigningKey, signReport } from './signature.ts';
import { verifyReport } from './verify-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'emta-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { key } = openSigningKey(join(folder, 'deep', 'key.pem'));
const text = serializeReport(makeReport(madeRun({ C01: 'fail', F13: 'not-applicable' })));
const signature = JSON.stringify(signReport(text, key));

test('the file is JSON, says everything once, and verifies', () => {
  const report = JSON.parse(text);
  expect(report.schema).toBe('urn:emta-mock:report');
  expect(report.rows).toHaveLength(136);
  expect(report.footer).toMatchObject({
    rows: 136,
    counts: { pass: 134, fail: 1, warn: 0, inconclusive: 0, 'not-applicable': 1, 'accepted-by-tls': 0 },
    verdict: 'not-certified',
    exit_code: 1,
    reasons: [
      {
        en: 'C01 (critical) failed: the last page is a 500',
        fa: '\u2068C01\u2069 (بحرانی) ناموفق بود: \u2068the last page is a 500\u2069',
      },
    ],
  });
  expect(verifyReport({ text, signature })).toMatchObject({ faults: [], signature: 'valid' });
});

test('each row tells how to repeat it, and the header how to repeat the run', () => {
  const asked = { emtaUrl: 'http://localhost:4301', baseline: 'b.json', concurrency: 2, skipWaits: true };
  const report = makeReport(madeRun({ C01: 'fail' }, { fileName: "owner's file.json", asked }));
  const repeat = (only: string) =>
    `EMTA_URL=http://localhost:4301 npx emta certify 'owner'\\''s file.json' ${only}--profile core-must --seed 7f3a --baseline b.json --concurrency 2 --skip-waits`;
  expect(report.rows.find((row) => row.id === 'C01')?.reproduce).toBe(repeat('--only C01 '));
  expect(report.header.command).toBe(repeat(''));
  const named = { ...asked, emta: 'http://x', baseline: undefined, concurrency: undefined, skipWaits: false };
  expect(commandOf({ fileName: 'f.json', profile: 'audit', asked: named, seed: 's' }, ['C01', 'C02'])).toBe(
    'npx emta certify f.json --only C01,C02 --profile audit --seed s --emta http://x',
  );
});

describe('a report that was touched', () => {
  const touched = (from: string | RegExp, to: string) => {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    return verifyReport({ text: changed, signature }).faults;
  };

  test('a verdict turned green is found by chain, counts and signature', () => {
    const faults = touched('"verdict":"fail"', '"verdict":"warn"');
    expect(faults[0]).toBe('row C01 was changed after it was written');
    expect(faults).toContain('the footer counts 1 fail, the rows are 0');
    expect(faults.at(-1)).toMatch(/^signature: the file's SHA-256 is /);
  });

  test('a row taken out is found', () => {
    expect(touched(/\n\{[^\n]*"id":"C01"[^\n]*,(?=\n)/, '')).toContain(
      'row C02 does not follow the record before it: one was taken out, put in or moved',
    );
  });

  test('without its footer it certifies nothing', () => {
    expect(verifyReport({ text: text.replace(/,\n"footer".*/s, '}'), signature }).faults[0]).toBe(
      'the footer is missing: the run did not end, and certifies nothing',
    );
  });

  test('a pass without a positive observation is refused by the schema', () => {
    const report = JSON.parse(text);
    report.rows[0].oracles[0].positive = false;
    expect(verifyReport({ text: JSON.stringify(report), signature }).faults).toContain(
      '/rows/0/oracles: must contain at least 1 valid item(s)',
    );
  });

  test('cut in the middle it tells where', () => {
    expect(verifyReport({ text: text.slice(0, 300), signature }).faults[0]).toMatch(/^line 2, column \d+: /);
  });
});

test('a report without a signature file, or signed by another key, is not accepted', () => {
  expect(verifyReport({ text, signature: undefined }).faults).toEqual([
    'the signature file is missing; nothing shows who made the report',
  ]);
  const other = openSigningKey(join(folder, 'other.pem'));
  const { public_key } = signReport(text, other.key);
  expect(verifyReport({ text, signature, publicKeyPem: public_key })).toMatchObject({
    signature: 'invalid',
    faults: [expect.stringMatching(/^signature: signed by the key [0-9a-f]{64}, not by the one given/)],
  });
  const forged = JSON.stringify({
    ...JSON.parse(signature),
    public_key,
    key_fingerprint: signReport(text, other.key).key_fingerprint,
  });
  expect(verifyReport({ text, signature: forged }).faults).toEqual([
    'signature: the signature was not made with the key it names',
  ]);
});

test('the key is made once, for its owner only, and found again', () => {
  const file = join(folder, 'made', 'key.pem');
  const first = openSigningKey(file);
  const second = openSigningKey(file);
  expect([first.isNew, second.isNew]).toEqual([true, false]);
  expect(second.key.equals(first.key)).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, 'no key');
  let refusal = '';
  try {
    openSigningKey(file);
  } catch (error) {
    refusal = isConformanceError(error) ? error.message : String(error);
  }
  expect(refusal).toBe(`expected a private key in PEM at "${file}"`);
});

test('canonical JSON reads back as the value and does not depend on the order of members', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonical({ b: 1, a: [undefined, null], c: undefined })).toBe('{"a":[null,null],"b":1}');
});

test.each([
  ['tel 09123456789.', 'tel 091*****789.'],
  ['+989123456789', '+98912*****789'.replace('+98912', '+9891')],
  ['۰۹۱۲۳۴۵۶۷۸۹', '۰۹۱*****۷۸۹'],
  ['code 0012345679', 'code 001*****79'],
  ['?code=abcdefghij&state=12345678&x=1', '?code=abcd…&state=1234…&x=1'],
  ['?code=sha256:0123456789ab&x=1', '?code=sha256:0123456789ab&x=1'],
  ['error_code=consent_refused_ok', 'error_code=consent_refused_ok'],
  ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'eyJhbG…(41 characters)'],
  ['2026-02-28T10:00:00Z is 1772272800000', '2026-02-28T10:00:00Z is 1772272800000'],
])('masks %s', (open, masked) => {
  expect(mask(open)).toBe(masked);
});
