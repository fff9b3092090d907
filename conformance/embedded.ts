import { saleSiteClient } from '../fixtures/clients.ts';
import { type Persona, personas } from '../fixtures/personas.ts';
import { systemClock } from '../provider/kernel/clock.ts';
import type { Client } from '../provider/oidc/clients.ts';
import { parseClient } from '../provider/oidc/clients.ts';
import { type ListenOptions, type RunningEmta, startEmta } from '../provider/server.ts';

/** The one door from the harness and the command line to the provider: an Emta of one's own, with the personas in it. */
export interface EmbeddedOptions extends Omit<ListenOptions, 'citizens' | 'lines' | 'personas' | 'clients'> {
  /** Client metadata; refused member by member when it cannot be used. */
  readonly clients?: readonly unknown[];
}

export interface EmbeddedEmta extends Pick<RunningEmta, 'issuer' | 'port' | 'dropNamespace' | 'close'> {
  readonly personas: readonly Persona[];
}

/** Starts Emta in this process. */
export async function startEmbeddedEmta(options: EmbeddedOptions = {}): Promise<EmbeddedEmta> {
  const people = personas(options.clock ?? systemClock);
  const { clients = [], ...rest } = options;
  const running = await startEmta({
    ...rest,
    clients: clients.map((client, index): Client => parseClient(client, `clients[${index}]`)),
    citizens: people.flatMap(({ citizen }) => citizen ?? []),
    lines: people.map(({ line }) => line),
    personas: people.map(({ id, reason, citizen, typed }) => ({
      id,
      reason,
      nationalCode: typed.nationalCode,
      mobile: typed.mobile,
      birth: `${typed.birth.year}/${typed.birth.month}/${typed.birth.day}`,
      ...(citizen && { name: `${citizen.givenName} ${citizen.familyName}` }),
    })),
  });
  return {
    issuer: running.issuer,
    port: running.port,
    personas: people,
    dropNamespace: running.dropNamespace,
    close: running.close,
  };
}

export { type Persona, saleSiteClient };
