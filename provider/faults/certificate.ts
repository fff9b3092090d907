import { webcrypto } from 'node:crypto';
import type { SigningKey } from './tamper.ts';

const day = 86_400_000;

/** A certificate of the attacker's own making over one of his keys, as base64 DER, for `x5c`. */
export async function selfSignedCertificate(key: SigningKey, now: number): Promise<string> {
  // Loaded when first needed: it costs a start that almost nobody pays for. Its container wants the polyfill first.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const privateKey = await webcrypto.subtle.importKey('jwk', { ...key.privateJwk }, algorithm, false, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('jwk', { ...key.publicJwk }, algorithm, true, ['verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: ['emta-mock attacker'] }, { O: ['emta-mock for tests'] }],
      notBefore: new Date(now - day),
      notAfter: new Date(now + day),
      signingAlgorithm: algorithm,
      keys: { privateKey, publicKey },
    },
    webcrypto,
  );
  return Buffer.from(certificate.rawData).toString('base64');
}
