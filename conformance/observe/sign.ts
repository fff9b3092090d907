import type { Page } from '../driver/page.ts';
import type { PageSign } from '../rp-file.ts';
import { type Told, told } from '../told.ts';
import { foldTight } from './fold.ts';

/** Whether a page shows what the owner said it would: text and selector, where he gave both. */
export function showsSign(page: Page, sign: PageSign): boolean {
  const hasText = sign.text === undefined || foldTight(`${page.title} ${page.text}`).includes(foldTight(sign.text));
  return hasText && (sign.selector === undefined || page.select(sign.selector) !== undefined);
}

/** The sign in words. */
export function signInWords({ text, selector }: PageSign): Told {
  const [words, element] = [told`the text «${text ?? ''}»`, told`an element "${selector ?? ''}"`];
  return text === undefined ? element : selector === undefined ? words : told`${words} and ${element}`;
}
