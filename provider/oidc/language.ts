/** The first language of `ui_locales` that the pages have (OIDC Core 3.1.2.1), or Persian. */
export function languageOf(uiLocales: unknown): 'fa' | 'en' {
  const tags = typeof uiLocales === 'string' ? uiLocales.split(' ') : [];
  return tags
    .find((tag) => /^(fa|en)\b/i.test(tag))
    ?.toLowerCase()
    .startsWith('en')
    ? 'en'
    : 'fa';
}
