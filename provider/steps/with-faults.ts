import type { ArmedFault, Arming } from '../faults/arming.ts';
import type { PerformedAct } from '../faults/tamper.ts';
import type { Journal } from '../journal/journal.ts';
import type { Json, Store } from '../kernel/ports.ts';
import type { Mobile } from '../registry/citizen.ts';
import type { Message } from '../sms/outbox.ts';
import type { Journey } from './journey.ts';
import type { Ports, Registers } from './ports.ts';

/** What performing faults needs. */
export interface FaultPorts {
  readonly arming: Arming;
  readonly store: Store;
  readonly journal: Pick<Journal, 'note'>;
  /** The text of an SMS with this code, in another of the wordings in use. */
  readonly reword: (variant: string, code: string) => string;
}

type About = Pick<Journey, 'uid' | 'clientId'>;
type Deliver = (act: PerformedAct, id: string, mobile: Mobile) => Promise<ArmedFault | undefined>;

const HOUR = 3600;
const performedKey = (uid: string) => `performed:{${uid}}`;

/** What the steps touch, as bad as the faults armed for the number, the client or the issuer of a journey make it. */
export function withFaults(ports: Ports, faults: FaultPorts, journey: About): Ports {
  const deliver = deliverer(faults, journey);
  return {
    ...ports,
    registry: faultyRegisters(ports.registry, deliver),
    outbox: faultyOutbox(ports.outbox, deliver, faults),
  };
}

/** Scopes that the citizen is made to withhold. */
export async function withheldScopes(journey: Journey, faults: FaultPorts): Promise<readonly string[]> {
  if (!journey.mobile) return [];
  const armed = await deliverer(faults, journey)('consent', 'consent.mobile_withheld', journey.mobile);
  return armed ? ['user:primaryMobileNumber'] : [];
}

/** Ids of the faults that were performed in a journey, each once. */
export async function performedIn(uid: string | undefined, store: Pick<Store, 'list'>): Promise<readonly string[]> {
  if (uid === undefined) return [];
  return [...new Set((await store.list(performedKey(uid))).map(({ value }) => String(value)))];
}

/** Finds the newest fault of one id armed for a journey, counts it as delivered and writes that down. */
function deliverer({ arming, store, journal }: FaultPorts, { uid, clientId }: About): Deliver {
  let isQuiet: Promise<boolean> | undefined;
  return async (act, id, mobile) => {
    // Asked once for all that one request does, because most of the time nothing is armed.
    isQuiet ??= arming.isQuiet();
    if (await isQuiet) return undefined;
    const armed = (await arming.find(act, { mobile, clientId })).findLast(({ fault }) => fault === id);
    if (!armed || !(await arming.markDelivered(armed.id))) return undefined;
    await store.append(performedKey(uid), id, { ttl: 2 * HOUR, keep: 100 });
    await journal.note({ kind: 'fault', journey: uid, clientId, data: { fault: id, act, armed: armed.id, mobile } });
    return armed;
  };
}

function faultyRegisters(registers: Registers, deliver: Deliver): Registers {
  const isArmed = async (id: string, mobile: Mobile) => (await deliver('register', id, mobile)) !== undefined;

  async function waitIfSlow(mobile: Mobile): Promise<void> {
    const slow = await deliver('register', 'register.slow', mobile);
    if (slow) await new Promise((resolve) => setTimeout(resolve, Number(slow.parameters.milliseconds ?? 4000)));
  }

  return {
    citizen: registers.citizen,
    line: registers.line,
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

function faultyOutbox(
  outbox: Ports['outbox'],
  deliver: Deliver,
  { store, reword }: Pick<FaultPorts, 'store' | 'reword'>,
): Ports['outbox'] {
  const heldKey = (mobile: Mobile) => `held-sms:{${mobile}}`;
  return {
    async send(original) {
      const delivered = (id: string) => deliver('sms', id, original.to);
      if (await delivered('sms.undeliverable')) {
        const { code: _code, ...unread } = original;
        return outbox.send({ ...unread, text: '', status: 'undeliverable' });
      }
      const wording = await delivered('sms.wording');
      const draft: Draft =
        wording && original.code
          ? { ...original, text: reword(String(wording.parameters.variant), original.code) }
          : original;
      if (await delivered('sms.lost')) return outbox.send({ ...draft, status: 'lost' });
      const held = await store.take(heldKey(draft.to));
      if (!held && (await delivered('sms.out_of_order'))) {
        await store.set(heldKey(draft.to), draft as unknown as Json, HOUR);
        return draft;
      }
      const late = await delivered('sms.late');
      const sent = await outbox.send(draft, late ? Number(late.parameters.seconds ?? 180) : 0);
      if (await delivered('sms.twice')) await outbox.send(draft);
      if (held) await outbox.send(held as unknown as Draft);
      return sent;
    },
  };
}
