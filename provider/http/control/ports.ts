import type { Arming } from '../../faults/arming.ts';
import type { Journal } from '../../journal/journal.ts';
import type { SharedClock } from '../../kernel/clock.ts';
import type { CitizenRegistry, Random, Store } from '../../kernel/ports.ts';
import type { ClientRegistry } from '../../oidc/clients.ts';
import type { Journeys } from '../../oidc/journeys.ts';
import type { Logins } from '../../oidc/logins.ts';
import type { Mobile } from '../../registry/citizen.ts';
import type { SharedOverlay } from '../../registry/overlay.ts';
import type { Outbox } from '../../sms/outbox.ts';
import type { JourneyRules } from '../../steps/rules.ts';

/** What the control interface works on. */
export interface ControlPorts {
  readonly issuer: string;
  readonly version: string;
  readonly startedAt: string;
  /** What the population is made from. */
  readonly seed: string;
  readonly relaxed: readonly string[];
  readonly rules: JourneyRules;
  readonly registry: CitizenRegistry;
  /** What was put above the population and the personas. */
  readonly overlay: SharedOverlay;
  readonly clients: ClientRegistry;
  readonly journeys: Journeys;
  readonly logins: Logins;
  readonly outbox: Outbox;
  readonly arming: Arming;
  readonly journal: Journal;
  readonly clock: SharedClock;
  readonly random: Random;
  readonly store: Store;
  /** The personas given at the start, with their reasons. */
  readonly personas: readonly PersonaNote[];
  /** Numbers that lead to a known outcome, given at the start. */
  readonly magicBlocks: readonly MagicBlockNote[];
}

export interface MagicBlockNote {
  readonly id: string;
  /** Fourth to sixth digit after the prefix. */
  readonly digits: string;
  readonly summary: string;
  /** `code`, or error and first word of its description. */
  readonly returns: string;
  readonly decision: 'grant' | 'refuse';
  /** Jalali, as typed: `1370/01/01`. */
  readonly birth: string;
  readonly numbers: readonly { readonly mobile: Mobile; readonly nationalCode: string; readonly code: string }[];
}

export interface PersonaNote {
  readonly id: string;
  readonly reason: string;
  /** The same for Persian pages. */
  readonly reasonFa?: string;
  readonly nationalCode: string;
  readonly mobile: string;
  /** Jalali, as typed: `1369/08/17`. */
  readonly birth: string;
  readonly name?: string;
}
