import { type Parsed, parsed, refused } from '../kernel/parsed.ts';
import { foldDigits, stripBidiMarks } from '../kernel/text.ts';
import type { NationalCode } from './citizen.ts';

/** Why a text is no national code. `foreign`: twelve digits, the code of a foreign national, which has other rules. */
export type NationalCodeRefusal =
  | 'required'
  | 'characters'
  | 'length'
  | 'foreign'
  | 'check_digit'
  | 'repeated'
  | 'zero_middle';

/** The check digit that belongs to the first nine digits of a national code. */
export function nationalCodeCheckDigit(nineDigits: string): number {
  let sum = 0;
  for (let position = 0; position < 9; position += 1) {
    sum += (nineDigits.charCodeAt(position) - 48) * (10 - position);
  }
  const remainder = sum % 11;
  return remainder < 2 ? remainder : 11 - remainder;
}

/**
 * Reads a national code as people type it; with mode `machine`, ten Latin digits alone. It is never padded, and any
 * prefix will do.
 */
export function parseNationalCode(
  text: string,
  mode: 'page' | 'machine' = 'page',
): Parsed<NationalCode, NationalCodeRefusal> {
  const code = mode === 'machine' ? text : foldDigits(stripBidiMarks(text)).replace(/[\s\u200c-]/g, '');
  if (code === '') {
    return refused('required');
  }
  if (!/^[0-9]+$/.test(code)) {
    return refused('characters');
  }
  if (code.length !== 10) {
    return refused(code.length === 12 ? 'foreign' : 'length');
  }
  if (nationalCodeCheckDigit(code) !== Number(code.charAt(9))) {
    return refused('check_digit');
  }
  // These and the next pass the sum, and nobody was given them.
  if (/^(.)\1{9}$/.test(code)) {
    return refused('repeated');
  }
  if (code.slice(3, 9) === '000000') {
    return refused('zero_middle');
  }
  return parsed(code as NationalCode);
}
