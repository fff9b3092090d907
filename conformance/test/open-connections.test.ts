import { expect, test } from '@jest/globals';
import { parseRelyingParty } from '../rp-file.ts';
import { judge, stageSaleSite } from './staged-site.ts';

/** Certifies the sale site by these rows; tells how many requests came over one connection. */
async function requestsAConnection(rows: readonly string[]): Promise<number> {
  const { emta, fileText, server, close } = await stageSaleSite('http');
  let [connections, requests] = [0, 0];
  server.on('connection', () => (connections += 1));
  server.on('request', () => (requests += 1));
  try {
    const judged = await judge(parseRelyingParty(fileText, 'emta-rp.json'), emta, rows);
    expect(judged.rows).toEqual({ pass: rows });
  } finally {
    await close();
  }
  return requests / connections;
}

test('what runs among others finds connections open, what runs alone does not', async () => {
  expect(await requestsAConnection(['C01', 'C04', 'D01', 'D02', 'F01', 'F02', 'H04', 'H20'])).toBeGreaterThan(2);
  expect(await requestsAConnection(['C16', 'H26'])).toBeLessThan(1.05);
}, 60_000);
