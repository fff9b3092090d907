import { expect, test } from '@jest/globals';
import { loadCatalogue } from '../catalogue.ts';
import { consentToken, mayRun } from './opt-in.ts';

const rows = loadCatalogue();
const allowedAt = (host: string, hasToken: boolean) =>
  rows.filter((row) => mayRun(row, host, hasToken)).map(({ id }) => id);
const all = rows.map(({ id }) => id);

/** conformance.md 3.1: groups F and M, and these. */
const attacks = 'C05 C06 C08 C17 C18 E12 G10 G11 H28 I08 J02 R03 R05'.split(' ');
const isAttack = (id: string) => /^[FM]/.test(id) || attacks.includes(id);

test.each(['localhost', 'shop.localhost', '127.0.0.1', '127.8.9.1', '[::1]'])('%s counts as agreed', (host) => {
  expect(allowedAt(host, false)).toEqual(all);
});

test.each(['10.1.2.3', '192.168.0.7', '172.16.0.1', '172.31.255.254', '[fd12:3456::1]'])(
  'the private address %s needs the token for the attack rows, and for no other',
  (host) => {
    expect(allowedAt(host, false)).toEqual(all.filter((id) => !isAttack(id)));
    expect(allowedAt(host, true)).toEqual(all);
  },
);

test.each([
  'shop.example',
  '8.8.8.8',
  '172.32.0.1',
  '192.169.0.1',
  '169.254.169.254',
  '[2001:db8::1]',
  '[fe80::1]',
  // names that begin like a private address belong to anybody
  '10.example.com',
  '192.168.example.com',
  '172.16.0.1.example.com',
  '127.0.0.1.example.com',
])('any other address, such as %s, needs the token for every row', (host) => {
  expect(allowedAt(host, false)).toEqual([]);
  expect(allowedAt(host, true)).toEqual(all);
});

test('the token is one of client and origin, and of no other', () => {
  const token = consentToken('shop', 'https://shop.example');
  expect(token).toMatch(/^emta-conformance=[\w-]{32}$/);
  expect(token).not.toBe(consentToken('shop', 'https://other.example'));
  expect(token).not.toBe(consentToken('other', 'https://shop.example'));
});
