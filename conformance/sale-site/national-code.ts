import { typedNumber } from './text.ts';

/** A national code as a machine must send it: ten Latin digits, the last one right. */
export function parseNationalCode(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[0-9]{10}$/.test(value) || /^(.)\1{9}$/.test(value)) return undefined;
  const digits = [...value].map(Number);
  const sum = digits.slice(0, 9).reduce((total, digit, index) => total + digit * (10 - index), 0);
  const remainder = sum % 11;
  return digits[9] === (remainder < 2 ? remainder : 11 - remainder) ? value : undefined;
}

/** A national code as people type it: any digits, blanks and hyphens between them. */
export function parseTypedNationalCode(text: string): string | undefined {
  return parseNationalCode(typedNumber(text).replace(/[\s-]/g, ''));
}

/** Enough to recognise one's own, too little to copy. */
export function maskNationalCode(code: string): string {
  return `${code.slice(0, 3)}*****${code.slice(8)}`;
}
