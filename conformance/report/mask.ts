import { mapTexts } from '../texts.ts';

const digit = '[0-9\\u06f0-\\u06f9\\u0660-\\u0669]';

/** First characters kept, last ones kept, stars between. */
function cover(text: string, first: number, last: number): string {
  const kept = [...text];
  const hidden = Math.max(0, kept.length - first - last);
  return [...kept.slice(0, first), '*'.repeat(hidden), ...kept.slice(kept.length - last)].join('');
}

const rules: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, (token) => `${token.slice(0, 6)}…(${token.length} characters)`],
  [
    /(?<=\b(?:client_secret|code|state|nonce|code_verifier|access_token|refresh_token|id_token)(?:=|"\s*:\s*"))(?!sha256)[^&"\s]{7,}/g,
    (value) => `${value.slice(0, 4)}…`,
  ],
  [
    new RegExp(
      `(?<![\\w\\u06f0-\\u06f9\\u0660-\\u0669])(?:\\+98|0098|98|0|\\u06f0)?[9\\u06f9\\u0669]${digit}{9}(?![\\w\\u06f0-\\u06f9\\u0660-\\u0669])`,
      'g',
    ),
    (number) => cover(number, number.length - 8, 3),
  ],
  [
    new RegExp(`(?<![\\w\\u06f0-\\u06f9\\u0660-\\u0669])${digit}{10}(?![\\w\\u06f0-\\u06f9\\u0660-\\u0669])`, 'g'),
    (code) => cover(code, 3, 2),
  ],
];

/** Hides what could be a mobile number, a national code, a token or a secret; what is told stays recognisable. */
export function mask(text: string): string {
  return rules.reduce((masked, [pattern, hide]) => masked.replaceAll(pattern, hide), text);
}

/** Masks every text of a value. */
export const maskAll = <T>(value: T): T => mapTexts(value, mask);
