import { type Parsed, parsed, refused } from '../kernel/parsed.ts';
import { foldDigits, stripBidiMarks } from '../kernel/text.ts';
import type { Mobile } from './citizen.ts';

/** Why a text is no Iranian mobile number. */
export type MobileRefusal = 'required' | 'characters' | 'not_iranian' | 'not_mobile';

/**
 * Reads an Iranian mobile number in any usual spelling; with mode `machine`, in E.164 alone.
 * Numbers are portable and the personas' prefix is nobody's, so no digit beyond the 9 is looked at.
 */
export function parseMobile(text: string, mode: 'page' | 'machine' = 'page'): Parsed<Mobile, MobileRefusal> {
  const typed = mode === 'machine' ? text : foldDigits(stripBidiMarks(text)).replaceAll('\u200c', '').trim();
  if (typed === '') {
    return refused('required');
  }
  if (mode === 'machine' ? !/^\+[0-9]+$/.test(typed) : !/^\+?[0-9()\s.-]+$/.test(typed)) {
    return refused('characters');
  }
  const dialled = typed.replace(/[^0-9+]/g, '').replace(/^00/, '+');
  if (/^\+(?!98)/.test(dialled)) {
    return refused('not_iranian');
  }
  const subscriber = /^(?:\+?98)?0?(9[0-9]{9})$/.exec(dialled)?.[1];
  return subscriber === undefined ? refused('not_mobile') : parsed(`+98${subscriber}` as Mobile);
}

/** The number as people in Iran write it: `09070000101`. */
export function nationalForm(mobile: Mobile): string {
  return `0${mobile.slice(3)}`;
}

/** The number as pages and journals show it: `0907***0101`. */
export function maskMobile(mobile: Mobile): string {
  const national = nationalForm(mobile);
  return `${national.slice(0, 4)}***${national.slice(7)}`;
}
