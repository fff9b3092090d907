const persianDigits = '۰۱۲۳۴۵۶۷۸۹';
const anyEasternDigit = /[\u06f0-\u06f9\u0660-\u0669]/g;
const bidiMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const persianLetters: Readonly<Record<string, string>> = { ي: 'ی', ى: 'ی', ك: 'ک' };

/** Writes Persian and Arabic-Indic digits as Latin ones; NFKC does not. */
export function foldDigits(text: string): string {
  // Both blocks begin at a multiple of 16, so the low half of the code point is the digit's value.
  return text.replace(anyEasternDigit, (digit) => String(digit.charCodeAt(0) & 0xf));
}

/** Writes the Arabic forms of yeh and kaf, which registers often answer with, as the Persian ones. */
export function foldLetters(text: string): string {
  return text.replace(/[يىك]/g, (letter) => persianLetters[letter] ?? letter);
}

/** Removes the invisible marks of direction that copied text drags along; the zero-width non-joiner stays. */
export function stripBidiMarks(text: string): string {
  return text.replace(bidiMarks, '');
}

/** Writes digits as Persian ones, for display; in a Latin word such as S256 or an address they stay. */
export function toPersianDigits(text: string): string {
  return foldDigits(text).replace(/[a-z][\w.:/-]*|[0-9]/gi, (found) => persianDigits[Number(found)] ?? found);
}

/** What a person typed, in the form that we store: digits and letters folded, no marks of direction, no outer blanks. */
export function normaliseText(text: string): string {
  return foldLetters(foldDigits(stripBidiMarks(text.normalize('NFC')))).trim();
}

/** A key under which two spellings of one name are equal: joiners, blanks, tatweel and case do not count. */
export function compareKey(text: string): string {
  return normaliseText(text)
    .replace(/[\s\u200b-\u200d\u0640]/g, '')
    .toLowerCase();
}
