import { expect, test } from '@jest/globals';
import { createProgress } from './progress-line.ts';

/** Twelve rows are settled at once, and then one every ten seconds. */
const clock = () => {
  let [time, asked] = [0, 0];
  return () => {
    asked += 1;
    if (asked > 12) time += 10_000;
    return time;
  };
};

test('in a log it counts by twenty, whatever the order, and says how long the rest may take', () => {
  const progress = createProgress('lines', 60, clock());
  const ids = Array.from({ length: 60 }, (_, index) => `${'HC'.charAt(index % 2)}${10 + index}`);
  const said = ids.map((id) => progress.settled(id)).filter((text) => text !== '');
  expect(said).toEqual([
    '  20 of 60 rows judged, group C\n',
    '  40 of 60 rows judged, group C, about 200 s left\n',
    '  60 of 60 rows judged, group C\n',
  ]);
  expect(progress.finding('  x C01 fail: a 500\n')).toBe('  x C01 fail: a 500\n');
  expect(progress.end()).toBe('');
});

test('on a terminal it writes over one line and wipes it at the end', () => {
  const wipe = '\r\u001b[2K';
  const progress = createProgress('line', 40, clock());
  expect(progress.settled('B01')).toBe(`${wipe}  1 of 40 rows judged, B01`);
  expect(progress.finding('  x C01 fail: a 500\n')).toBe(`${wipe}  x C01 fail: a 500\n`);
  expect(progress.end()).toBe(wipe);
});

test('says nothing when asked not to', () => {
  const progress = createProgress('none', 40, clock());
  expect(`${progress.settled('B01')}${progress.finding('  x C01 fail\n')}${progress.end()}`).toBe('');
});
