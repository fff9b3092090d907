import { strFromU8, unzipSync } from 'fflate';
import { ConformanceError } from '../errors.ts';
import { parseJsonWithPlaces } from '../json-places.ts';
import { sha256 } from './canonical.ts';
import { manifestName } from './package-report.ts';
import { checkSignature } from './signature.ts';
import { type ReportCheck, type ReportFiles, verifyReport } from './verify-report.ts';

const startOfZip = 'PK\u0003\u0004';

export const isPackage = (bytes: Uint8Array): boolean => strFromU8(bytes.subarray(0, 4), true) === startOfZip;

/** Checks the report in a package, and every file beside it against the list that was signed with the same key. */
export function verifyPackage(zip: Uint8Array, { publicKeyPem }: Pick<ReportFiles, 'publicKeyPem'> = {}): ReportCheck {
  const names: string[] = [];
  const files = unzipped(zip, names);
  const text = textIn(files, 'report.json');
  if (text === undefined)
    throw new ConformanceError('usage', 'expected a package with a "report.json" in it, got none');
  const signature = textIn(files, 'report.json.sig');
  const check = verifyReport({ text, signature, ...(publicKeyPem === undefined ? {} : { publicKeyPem }) });
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  return {
    ...check,
    files: names.length,
    faults: [
      ...check.faults,
      ...doubled.map((name) => `${name} stands twice in the package`),
      ...fileFaults(files, check.fingerprint),
    ],
  };
}

function unzipped(zip: Uint8Array, names: string[]): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(zip, { filter: ({ name }) => names.push(name) > 0 });
  } catch (cause) {
    throw new ConformanceError('usage', 'expected a zip that can be unpacked, got a damaged one', { cause });
  }
}

const textIn = (files: Readonly<Record<string, Uint8Array>>, name: string): string | undefined => {
  const bytes = files[name];
  return bytes === undefined ? undefined : strFromU8(bytes);
};

function valueIn(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const parsed = parseJsonWithPlaces(text);
  return parsed.kind === 'value' && parsed.doubled.length === 0 ? parsed.value : undefined;
}

/** Files that differ from the signed list, are not in the package, or not in the list. */
function fileFaults(files: Readonly<Record<string, Uint8Array>>, fingerprint: string | undefined): readonly string[] {
  const signatureName = `${manifestName}.sig`;
  const text = textIn(files, manifestName);
  if (text === undefined) return [`${manifestName} is missing: nothing shows what the other files were`];
  const checked = checkSignature(text, valueIn(textIn(files, signatureName)));
  if (checked.kind === 'invalid') return [`${manifestName}: ${checked.because}`];
  if (checked.fingerprint !== fingerprint) return [`${manifestName} was signed by another key than the report`];
  const signed = new Map(Object.entries({ ...(valueIn(text) as Readonly<Record<string, string>>) }));
  const present = Object.keys(files).filter((name) => name !== manifestName && name !== signatureName);
  return [
    ...[...signed.keys()].filter((name) => files[name] === undefined).map((name) => `${name} was taken out`),
    ...present.flatMap((name) => {
      if (!signed.has(name)) return [`${name} was put in after the package was signed`];
      return signed.get(name) === sha256(files[name] ?? '') ? [] : [`${name} was changed after the package was signed`];
    }),
  ];
}
