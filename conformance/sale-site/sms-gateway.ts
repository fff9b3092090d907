import type { SendSms } from './ports.ts';

const patience = 5000;

/** An SMS gateway that takes `POST {to, text}`, such as Emta's outbox. Without an address every SMS fails. */
export function gatewayAt(address: string | undefined): SendSms {
  return async (to, text) => {
    if (address === undefined) throw new Error('expected an SMS gateway, none is configured');
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ to, text }),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`expected the SMS gateway to take the message, got status ${response.status}`);
  };
}
