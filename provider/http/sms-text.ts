import type { Renderer } from './render.ts';

/** Writes the SMS of circular step 3 in one of the wordings in use (domain: section 5). Digits stay Latin. */
export function smsWriter({
  render,
  host,
  minutes,
}: {
  readonly render: Renderer;
  readonly host: string;
  readonly minutes: number;
}) {
  return (variant: string, code: string): string => {
    const whole = render.verbatim('fa', { key: 'emta.sms.body', params: { code, minutes, host } });
    // The origin-bound form (WICG sms-one-time-codes) stands on the last line, after an empty one.
    const [plain = ''] = whole.split('\n\n');
    switch (variant) {
      case 'plain':
        return plain;
      case 'opt_out':
        return `${plain}\n\n${render.verbatim('fa', { key: 'emta.sms.opt_out' })}`;
      default:
        return whole;
    }
  };
}
