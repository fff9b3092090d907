import { expect, test } from '@jest/globals';
import { adjustableClock, clockAt, systemClock } from './clock.ts';

test('a clock at an instant stands still', () => {
  const clock = clockAt('2026-01-01T00:00:00Z');
  expect(clock.now()).toBe(1767225600000);
  expect(clock.now()).toBe(1767225600000);
});

test('an adjustable clock adds up its advances over its base', () => {
  const base = adjustableClock(clockAt(1000));
  const clock = adjustableClock(base);
  clock.advance(500);
  base.advance(10);
  clock.advance(-1);
  expect(clock.now()).toBe(1509);
});

test('refuses an instant that is none', () => {
  expect(() => clockAt('tomorrow')).toThrow('expected "instant" to be milliseconds or ISO 8601, got "tomorrow"');
  expect(() => adjustableClock(clockAt(0)).advance(Number.NaN)).toThrow(
    'expected "milliseconds" to be a finite number, got NaN',
  );
});

test('the system clock moves with the machine', () => {
  expect(systemClock.now()).toBeGreaterThan(1767225600000);
});
