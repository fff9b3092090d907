import type { Page } from '../driver/page.ts';
import type { PageSign } from '../rp-file.ts';
import { foldTight } from './fold.ts';

/** Whether a page shows what the owner said it would: text and selector, where he gave both. */
export function showsSign(page: Page, sign: PageSign): boolean {
  const hasText = sign.text === undefined || foldTight(`${page.title} ${page.text}`).includes(foldTight(sign.text));
  return hasText && (sign.selector === undefined || page.select(sign.selector) !== undefined);
}

/** The sign in words. */
export const signInWords = (sign: PageSign): string =>
  [
    sign.text === undefined ? [] : [`the text «${sign.text}»`],
    sign.selector === undefined ? [] : [`an element "${sign.selector}"`],
  ]
    .flat()
    .join(' and ');
