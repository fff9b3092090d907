import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConformanceError, isConformanceError } from '../errors.ts';
import { canonical, sha256 } from './canonical.ts';

const signatureSchema = 'urn:emta-mock:report-signature';

/** The signature beside a report: over the bytes of the file, as they are. */
export interface DetachedSignature {
  readonly schema: typeof signatureSchema;
  readonly version: 1;
  readonly algorithm: 'Ed25519';
  readonly report_sha256: string;
  readonly public_key: string;
  readonly key_fingerprint: string;
  readonly signature: string;
}

/** SHA-256 of the public key in its DER form: what two people compare over another channel. */
export function fingerprintOf(key: KeyObject): string {
  const open = key.type === 'public' ? key : createPublicKey(key);
  return sha256(open.export({ type: 'spki', format: 'der' }));
}

export interface SigningKey {
  readonly key: KeyObject;
  readonly file: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
}

/** The Ed25519 key in a file; made there, readable by its owner only, when the file is missing. */
export function openSigningKey(file: string): SigningKey {
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    if (!isMissing(error))
      throw new ConformanceError('usage', `the key file "${file}" cannot be read`, { cause: error });
    const { privateKey } = generateKeyPairSync('ed25519');
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // `wx`: of two runs that start at once, the second must not replace the first one's key.
    try {
      writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    } catch (second) {
      if (isExisting(second)) return openSigningKey(file);
      throw new ConformanceError('usage', `no key can be written to "${file}"; name another with --key`, {
        cause: second,
      });
    }
    return { key: privateKey, file, isNew: true };
  }
  const key = readKey(() => createPrivateKey(pem), `expected a private key in PEM at "${file}"`);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new ConformanceError(
      'usage',
      `expected an Ed25519 key at "${file}", got ${key.asymmetricKeyType ?? 'another kind'}`,
    );
  }
  return { key, file, isNew: false };
}

function readKey(read: () => KeyObject, otherwise: string): KeyObject {
  try {
    return read();
  } catch (error) {
    // OpenSSL's codes for what is no PEM differ by version, so every failure to read means the same here.
    throw new ConformanceError('usage', otherwise, { cause: error });
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT');
const isExisting = (error: unknown): boolean => hasCode(error, 'EEXIST');

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

/** Signs the bytes of a report. */
export function signReport(bytes: string, key: KeyObject): DetachedSignature {
  return {
    schema: signatureSchema,
    version: 1,
    algorithm: 'Ed25519',
    report_sha256: sha256(bytes),
    public_key: pemOf(createPublicKey(key)),
    key_fingerprint: fingerprintOf(key),
    signature: sign(null, Buffer.from(bytes), key).toString('base64'),
  };
}

export type SignatureCheck =
  | { readonly kind: 'valid'; readonly fingerprint: string }
  | { readonly kind: 'invalid'; readonly because: string };

/** Checks a signature against the bytes, and against the key one expects, if any. */
export function checkSignature(
  bytes: string,
  signature: unknown,
  expected?: { readonly publicKeyPem: string },
): SignatureCheck {
  const invalid = (because: string): SignatureCheck => ({ kind: 'invalid', because });
  if (!isSignature(signature)) return invalid(`expected a signature of schema ${signatureSchema} version 1`);
  const key = publicKeyIn(signature.public_key);
  if (key === undefined) return invalid('expected a public key in PEM in the signature file, and nothing beside it');
  const fingerprint = fingerprintOf(key);
  if (expected !== undefined) {
    const wanted = fingerprintOf(readKey(() => createPublicKey(expected.publicKeyPem), 'expected a public key in PEM'));
    if (wanted !== fingerprint) return invalid(`signed by the key ${fingerprint}, not by the one given (${wanted})`);
  }
  if (signature.key_fingerprint !== fingerprint)
    return invalid('the fingerprint in the signature file is not that of its key');
  if (signature.report_sha256 !== sha256(bytes)) {
    return invalid(`the file's SHA-256 is ${sha256(bytes)}, but ${signature.report_sha256} was signed`);
  }
  const made = Buffer.from(signature.signature, 'base64');
  // Buffer reads over what is no base64: one signature must have one spelling.
  return made.toString('base64') === signature.signature && verify(null, Buffer.from(bytes), key, made)
    ? { kind: 'valid', fingerprint }
    : invalid('the signature was not made with the key it names');
}

/** The key of a signature file, which holds nothing beside it: OpenSSL reads over words about a PEM block. */
function publicKeyIn(pem: string): KeyObject | undefined {
  try {
    const key = readKey(() => createPublicKey(pem), 'expected a public key in PEM');
    return key.type === 'public' && pemOf(key) === pem ? key : undefined;
  } catch (error) {
    if (isConformanceError(error)) return undefined;
    throw error;
  }
}

const signedMembers = ['key_fingerprint', 'public_key', 'report_sha256', 'signature'];

function isSignature(value: unknown): value is DetachedSignature {
  if (typeof value !== 'object' || value === null) return false;
  const record: Readonly<Record<string, unknown>> = { ...value };
  const { schema, version, algorithm, ...signed } = record;
  // nothing more: what stands beside is signed by nobody, and could be read as if it were
  return (
    schema === signatureSchema &&
    version === 1 &&
    algorithm === 'Ed25519' &&
    canonical(Object.keys(signed).toSorted()) === canonical(signedMembers) &&
    Object.values(signed).every((value) => typeof value === 'string')
  );
}
