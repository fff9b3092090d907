import { isDeepStrictEqual } from 'node:util';
import { saleSiteClient } from '../fixtures/clients.ts';
import { magicBlocks, magicPeople } from '../fixtures/magic-numbers.ts';
import { personaReasonsFa } from '../fixtures/persona-reasons-fa.ts';
import { type Persona, personas } from '../fixtures/personas.ts';
import { systemClock } from '../provider/kernel/clock.ts';
import { refuseUnknownOptions } from '../provider/known-options.ts';
import type { Client } from '../provider/oidc/clients.ts';
import { parseClient } from '../provider/oidc/clients.ts';
import type { ListenOptions } from '../provider/options.ts';
import { dataOf, refuseContradictions, serve } from '../provider/serve.ts';
import { type RunningEmta, startEmta } from '../provider/server.ts';
import {
  flagOf,
  readSettings,
  type Setting,
  type SettingName,
  type Settings,
  settingNames,
  settingTable,
  variableOf,
} from '../provider/settings.ts';
import { stderrLog } from '../provider/stderr-log.ts';
import { isPrimaryOf, speaksForAll, superviseWorkers } from '../provider/workers.ts';

/** The one door from the harness and the command line to the provider: an Emta of one's own, with the personas in it. */
export interface EmbeddedOptions
  extends Omit<ListenOptions, 'citizens' | 'lines' | 'personas' | 'magicBlocks' | 'clients'> {
  /** Client metadata; refused member by member when it cannot be used. */
  readonly clients?: readonly unknown[];
  /** Writes what Emta refuses, and why, to the terminal as `emta serve` does, from this level up. Default: nothing. */
  readonly logLevel?: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

export interface EmbeddedEmta extends Pick<RunningEmta, 'issuer' | 'port' | 'dropNamespace' | 'close'> {
  readonly personas: readonly Persona[];
}

/** Starts Emta in this process. Throws `bad_option` with every member that it does not know. */
export async function startEmbeddedEmta(options: EmbeddedOptions = {}): Promise<EmbeddedEmta> {
  refuseUnknownOptions(options);
  const people = personas(options.clock ?? systemClock);
  const { clients = [], logLevel, ...rest } = options;
  const running = await startEmta({
    ...(logLevel !== undefined && { log: stderrLog(logLevel) }),
    ...rest,
    clients: clients.map((client, index): Client => parseClient(client, `clients[${index}]`)),
    ...fixturesOf(people),
  });
  return faceOf(running, people);
}

/** A served Emta, and what its configuration file may change while it runs. */
export interface ServedEmta extends EmbeddedEmta {
  /** PEM of the certificate authority, where TLS is on. */
  readonly caFile?: string;
  /**
   * Takes over people, lines, clients and faults; throws with every problem and changes nothing. Who no longer stands in
   * the file is forgotten; people and clients that somebody has changed since by another way stay as changed.
   */
  takeOver(settings: Settings): Promise<void>;
}

/** Starts Emta as `emta serve` does. Throws `bad_option` for what cannot be. */
export async function serveEmta(settings: Settings): Promise<ServedEmta> {
  const people = personas(systemClock);
  const running = await serve(settings, fixturesOf(people));
  const { clients, overlay, arming } = running.control;
  let inFile = dataOf(settings).clients;
  return {
    ...faceOf(running, people),
    ...(running.caFile !== undefined && { caFile: running.caFile }),
    async takeOver(changed) {
      const data = dataOf(changed);
      // What the file says anew takes the place of what was put since; what it says as before undoes nothing. A registry file,
      // which is the developer's own, stands above both.
      await overlay.remove(running.configured.replace(data));
      for (const client of data.clients) await clients.put(client);
      const kept = new Set(data.clients.map(({ client_id }) => client_id));
      for (const client of inFile.filter(({ client_id }) => !kept.has(client_id))) {
        if (isDeepStrictEqual(await clients.find(client.client_id), client)) await clients.delete(client.client_id);
      }
      inFile = data.clients;
      await arming.clear();
      for (const order of data.faults) await arming.arm(order);
    },
  };
}

function fixturesOf(people: readonly Persona[]) {
  const magic = magicPeople();
  return {
    citizens: [...people.flatMap(({ citizen }) => citizen ?? []), ...magic.citizens],
    lines: [...people.map(({ line }) => line), ...magic.lines],
    magicBlocks: magicBlocks(),
    personas: people.map(({ id, reason, citizen, typed }) => ({
      id,
      reason,
      reasonFa: personaReasonsFa[id],
      nationalCode: typed.nationalCode,
      mobile: typed.mobile,
      birth: `${typed.birth.year}/${typed.birth.month}/${typed.birth.day}`,
      ...(citizen && { name: `${citizen.givenName} ${citizen.familyName}` }),
    })),
  };
}

function faceOf(running: RunningEmta, people: readonly Persona[]): EmbeddedEmta {
  const { issuer, port, dropNamespace, close } = running;
  return { issuer, port, personas: people, dropNamespace, close };
}

export {
  dataOf,
  flagOf,
  isPrimaryOf,
  type Persona,
  readSettings,
  refuseContradictions,
  type Setting,
  type SettingName,
  type Settings,
  saleSiteClient,
  settingNames,
  settingTable,
  speaksForAll,
  superviseWorkers,
  variableOf,
};
