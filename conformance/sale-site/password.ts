import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from './ports.ts';

export type PasswordFault =
  | 'site.password.min'
  | 'site.password.upper'
  | 'site.password.digit'
  | 'site.password.no_persian';

/** The rules of the circular, step 5, each by the key of its text. */
export function passwordFaults(password: string): readonly PasswordFault[] {
  const faults: PasswordFault[] = [];
  if ([...password].length < 8) faults.push('site.password.min');
  if (!/[A-Z]/.test(password)) faults.push('site.password.upper');
  if (!/[0-9]/.test(password)) faults.push('site.password.digit');
  if (/[\p{Script=Arabic}\u0660-\u0669\u06f0-\u06f9]/u.test(password)) faults.push('site.password.no_persian');
  return faults;
}

const cost = { N: 16384, r: 8, p: 1 };

function derive(password: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = Buffer.from(random.bytes(16));
  return `scrypt$${salt.toString('base64url')}$${(await derive(password, salt)).toString('base64url')}`;
}

const nobody = `scrypt$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** Takes the same time whether there is a password to compare with or not. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, salt = '', expected = ''] = (hash ?? nobody).split('$');
  const key = await derive(password, Buffer.from(salt, 'base64url'));
  const isSame = timingSafeEqual(key, Buffer.from(expected, 'base64url'));
  return isSame && hash !== undefined;
}
