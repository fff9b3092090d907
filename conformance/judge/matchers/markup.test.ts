import { expect, test } from '@jest/globals';
import { cameAlive, markup } from './markup.ts';

const mark = 'c17abc';
const payload = markup.replaceAll('{mark}', mark);
const escaped = payload
  .replaceAll('&', '&amp;')
  .replaceAll('<', '&lt;')
  .replaceAll('>', '&gt;')
  .replaceAll('"', '&quot;')
  .replaceAll("'", '&#39;');
const html = 'text/html; charset=utf-8';

test.each([
  ['text', `<p>${payload}</p>`],
  ['an attribute', `<input value="${payload}">`],
  ['a script string', `<script>var e = '${payload}';</script>`],
  ['a title', `<title>${payload}</title><p>x</p>`],
])('markup that is put raw into %s comes alive', (_where, body) => {
  expect(cameAlive(body, html, mark, false)).toBeDefined();
});

test.each([
  ['text', `<p>${escaped}</p>`, html],
  ['an attribute', `<input value="${escaped}">`, html],
  [
    'JSON in a script',
    `<script type="application/json">${JSON.stringify(payload).replaceAll('<', '\\u003c')}</script>`,
    html,
  ],
  ['a JSON answer', JSON.stringify({ error: payload }), 'application/json'],
  ['a textarea', `<textarea>${escaped}</textarea>`, html],
])('markup that is escaped in %s stays text', (_where, body, type) => {
  expect(cameAlive(body, type, mark, false)).toBeUndefined();
});

test('a script behind javascript: in a link comes alive', () => {
  expect(cameAlive(`<a href="javascript:window.e${mark}=1">help</a>`, html, mark, false)?.en).toContain('as a link');
});

test('raw markup in plain text counts only where a browser may sniff it', () => {
  expect(cameAlive(payload, 'text/plain', mark, true)).toBeDefined();
  expect(cameAlive(payload, 'text/plain', mark, false)).toBeUndefined();
});
