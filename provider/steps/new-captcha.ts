import type { Journey } from './journey.ts';
import type { Ports } from './ports.ts';

/** Without the characters that look alike: 0 and o, 1, l and i. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const LENGTH = 6;

/** Six letters and digits (circular step 2), good for one answer. */
export function newCaptcha({
  clock,
  random,
  rules,
}: Pick<Ports, 'clock' | 'random' | 'rules'>): NonNullable<Journey['captcha']> {
  const isFixed = rules.captcha !== 'solve' && rules.captcha !== 'off';
  return { text: isFixed ? rules.captcha : random.text(LENGTH, ALPHABET), at: clock.now() };
}
