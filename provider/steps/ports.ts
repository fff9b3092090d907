import type { CitizenRegistry, CivilAnswer, Clock, Random, Store } from '../kernel/ports.ts';
import type { BirthDate, Mobile, NationalCode } from '../registry/citizen.ts';
import type { Message } from '../sms/outbox.ts';
import type { JourneyRules } from './rules.ts';

export interface Registers extends Pick<CitizenRegistry, 'citizen' | 'line' | 'askOwnership'> {
  /** `mobile` is the number of the journey: not part of the question, but what a fault is armed for. */
  askCivilRegister(nationalCode: NationalCode, birthDate: BirthDate, mobile: Mobile): Promise<CivilAnswer>;
}

/** What the steps may touch. */
export interface Ports {
  readonly registry: Registers;
  readonly outbox: {
    /** `after` seconds it arrives. */
    send(message: Omit<Message, 'id' | 'at'>, after?: number): Promise<Pick<Message, 'status'>>;
  };
  readonly store: Pick<Store, 'get' | 'set' | 'increment'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: JourneyRules;
  /** Text of the SMS that carries a code. */
  readonly smsText: (code: string) => string;
}
