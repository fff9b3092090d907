/**
 * oidc-provider says at import that it wants Node 22. Every test here also runs on Node 20.19, so that one line, which
 * would be the first thing a newcomer reads, is left out; any other warning goes through.
 */
const notice = /Unsupported runtime\. Use Node\.js v22/;
const { warn } = globalThis.console;
globalThis.console.warn = (...words: unknown[]) => {
  if (!notice.test(String(words[0]))) warn.apply(globalThis.console, words);
};
const library = await import('oidc-provider');
globalThis.console.warn = warn;

export const { Provider, errors, interactionPolicy } = library;
export type { KoaContextWithOIDC } from 'oidc-provider';
