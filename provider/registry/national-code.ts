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
  | 'zero_middle'
  | 'unknown_prefix';

export interface NationalCodeRules {
  /** `page` takes what people type, folded; `machine` takes ten Latin digits and nothing else. Default: `page`. */
  readonly mode?: 'page' | 'machine';
  /** Accepts `1111111111` and its like, which pass the sum. Default: false. */
  readonly repeatedDigits?: boolean;
  /** Accepts codes whose middle six digits are zero, which nobody was given. Default: false. */
  readonly zeroMiddle?: boolean;
  /** Whether an office has these three first digits; without it every prefix is accepted. */
  readonly isKnownPrefix?: (prefix: string) => boolean;
}

/** What may stand in the register: every code that passes the sum, whatever the page takes. */
export const anyCode = { repeatedDigits: true, zeroMiddle: true } as const satisfies NationalCodeRules;

/** The check digit that belongs to the first nine digits of a national code. */
export function nationalCodeCheckDigit(nineDigits: string): number {
  let sum = 0;
  for (let position = 0; position < 9; position += 1) {
    sum += (nineDigits.charCodeAt(position) - 48) * (10 - position);
  }
  const remainder = sum % 11;
  return remainder < 2 ? remainder : 11 - remainder;
}

/** Reads a national code: always ten digits, never padded. */
export function parseNationalCode(
  text: string,
  rules: NationalCodeRules = {},
): Parsed<NationalCode, NationalCodeRefusal> {
  const code = rules.mode === 'machine' ? text : foldDigits(stripBidiMarks(text)).replace(/[\s\u200c-]/g, '');
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
  if (rules.repeatedDigits !== true && /^(.)\1{9}$/.test(code)) {
    return refused('repeated');
  }
  if (rules.zeroMiddle !== true && code.slice(3, 9) === '000000') {
    return refused('zero_middle');
  }
  if (rules.isKnownPrefix !== undefined && !rules.isKnownPrefix(code.slice(0, 3))) {
    return refused('unknown_prefix');
  }
  return parsed(code as NationalCode);
}
