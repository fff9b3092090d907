import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { isConformanceError } from '../errors.ts';
import { leastFile, madeRun } from '../test/made-run.ts';
import { packageReport, withoutSecrets } from './package-report.ts';
import { makeReport, serializeReport } from './report.ts';
import { signReport } from './signature.ts';
import { verifyPackage } from './verify-package.ts';
import { verifyReport } from './verify-report.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const inputOf = (run: Parameters<typeof madeRun>[0]) => {
  const report = makeReport(madeRun(run));
  const text = serializeReport(report);
  return { report, text, sign: (one: string) => signReport(one, privateKey), ownerFile: JSON.stringify(leastFile) };
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
    'files.json',
    'files.json.sig',
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

describe('the check of a package', () => {
  const input = inputOf({});
  const files = unzipSync(packageReport(input));
  const faultsWith = (changed: Readonly<Record<string, Uint8Array>>) =>
    verifyPackage(zipSync({ ...files, ...changed }, { level: 0 })).faults;

  test('finds nothing where nothing was touched', () => {
    expect(verifyPackage(packageReport(input))).toMatchObject({ faults: [], files: Object.keys(files).length });
  });

  test('names the file that was changed, whichever it is', () => {
    for (const [name, bytes] of Object.entries(files)) {
      if (name === 'report.json' || /^evidence\/(?!C01)/.test(name)) continue;
      const faults = faultsWith({ [name]: strToU8(`${strFromU8(bytes)} `) });
      // a space after it changes no JSON: the signatures themselves are read, and their list is
      if (name === 'files.json.sig') expect(faults).toEqual([]);
      else expect({ name, told: faults.some((fault) => fault.startsWith(name)) }).toEqual({ name, told: true });
    }
    expect(faultsWith({ 'evidence/C01.json': strToU8('[]') })).toEqual([
      'evidence/C01.json was changed after the package was signed',
    ]);
  });

  test('names a file that was put in or taken out', () => {
    expect(faultsWith({ 'evidence/Z99.json': strToU8('[]') })).toEqual([
      'evidence/Z99.json was put in after the package was signed',
    ]);
    const { 'report.html': _gone, ...rest } = files;
    expect(verifyPackage(zipSync(rest)).faults).toEqual(['report.html was taken out']);
  });

  test('refuses a list that is missing or signed by somebody else', () => {
    const { 'files.json': list = new Uint8Array(), ...rest } = files;
    expect(verifyPackage(zipSync(rest)).faults).toEqual([
      'files.json is missing: nothing shows what the other files were',
    ]);
    const { privateKey: foreign } = generateKeyPairSync('ed25519');
    const sig = strToU8(JSON.stringify(signReport(strFromU8(list), foreign)));
    expect(faultsWith({ 'files.json.sig': sig })).toEqual(['files.json was signed by another key than the report']);
  });
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
