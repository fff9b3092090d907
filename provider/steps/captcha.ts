import { normaliseText } from '../kernel/text.ts';
import { again, type Input, type Journey, type Outcome } from './journey.ts';
import { toVerification } from './mobile.ts';
import { newCaptcha } from './new-captcha.ts';
import type { Ports } from './ports.ts';

/** Compares the typed characters with the picture, in any case (circular step 2), and sends the SMS. */
export async function captcha(input: Input, journey: Journey, ports: Ports): Promise<Outcome> {
  const shown = journey.captcha;
  const fresh: Journey = { ...journey, captcha: newCaptcha(ports) };
  if (!shown || ports.clock.now() - shown.at >= ports.rules.captchaTtl * 1000) {
    return again(fresh, {}, { field: 'captcha', key: 'emta.captcha.expired' });
  }
  const typed = normaliseText(input.captcha ?? '')
    .replaceAll(/\s/g, '')
    .toLowerCase();
  if (typed === '') return again(fresh, {}, { field: 'captcha', key: 'emta.captcha.required' });
  if (typed !== shown.text.toLowerCase()) return again(fresh, {}, { field: 'captcha', key: 'emta.captcha.wrong' });
  return toVerification(fresh, ports);
}

/** Another picture for somebody who cannot read this one. */
export async function refreshCaptcha(_input: Input, journey: Journey, ports: Ports): Promise<Outcome> {
  const { misses: _misses, ...kept } = journey;
  return { kind: 'render', journey: { ...kept, captcha: newCaptcha(ports) } };
}
