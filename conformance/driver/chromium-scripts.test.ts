import { expect, test } from '@jest/globals';
import { blankPage } from './chromium-scripts.ts';

/** Runs the script over one text, with as much of a page as it touches. */
function blanked(text: string, words: readonly string[]): string {
  const node = { nodeValue: text };
  const nodes = [node, null];
  const page = {
    documentElement: {},
    createTreeWalker: () => ({ nextNode: () => nodes.shift() ?? null }),
    querySelectorAll: () => [],
  };
  new Function('document', 'NodeFilter', blankPage(words))(page, { SHOW_TEXT: 4 });
  return node.nodeValue;
}

test('names are covered where they stand as words, and longer numbers in any digits', () => {
  expect(blanked('سامانه امتا: سامان رضایی', ['سامان', 'رضایی'])).toBe('سامانه امتا: █████ █████');
  expect(blanked('۰۹۱۲ ۳۴۵ ۶۷۸۹ و 1370/01/20، اتاق 12', [])).toBe('█████████████ و ██████████، اتاق 12');
  expect(blanked('a.b axb', ['a.b'])).toBe('███ axb');
});
