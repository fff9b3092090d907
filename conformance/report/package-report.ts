import { strToU8, zipSync } from 'fflate';
import { ConformanceError } from '../errors.ts';
import { canonical, sha256 } from './canonical.ts';
import { htmlReport } from './html-report.ts';
import { junitReport } from './junit.ts';
import type { Report } from './report.ts';
import type { DetachedSignature } from './signature.ts';

export interface PackageInput {
  readonly report: Report;
  /** The report as it was signed. */
  readonly text: string;
  /** Signs a text with the key of the report. */
  readonly sign: (text: string) => DetachedSignature;
  /** The text of the owner's file. */
  readonly ownerFile: string;
}

/** The list of a package's files, signed like the report. */
export const manifestName = 'files.json';

/** SHA-256 of every file by its name, the report among them. */
const manifestOf = (files: Readonly<Record<string, Uint8Array>>): string =>
  `${canonical(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])))}\n`;

const signatureText = (signature: DetachedSignature): string => `${JSON.stringify(signature, null, 2)}\n`;

const secrets = ['client_secret', 'jwks'];

/** The owner's file without what must not travel. */
export function withoutSecrets(text: string): string {
  const open = (_name: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !secrets.includes(name)))
      : value;
  return `${JSON.stringify(JSON.parse(text, open), null, 2)}\n`;
}

/** Everything an auditor needs in one zip; refused while the relying party is not certified. */
export function packageReport({ report, text, sign, ownerFile }: PackageInput): Uint8Array {
  if (report.footer.verdict !== 'certified') {
    const [reason] = report.footer.reasons;
    throw new ConformanceError(
      'package_refused',
      `no package while the verdict is ${report.footer.verdict}: ${reason?.en ?? ''}`,
    );
  }
  const signature = sign(text);
  const evidence = report.rows.flatMap(({ id, cases = [] }): readonly (readonly [string, Uint8Array])[] => [
    ...(cases.length === 0 ? [] : [[`evidence/${id}.json`, strToU8(`${JSON.stringify(cases, null, 2)}\n`)] as const]),
    // for eyes: the same pictures stand in the JSON
    ...cases.flatMap(({ page }, index) =>
      page?.picture === undefined
        ? []
        : [[`evidence/${id}.${index + 1}.jpg`, Buffer.from(page.picture, 'base64')] as const],
    ),
  ]);
  const files: Readonly<Record<string, Uint8Array>> = {
    'report.json': strToU8(text),
    'report.json.sig': strToU8(signatureText(signature)),
    'public-key.pem': strToU8(signature.public_key),
    'report.html': strToU8(htmlReport(report, { fingerprint: signature.key_fingerprint, reportFile: 'report.json' })),
    'report.xml': strToU8(junitReport(report)),
    'emta-rp.json': strToU8(withoutSecrets(ownerFile)),
    ...Object.fromEntries(evidence),
  };
  const manifest = manifestOf(files);
  const all = {
    ...files,
    [manifestName]: strToU8(manifest),
    [`${manifestName}.sig`]: strToU8(signatureText(sign(manifest))),
  };
  // The time of the run, not of the packing: the same report makes the same bytes.
  return zipSync(all, { mtime: new Date(report.header.finished_at) });
}
