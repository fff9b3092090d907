import { parseMobile } from '../registry/mobile.ts';
import { advance, again, type Input, type Journey, type Outcome } from './journey.ts';
import { minutesBlocked } from './limits.ts';
import { newCaptcha } from './new-captcha.ts';
import type { Ports } from './ports.ts';
import { sendCode } from './send-code.ts';

/** Reads the mobile number (circular step 1) and goes on to the captcha. */
export async function mobile(input: Input, journey: Journey, ports: Ports): Promise<Outcome> {
  const typed = input.mobile ?? '';
  const values = { mobile: typed };
  const number = parseMobile(typed);
  if (!number.ok) return again(journey, values, { field: 'mobile', key: 'emta.mobile.invalid' });
  const minutes = await minutesBlocked(number.value, ports);
  if (minutes > 0) {
    return again(journey, values, { field: 'mobile', key: 'emta.mobile.too_often', params: { minutes } });
  }
  const { code: _code, ...kept } = journey;
  const next: Journey = { ...kept, mobile: number.value, captcha: newCaptcha(ports) };
  return ports.rules.captcha === 'off' ? toVerification(next, ports) : advance(next, 'captcha');
}

/** Sends the code and goes on to the page that asks for it, or says why it cannot be sent. */
export async function toVerification(journey: Journey, ports: Ports): Promise<Outcome> {
  const sent = await sendCode(journey, ports);
  switch (sent.kind) {
    case 'sent':
      return advance(sent.journey, 'verification');
    case 'undeliverable': {
      const reason = { reason: 'mobile_inactive', message: 'emta.mobile.inactive', retry: 'mobile' } as const;
      return { kind: 'render', journey: { ...journey, deadEnd: reason } };
    }
    case 'too_often':
      return {
        kind: 'advance',
        journey: {
          ...journey,
          step: 'mobile',
          misses: {
            values: { mobile: journey.mobile ?? '' },
            errors: [{ field: 'mobile', key: 'emta.mobile.too_often', params: { minutes: sent.minutes } }],
          },
        },
      };
  }
}
