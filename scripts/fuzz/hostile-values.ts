import fc from 'fast-check';

/** Stands in what is sent, and must come back nowhere where a browser would read it as markup. */
export const marker = 'zq7';
const markup = `${marker}<img src=x onerror=${marker}>"'&`;

/** Names that mean something to JavaScript, to a template or to a parser of forms. */
export const hostileNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__[polluted]',
  'constructor[prototype][polluted]',
  'a[b][c]',
  'a[]',
  'then',
  'length',
  '',
  markup,
];

const long = ['a'.repeat(300), 'a'.repeat(9000), '9'.repeat(400), '\u06f9'.repeat(2000), `${'a'.repeat(5000)}!`];

const texts = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  'NaN',
  'null',
  'undefined',
  'true',
  '[object Object]',
  markup,
  `">${markup}`,
  `javascript:alert('${marker}')`,
  '{{7*7}}{% raw %}',
  `\r\nX-Injected: ${marker}`,
  '\u0000',
  '\ud800',
  '%',
  '%zz',
  '%00',
  '%c0%ae%c0%ae/',
  `${'../'.repeat(8)}etc/passwd`,
  '..\\..\\..\\',
  '\u202e\u2066\u200f\ufeff',
  '\ufdfa',
  '\u06f0\u06f9\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9',
  '\u0660\u0669',
  '09070000101',
  '+989070000101',
  '9991001018',
  '1369/08/17',
  '2024-02-30',
  'http://[::1',
  'http://127.0.0.1:9/cb',
  'https://evil.invalid/',
  '//evil.invalid',
  'data:text/html,x',
  'urn:ietf:params:oauth:request_uri:nobody',
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
  'eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
  'openid user:identity:general user:unknown',
  'none login consent',
  'S256',
  'plain',
  'query',
  'form_post',
  'fragment',
  'en fa-IR xx',
  '{"userinfo":null}',
  '{"id_token":{"sub":{"value":1}},"userinfo":{"__proto__":{"essential":true}}}',
  '{"userinfo":[1],"id_token":"x"}',
  '{"__proto__":{"polluted":true}}',
  '[]',
  '"text"',
  '*',
  "' or '1'='1",
  '$where',
  ...long,
];

/** A text that somebody who means harm, or a broken program, would send. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.integer().map(String) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
);

/** Any JSON, with names and texts of the hostile kind. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    hostileText,
    fc.constantFrom(null, true, false, 0, -1, 1e308, 4_294_967_296),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...hostileNames, 'toJSON', 'valueOf'), tie('value')), { maxLength: 4 })
      .map((members) => Object.fromEntries(members)),
  ),
})).value;

/** Bytes as a percent-encoded text; a lone surrogate becomes what UTF-8 makes of it. */
export function percentEncoded(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\w.~-]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The same text with a space or another character in the place of every control character. */
export function withoutControls(text: string, instead = ' '): string {
  return text.replaceAll(/\p{Cc}/gu, instead);
}
