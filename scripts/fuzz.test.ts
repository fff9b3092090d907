import { expect, test } from '@jest/globals';
import { fuzz } from './fuzz/run.ts';

test('Emta takes two thousand hostile requests without a 5xx, a crash, a hang or unescaped markup', async () => {
  const { findings, requests, soundWalks, statuses } = await fuzz({ requests: 2000, seed: 4299 });
  expect(findings).toEqual([]);
  expect(requests).toBe(2000);
  expect(soundWalks).toBe(6);
  // Hostile requests that all end at the door would show nothing.
  expect(statuses['200']).toBeGreaterThan(100);
  expect(statuses['303']).toBeGreaterThan(100);
}, 240_000);
