import { readFileSync } from 'node:fs';
import { counted } from '../counted.ts';
import { ConformanceError } from '../errors.ts';
import { paint } from '../report/paint.ts';
import { isPackage, verifyPackage } from '../report/verify-package.ts';
import { verifyReport } from '../report/verify-report.ts';
import type { ExitCode, Io } from './io.ts';

export interface VerifyOptions {
  /** The signature file; beside the report when left out. */
  readonly signature: string | undefined;
  /** File of the public key that must have signed. */
  readonly publicKey: string | undefined;
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConformanceError('usage', `expected ${what} at "${file}", got nothing that can be read there`, { cause });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return undefined;
    throw new ConformanceError('usage', `"${file}" cannot be read`, { cause: error });
  }
}

/** Where the signature of a report lies unless told otherwise. */
export const signatureFileOf = (report: string): string => `${report}.sig`;

const most = 10;

/** Of many faults the first ones, and the last, which is about the signature. */
function inShort(faults: readonly string[]): readonly string[] {
  if (faults.length <= most) return faults;
  return [...faults.slice(0, most - 1), `and ${faults.length - most} more`, ...faults.slice(-1)];
}

/** The report alone, beside its signature. */
function checkAlone(bytes: Buffer, file: string, options: VerifyOptions, key: { readonly publicKeyPem?: string }) {
  const signature =
    options.signature === undefined
      ? readIfThere(signatureFileOf(file))
      : read(options.signature, 'a signature file').toString('utf8');
  return verifyReport({ text: bytes.toString('utf8'), signature, ...key });
}

/** Checks a report's chain and signature, in a package every file beside it too, and says what it certifies. */
export function verifyReportFile(file: string, options: VerifyOptions, io: Io): ExitCode {
  const bytes = read(file, 'a report or a package');
  const publicKeyPem =
    options.publicKey === undefined ? undefined : read(options.publicKey, 'a public key').toString('utf8');
  const key = publicKeyPem === undefined ? {} : { publicKeyPem };
  const check = isPackage(bytes) ? verifyPackage(bytes, key) : checkAlone(bytes, file, options, key);
  const paints = paint(io.colours.out);
  if (check.faults.length > 0) {
    io.out(`${paints.bad('not as it was signed')}: ${file}\n`);
    for (const fault of inShort(check.faults)) io.out(`  - ${fault}\n`);
    return 1;
  }
  const { report } = check;
  if (report === undefined) throw new ConformanceError('harness_defect', 'a report without faults could not be read');
  const { header, footer } = report;
  io.out(`${paints.good('unchanged since it was signed')}: ${file}\n`);
  io.out(counted`  chain      header, ${report.rows.length} row(s) and footer follow one another unchanged\n`);
  io.out(`             last hash ${footer.hash}\n`);
  io.out(`  signature  good, by the Ed25519 key ${check.fingerprint ?? ''}\n`);
  if (check.files !== undefined) io.out(counted`  package    ${check.files} file(s), all as they were signed\n`);
  io.out(
    `  verdict    ${footer.verdict}: ${header.relying_party.name} ${header.relying_party.version}, ${header.profile}\n`,
  );
  io.out(`  run        started ${header.started_at}, ended ${header.finished_at}\n`);
  io.out(`  run by     ${header.run_by ?? 'nobody was named'}\n`);
  io.out('  emta       a simulation; the real Emta took no part\n');
  if (publicKeyPem === undefined) {
    io.out(
      '  The key came with the report. Compare its fingerprint over another channel, or hand the key over with --public-key FILE.\n',
    );
  }
  return 0;
}
