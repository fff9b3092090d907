import { expect, test } from '@jest/globals';
import { counted } from './counted.ts';

test('a word stands in the number of the count before it', () => {
  const requests = (count: number) => counted`${count} token request(s)`;
  expect([0, 1, 2].map(requests)).toEqual(['0 token requests', '1 token request', '2 token requests']);
  expect(counted`${1} entr(y|ies) in ${2} chain(s), ${1} key fetch(es)`).toBe('1 entry in 2 chains, 1 key fetch');
});

test('brackets that are no ending stay, and so do those in a value', () => {
  expect(counted`${1} response (${'200(s)'})`).toBe('1 response (200(s))');
});
