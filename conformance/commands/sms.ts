import { askEmta, type Fields, objectsIn, textOf } from './ask-emta.ts';
import type { ExitCode, Io } from './io.ts';

export interface SmsOptions {
  readonly emta: string;
  /** Seconds to wait for a message that is not there yet. */
  readonly wait: number;
  /** Passes over the messages that are there when the command is given. */
  readonly onlyNew: boolean;
  readonly json: boolean;
}

const askAgainAfter = 250;

/** Prints the newest code sent to a number; with `wait`, one that comes after the command was given is enough. */
export async function sms(mobile: string, options: SmsOptions, io: Io): Promise<ExitCode> {
  const end = io.now() + options.wait * 1000;
  const old = options.onlyNew ? (await messagesTo(mobile, options, io)).map((message) => textOf(message, 'id')) : [];
  for (;;) {
    const messages = await messagesTo(mobile, options, io);
    const newest = messages.findLast((message) => !old.includes(textOf(message, 'id')));
    if (newest !== undefined) {
      if (options.json) io.out(`${JSON.stringify(newest)}\n`);
      else io.out(`${textOf(newest, 'code') || textOf(newest, 'text')}\n`);
      if (textOf(newest, 'status') !== 'delivered')
        io.err(`emta: this message was ${textOf(newest, 'status')}, no phone shows it\n`);
      return 0;
    }
    if (io.now() >= end) {
      io.err(
        `emta: expected a ${options.onlyNew ? 'new ' : ''}message to ${mobile}, got none${options.wait > 0 ? ` in ${options.wait} s` : '; --wait 30 waits for one'}\n`,
      );
      return 1;
    }
    await io.pause(askAgainAfter);
  }
}

async function messagesTo(mobile: string, options: SmsOptions, io: Io): Promise<readonly Fields[]> {
  const query = new URLSearchParams({ mobile });
  const answer = await askEmta(`/messages?${query}`, { issuer: options.emta, token: io.controlToken });
  return objectsIn(answer, 'messages');
}
