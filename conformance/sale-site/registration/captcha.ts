import type { Clock, Random } from '../ports.ts';
import { draw } from '../random.ts';
import { typedNumber } from '../text.ts';
import { isSame } from './validation-code.ts';

/** The security code of the last page: one picture, one answer. */
export interface Captcha {
  readonly text: string;
  readonly expires: number;
}

export type CaptchaFault = 'required' | 'emta.captcha.wrong' | 'emta.captcha.expired';

const lifetime = 5 * 60 * 1000;
/** Letters and digits that no other one looks like. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

export function drawCaptcha({ clock, random }: { readonly clock: Clock; readonly random: Random }): Captcha {
  return { text: draw(random, alphabet, 6), expires: clock.now() + lifetime };
}

export function captchaFault(captcha: Captcha | undefined, typed: string, now: number): CaptchaFault | undefined {
  const text = typedNumber(typed).replace(/\s/g, '').toLowerCase();
  if (text === '') return 'required';
  if (captcha === undefined || captcha.expires <= now) return 'emta.captcha.expired';
  return isSame(text, captcha.text) ? undefined : 'emta.captcha.wrong';
}
