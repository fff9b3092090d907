import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { EmtaError } from '../kernel/errors.ts';

/** A certificate and its private key, both PEM; one file holds the two, so that they never part. */
export interface KeptCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Reads what `keepCertificate` wrote; undefined when there is no such file. Throws on a file it cannot use. */
export function readKept(file: string): KeptCertificate | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0];
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text)?.[0];
  if (cert === undefined || key === undefined || !isPair(cert, key)) {
    throw new EmtaError(
      'bad_option',
      `expected "${file}" to hold a certificate and its private key, got something else`,
      {
        hint: 'delete the file to have a new one made; whoever trusted the old authority must then trust the new one',
      },
    );
  }
  return { cert, key };
}

/**
 * Writes the file for its owner's eyes alone, whole or not at all. With `unlessThere` a file that another process
 * wrote in the meantime stays; read it back to learn whose it is.
 */
export function keepCertificate(file: string, { cert, key }: KeptCertificate, unlessThere: boolean): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, cert + key, { mode: 0o600, flag: 'wx' });
  if (unlessThere) {
    linkUnlessThere(draft, file);
    rmSync(draft);
  } else {
    renameSync(draft, file);
  }
}

function linkUnlessThere(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return undefined;
  }
}

function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    if (!/^ERR_(OSSL|CRYPTO)/.test(String(codeOf(error)))) throw error;
    return false;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
