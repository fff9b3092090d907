import { expect, test } from '@jest/globals';
import { judgeAnswer } from './judge-answer.ts';
import { answerIn } from './raw-connection.ts';
import type { Shot } from './spoil.ts';

const shot: Shot = { aim: 'GET /', bytes: '', isMalformed: false, isHead: false };

function judged(answer: string, over: Partial<Shot> = {}): readonly string[] {
  const parsed = answerIn(Buffer.from(answer), false, true);
  return judgeAnswer({ ...shot, ...over }, '', parsed ?? 'closed').map(({ what }) => what);
}

const html = (body: string, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test.each([
  ['a server error', html('oops', '500 Internal Server Error'), ['status 500']],
  ['markup that came back as markup', html('<p>zq7<img src=x onerror=zq7></p>'), ['unescaped markup']],
  ['a quote that came back in an attribute', html('<p title="zq7&gt;"x="">'), ['unescaped markup']],
  ['a stack trace', html('Error\n    at run (/x/provider/app.ts:1:2)'), ['a stack trace']],
  [
    'a header of the request in the answer',
    'HTTP/1.1 200 OK\r\nX-Injected: zq7\r\nContent-Length: 0\r\n\r\n',
    ['an injected header'],
  ],
  ['no answer at all', '', ['closed without an answer']],
])('finds %s', (_name, answer, findings) => {
  expect(judged(answer)).toEqual(findings);
});

test('finds nothing wrong with escaped markup, a refusal or JSON', () => {
  expect(judged(html('<p title="zq7&lt;img src=x onerror=zq7&gt;&quot;">zq7</p>', '400 Bad Request'))).toEqual([]);
  const json = '{"got":"zq7<img src=x onerror=zq7>"}';
  expect(
    judged(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`),
  ).toEqual([]);
});

test('lets a connection be closed on what is no HTTP, and finds silence', () => {
  expect(judged('', { isMalformed: true })).toEqual([]);
  expect(judgeAnswer(shot, '', 'silent').map(({ what }) => what)).toEqual(['no answer']);
});

test('reads answers by length, by chunks and to the end', () => {
  const body = (answer: string, isOver = false) => answerIn(Buffer.from(answer), false, isOver)?.body.toString();
  expect(body('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd')).toBe('abc');
  expect(body('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd')).toBeUndefined();
  expect(body('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n')).toBe('abcd');
  expect(body('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')).toBeUndefined();
  expect(body('HTTP/1.1 200 OK\r\n\r\nabcd', true)).toBe('abcd');
});
