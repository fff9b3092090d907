import { timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../ports.ts';
import { draw } from '../random.ts';
import { typedNumber } from '../text.ts';

/** A code sent to the verified mobile. It belongs to one registration of one session. */
export interface ValidationCode {
  readonly text: string;
  readonly expires: number;
  readonly resendFrom: number;
  triesLeft: number;
}

export type CodeFault = 'required' | 'site.code.wrong' | 'site.code.expired';

const lifetime = 3 * 60 * 1000;
const resendWait = 60 * 1000;
export const codeLength = 6;

export function drawCode({ clock, random }: { readonly clock: Clock; readonly random: Random }): ValidationCode {
  return {
    text: draw(random, '0123456789', codeLength),
    expires: clock.now() + lifetime,
    resendFrom: clock.now() + resendWait,
    triesLeft: 5,
  };
}

/** What is wrong with a code that was typed; nothing when it is the one that was sent. A used-up code has expired. */
export function codeFault(code: ValidationCode, typed: string, now: number): CodeFault | undefined {
  const digits = typedNumber(typed).replace(/[\s-]/g, '');
  if (digits === '') return 'required';
  if (code.expires <= now || code.triesLeft < 1) return 'site.code.expired';
  code.triesLeft -= 1;
  return isSame(digits, code.text) ? undefined : 'site.code.wrong';
}

export function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
