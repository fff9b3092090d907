import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { leastFile, madeVerdict } from '../test/made-run.ts';
import { ruledOutByFile } from './define-tests.ts';
import { failureText, isRed } from './failure-text.ts';

const rows = loadCatalogue();
const ids = (change: object) =>
  ruledOutByFile(parseRelyingParty(JSON.stringify({ ...leastFile, ...change }), 'f.json'), rows).map(({ id }) => id);

test('only what the file itself shows rules a row out', () => {
  const least = ids({});
  expect(least).toContain('F13');
  expect(least).toContain('R01');
  expect(least).toContain('M01');
  expect(least).not.toContain('C20');
  expect(least).not.toContain('H17');
});

test('a plain OAuth client gets the resources rows instead of those of OpenID Connect', () => {
  const plain = ids({ client: { ...leastFile.client, scope: 'user:identity:general' } });
  expect(plain).toContain('H01');
  expect(plain).not.toContain('M01');
});

test('a declared capability rules nothing out, since what is seen outranks it', () => {
  expect(ids({ capabilities: { userinfo: false, pkce: false } })).toEqual(ids({}));
});

test('members of the file rule rows in', () => {
  expect(ids({ registration_url: 'http://127.0.0.1:8080/signin' })).not.toContain('R01');
});

test('a red test tells the duty, the clauses, expected, seen and how to see it again', () => {
  const row = rows.find(({ id }) => id === 'C01');
  if (row === undefined) throw new Error('C01 is gone');
  expect(failureText(row, madeVerdict(row, 'fail'), 'npx emta certify x.json --only C01').split('\n')).toEqual([
    'C01 fail: the last page is a 500',
    '',
    "  duty       The relying party MUST handle a citizen's refusal of consent.",
    '  clauses    N32; RFC 6749 §4.1.2.1; scheme a-f; SPID error 22',
    '  severity   critical',
    '  stimulus   A presses «عدم اعطای مجوز ورود یکپارچه»',
    '  expected   a page of the relying party, not 5xx',
    '  saw        500 with the text "TypeError: cannot read code of undefined"',
    '  where      hop 4: GET http://127.0.0.1:8080/cb?error=access_denied&state=Zk3vQ9pLm2xT -> 500',
    '  reproduce  npx emta certify x.json --only C01',
  ]);
});

test.each([
  ['pass', 'core-must', false],
  ['warn', 'core-must', false],
  ['not-applicable', 'core-must', false],
  ['accepted-by-tls', 'core-must', false],
  ['accepted-by-tls', 'emta-strict', true],
  ['inconclusive', 'core-must', true],
  ['fail', 'audit', true],
] as const)('%s in %s is red: %s', (verdict, profile, red) => {
  const [row] = rows;
  if (row === undefined) throw new Error('no rows');
  expect(isRed(madeVerdict(row, verdict), profile)).toBe(red);
});
