/** A value with every text in it changed; a picture was masked when it was taken, and its letters say nothing. */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((inner) => mapTexts(inner, change)) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, name === 'picture' ? inner : mapTexts(inner, change)]),
    ) as T;
  }
  return value;
}
