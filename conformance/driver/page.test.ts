import { expect, test } from '@jest/globals';
import { createReader, parsePage, parseRefresh } from './page.ts';
import { submission } from './user-agent.ts';

const url = 'http://127.0.0.1:8080/dir/page';
const page = (body: string, contentType = 'text/html; charset=utf-8', status = 200) =>
  parsePage({ url, status, contentType, body });

test('the text is what can be seen', () => {
  const seen = page(
    `<title>T</title><body><h1>سلام</h1><p hidden>no</p><p style="display: none">no</p><script>no()</script><noscript>no</noscript>
     <template>no</template><input type="hidden" value="no"><input type="submit" value="ادامه"><p>a<b>b</b></p><p>c</p></body>`,
  );
  expect(seen.text).toBe('سلام ادامه ab c');
  expect(seen.title).toBe('T');
});

test('a page of scripts alone is a shell, an empty one is blank', () => {
  expect(page('<div id="root"></div><script src="/app.js"></script><noscript>enable it</noscript>').isShell).toBe(true);
  expect(page('<div></div>')).toMatchObject({ isShell: false, text: '' });
});

test('JSON is read as it stands', () => {
  expect(page('{"error":"access_denied"}', 'application/json').text).toBe('{"error":"access_denied"}');
});

test.each([
  ['0; url=/next', { seconds: 0, url: 'http://127.0.0.1:8080/next' }],
  ["5;URL='next'", { seconds: 5, url: 'http://127.0.0.1:8080/dir/next' }],
  ['3', { seconds: 3, url }],
])('a refresh of "%s" is understood', (content, expected) => {
  expect(parseRefresh(content, url, url)).toEqual(expected);
  expect(page(`<meta http-equiv="Refresh" content="${content}">`).refresh).toEqual(expected);
});

test.each([
  [
    'an inline script',
    '<form method="post" action="/cb"><input type="hidden" name="code" value="1"></form><script>document.forms[0].submit()</script>',
    true,
  ],
  [
    'onload of the body',
    '<body onload="document.forms[0].submit()"><form method="post"><input type="hidden" name="x"></form></body>',
    true,
  ],
  [
    'a script file beside an authorization answer',
    '<form method="post"><input type="hidden" name="state"><input type="hidden" name="error"></form><script src="/send.js"></script>',
    true,
  ],
  [
    'a script file beside an answer of state and iss alone',
    '<form method="post"><input type="hidden" name="state"><input type="hidden" name="iss"></form><script src="/send.js"></script>',
    true,
  ],
  [
    'a script that waits for a click',
    '<form method="post"><input type="hidden" name="t"></form><script>b.addEventListener("click", () => f.submit())</script>',
    false,
  ],
  [
    'a form with something to fill in',
    '<form><input name="q"></form><script>document.forms[0].submit()</script>',
    false,
  ],
])('a form sends itself: %s', (_what, body, expected) => {
  expect(page(body).forms[0]?.submitsItself).toBe(expected);
});

test('an empty page that moves on by script says where', () => {
  expect(page('<script>window.location.replace("/account");</script>').scriptedMove).toBe(
    'http://127.0.0.1:8080/account',
  );
  expect(page('<script>function go() { location.href = "/x"; }</script>').scriptedMove).toBeUndefined();
});

test('a submission sends hidden fields, chosen options and the one button pressed', () => {
  const [form] = page(
    `<form method="post" action="/go"><input type="hidden" name="csrf" value="t"><select name="s"><option value="1"><option value="2" selected></select>
     <input type="checkbox" name="c"><input type="radio" name="r" value="a"><input type="radio" name="r" value="b" checked>
     <input name="q"><button name="decision" value="grant">yes</button><button name="decision" value="refuse">no</button></form>`,
  ).forms;
  const refuse = form?.fields.find(({ value }) => value === 'refuse');
  expect(form && submission(form, { q: 'سلام' }, refuse)).toEqual({
    method: 'POST',
    url: 'http://127.0.0.1:8080/go',
    form: [
      ['csrf', 't'],
      ['s', '2'],
      ['r', 'b'],
      ['q', 'سلام'],
      ['decision', 'refuse'],
    ],
  });
});

test('a control belongs to the form that its form attribute names', () => {
  const [first, second] = page('<form id="a"><button form="b" name="x">x</button></form><form id="b"></form>').forms;
  expect(first?.fields).toEqual([]);
  expect(second?.fields.map(({ name }) => name)).toEqual(['x']);
});

test('what a page loads is named, what it only mentions is not', () => {
  const seen = page(
    '<script src="https://third.example/a.js"></script><link rel="canonical" href="https://other.example/"><img src="/b.png"><a href="https://third.example/">x</a>',
  );
  expect(seen.resources).toEqual(['https://third.example/a.js', 'http://127.0.0.1:8080/b.png']);
});

test('a page that comes again is read once, another never taken for it', () => {
  const read = createReader();
  const answer = { url: 'http://127.0.0.1:8080/', status: 200, contentType: 'text/html', body: '<p>welcome' };
  const first = read(answer);
  expect(read({ ...answer })).toBe(first);
  const others = [
    { ...answer, url: 'http://127.0.0.1:8080/other' },
    { ...answer, status: 403 },
    { ...answer, contentType: 'text/plain' },
    { ...answer, body: '<p>welcome back' },
    { ...answer, refresh: '0; url=/next' },
  ];
  expect(others.map((other) => read(other) === first)).toEqual(others.map(() => false));
  expect(read({ ...answer, refresh: '0; url=/next' }).refresh).toEqual({
    seconds: 0,
    url: 'http://127.0.0.1:8080/next',
  });
  expect(read(answer).refresh).toBeUndefined();
});
