import { nationalForm, parseMobile } from '../../registry/mobile.ts';
import type { Message } from '../../sms/outbox.ts';
import type { Kit } from './kit.ts';
import type { NumberedSms, SmsView } from './pages.ts';

/** Every message, as a phone would show it. */
export function phonePages(kit: Kit): void {
  const { control, home } = kit.ports;
  const all = `${home}phone`;

  kit.get('phone', 'phone', async ({ ctx, page }) => {
    const typed = String(ctx.query.mobile ?? '').trim();
    const mobile = parseMobile(typed);
    // What is no number has no messages; it does not stand for all.
    const messages = typed === '' || mobile.ok ? await control.outbox.list(mobile.ok ? mobile.value : undefined) : [];
    return {
      name: 'console/phone',
      model: {
        ...page,
        reload: typed === '' ? all : inboxOf(typed, home),
        all,
        mobile: typed,
        phones: byNumber(messages).map(([to, found]) => ({
          mobile: nationalForm(to),
          href: inboxOf(nationalForm(to), home),
          messages: found.map(smsView),
        })),
      },
    };
  });
}

function smsView({ id, at, from, text, code, status }: Message): SmsView {
  return { id, at, from, text, ...(code && { code }), status };
}

/** For a list of messages to several numbers. */
export function numberedSms(message: Message, home: string): NumberedSms {
  const mobile = nationalForm(message.to);
  return { ...smsView(message), mobile, href: inboxOf(mobile, home) };
}

function inboxOf(mobile: string, home: string): string {
  return `${home}phone?mobile=${encodeURIComponent(mobile)}`;
}

/** Numbers with their messages, the newest first. */
function byNumber(messages: readonly Message[]): readonly (readonly [Message['to'], readonly Message[]])[] {
  const phones = new Map<Message['to'], Message[]>();
  for (const message of [...messages].reverse()) {
    phones.set(message.to, [...(phones.get(message.to) ?? []), message]);
  }
  return [...phones];
}
