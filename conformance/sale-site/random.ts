import { randomBytes } from 'node:crypto';
import type { Random } from './ports.ts';

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** 256 bits that nobody can guess, safe in a URL and long enough for a PKCE verifier. */
export function secret(random: Random): string {
  return Buffer.from(random.bytes(32)).toString('base64url');
}

/** `length` characters of `alphabet`, each as likely as the others. */
export function draw(random: Random, alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < fair && text.length < length) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
