import type { ArmedFault, Arming } from '../faults/arming.ts';
import type { Act } from '../faults/tamper.ts';
import type { Json, Store } from '../kernel/ports.ts';
import type { Mobile } from '../registry/citizen.ts';
import type { Message, Outbox } from '../sms/outbox.ts';
import type { Registers } from './ports.ts';

const HOUR = 3600;

/** The newest fault of one id armed for a number, counted as delivered; undefined where there is none. */
async function deliver(arming: Arming, act: Act, id: string, mobile: Mobile): Promise<ArmedFault | undefined> {
  const armed = (await arming.find(act, { mobile })).findLast(({ fault }) => fault === id);
  return armed && (await arming.markDelivered(armed.id)) ? armed : undefined;
}

/** The registers, as bad as the armed faults make them. */
export function faultyRegisters(registers: Registers, arming: Arming): Registers {
  const isArmed = async (id: string, mobile: Mobile) => (await deliver(arming, 'register', id, mobile)) !== undefined;

  async function waitIfSlow(mobile: Mobile): Promise<void> {
    const slow = await deliver(arming, 'register', 'register.slow', mobile);
    if (slow) await new Promise((resolve) => setTimeout(resolve, Number(slow.parameters.milliseconds ?? 4000)));
  }

  return {
    citizen: registers.citizen,
    async line(mobile) {
      const line = await registers.line(mobile);
      return line && (await deliver(arming, 'sms', 'sms.undeliverable', mobile))
        ? { ...line, state: 'inactive' }
        : line;
    },
    async askCivilRegister(nationalCode, birthDate, mobile) {
      await waitIfSlow(mobile);
      if (await isArmed('register.civil_down', mobile)) return { kind: 'unreachable' };
      return registers.askCivilRegister(nationalCode, birthDate, mobile);
    },
    async askOwnership(mobile, nationalCode) {
      await waitIfSlow(mobile);
      if (await isArmed('register.ownership_down', mobile)) return 'unreachable';
      if (await isArmed('register.ownership_unknown', mobile)) return 'unknown';
      if (await isArmed('register.not_owner', mobile)) return 'not_owner';
      return registers.askOwnership(mobile, nationalCode);
    },
  };
}

type Draft = Omit<Message, 'id' | 'at'>;

/** The outbox, as unreliable as the armed faults make it. */
export function faultyOutbox(
  outbox: Pick<Outbox, 'send'>,
  arming: Arming,
  { store, reword }: { readonly store: Store; readonly reword: (variant: string, code: string) => string },
): Pick<Outbox, 'send'> {
  const heldKey = (mobile: Mobile) => `held-sms:{${mobile}}`;
  return {
    async send(original) {
      const delivered = (id: string) => deliver(arming, 'sms', id, original.to);
      const wording = await delivered('sms.wording');
      const draft: Draft =
        wording && original.code
          ? { ...original, text: reword(String(wording.parameters.variant), original.code) }
          : original;
      if (await delivered('sms.lost')) return outbox.send({ ...draft, status: 'lost' });
      if (await delivered('sms.out_of_order')) {
        await store.set(heldKey(draft.to), draft as unknown as Json, HOUR);
        return outbox.send({ ...draft, status: 'lost' });
      }
      const late = await delivered('sms.late');
      const sent = await outbox.send(draft, late ? Number(late.parameters.seconds ?? 180) : 0);
      if (await delivered('sms.twice')) await outbox.send(draft);
      const held = await store.take(heldKey(draft.to));
      if (held) await outbox.send(held as unknown as Draft);
      return sent;
    },
  };
}
