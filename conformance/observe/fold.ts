/**
 * Persian text as it is compared, never as it is shown: Arabic letter variants and digits folded, joiners, vowel
 * signs and direction marks taken out, white space collapsed, Latin letters in lower case.
 */
export const fold = (text: string): string => foldKeepingJoiners(text).replace(/\u200c/g, '');

/** The same with zero-width non-joiners left in. */
export function foldKeepingJoiners(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u064a\u0649]/g, '\u06cc')
    .replace(/\u0643/g, '\u06a9')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/\u200d|[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff\u00ad\u0640]|[\u064b-\u0652]/g, '')
    .replace(/[\s\u00a0]+/g, ' ')
    .trim()
    .toLowerCase();
}

/** Without white space at all, for phrases that a page breaks over lines or joins with a joiner. */
export const foldTight = (text: string): string => fold(text).replaceAll(' ', '');
