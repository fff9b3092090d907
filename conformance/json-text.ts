/** What a text of JSON says; undefined for a text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'name' in error && error.name === 'SyntaxError')
      return undefined;
    throw error;
  }
}
