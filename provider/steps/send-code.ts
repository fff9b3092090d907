import type { Journey } from './journey.ts';
import { mayHaveCode, minutesBlocked } from './limits.ts';
import type { Ports } from './ports.ts';

export type Sent =
  | { readonly kind: 'sent'; readonly journey: Journey }
  | { readonly kind: 'undeliverable' }
  | { readonly kind: 'too_often'; readonly minutes: number };

const HOUR_IN_MINUTES = 60;

/** Sends the SMS «کد احراز امتا» (circular step 3) to the number of the journey. */
export async function sendCode(journey: Journey, ports: Ports): Promise<Sent> {
  const { mobile } = journey;
  if (!mobile) throw new TypeError('expected a journey with a mobile');
  const blocked = await minutesBlocked(mobile, ports);
  if (blocked > 0) return { kind: 'too_often', minutes: blocked };
  const line = await ports.registry.line(mobile);
  if (line?.state === 'inactive') {
    await ports.outbox.send({ to: mobile, from: 'emta', text: '', status: 'undeliverable' });
    return { kind: 'undeliverable' };
  }
  if (!(await mayHaveCode(mobile, ports))) return { kind: 'too_often', minutes: HOUR_IN_MINUTES };
  const text = line?.fixedCode ?? ports.random.text(ports.rules.codeLength, '0123456789');
  const sent = await ports.outbox.send({
    to: mobile,
    from: 'emta',
    text: ports.smsText(text),
    code: text,
    status: line?.firstSmsLost && journey.codesSent === 0 ? 'lost' : 'delivered',
  });
  if (sent.status === 'undeliverable') return { kind: 'undeliverable' };
  const code = { text, at: ports.clock.now(), misses: 0, passed: false };
  return { kind: 'sent', journey: { ...journey, code, codesSent: journey.codesSent + 1 } };
}
