const easternDigit = /[\u06f0-\u06f9\u0660-\u0669]/g;
const bidiMark = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const arabicForms: Readonly<Record<string, string>> = { '\u064a': '\u06cc', '\u0649': '\u06cc', '\u0643': '\u06a9' };

/** Writes Persian and Arabic-Indic digits as Latin ones. */
export function foldDigits(text: string): string {
  return text.replace(easternDigit, (digit) => String(digit.charCodeAt(0) & 0xf));
}

/** Writes Latin digits as Persian ones, for the eye alone. */
export function persianDigits(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x06f0 + Number(digit)));
}

/** A name or a line of text with Persian yeh and kaf, without marks of direction; joiners stay. */
export function foldLetters(text: string): string {
  return text
    .normalize('NFC')
    .replace(bidiMark, '')
    .replace(/[\u064a\u0649\u0643]/g, (letter) => arabicForms[letter] ?? letter)
    .trim();
}

/** What somebody typed into a field for a number: Latin digits, no marks, no outer blanks. */
export function typedNumber(text: string): string {
  return foldDigits(text.replace(bidiMark, '')).trim();
}

/** At least one letter of the Persian script and no Latin one. */
export function isPersian(text: string): boolean {
  return /[\u0621-\u06d3]/.test(text) && !/[A-Za-z]/.test(text);
}
