import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import { isConformanceError } from '../errors.ts';
import { leastFile, madeRun } from '../test/made-run.ts';
import { packageReport, withoutSecrets } from './package-report.ts';
import { makeReport, serializeReport } from './report.ts';
import { signReport } from './signature.ts';
import { verifyReport } from './verify-report.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const inputOf = (run: Parameters<typeof madeRun>[0]) => {
  const report = makeReport(madeRun(run));
  const text = serializeReport(report);
  return { report, text, signature: signReport(text, privateKey), ownerFile: JSON.stringify(leastFile) };
};

test('holds all that an auditor needs, and what is in it verifies', () => {
  const files = unzipSync(packageReport(inputOf({})));
  expect(Object.keys(files).filter((name) => !name.startsWith('evidence/'))).toEqual([
    'report.json',
    'report.json.sig',
    'public-key.pem',
    'report.html',
    'report.xml',
    'emta-rp.json',
  ]);
  expect(Object.keys(files)).toContain('evidence/C01.json');
  const read = (name: string) => strFromU8(files[name] ?? new Uint8Array());
  expect(
    verifyReport({
      text: read('report.json'),
      signature: read('report.json.sig'),
      publicKeyPem: read('public-key.pem'),
    }).faults,
  ).toEqual([]);
  expect(read('emta-rp.json')).not.toContain('made-up');
});

test('the same report makes the same bytes', () => {
  const input = inputOf({});
  expect(packageReport(input)).toEqual(packageReport(input));
});

test('is refused while the relying party is not certified', () => {
  let refusal = '';
  try {
    packageReport(inputOf({ C01: 'fail' }));
  } catch (error) {
    refusal = isConformanceError(error) ? `${error.code}: ${error.message}` : String(error);
  }
  expect(refusal).toBe(
    'package_refused: no package while the verdict is not-certified: C01 (critical) failed: the last page is a 500',
  );
});

test('leaves secrets out wherever they stand', () => {
  expect(
    JSON.parse(
      withoutSecrets(
        '{"client":{"client_secret":"a","client_id":"b"},"second_issuer":{"client":{"client_secret":"c","jwks":{}}}}',
      ),
    ),
  ).toEqual({ client: { client_id: 'b' }, second_issuer: { client: {} } });
});
