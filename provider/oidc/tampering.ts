import { claimsFor, resourceFor } from '../claims/index.ts';
import type { Arming } from '../faults/arming.ts';
import type { SigningKey, TamperContext, Tampered } from '../faults/tamper.ts';
import { systemClock } from '../kernel/clock.ts';
import type { CitizenRegistry, Random, Store } from '../kernel/ports.ts';
import type { NationalCode } from '../registry/citizen.ts';
import type { Client, ClientRegistry } from './clients.ts';
import type { Keys } from './keys.ts';
import type { Logins } from './logins.ts';

/** Who an exchange is about, as far as it is known. */
export interface Parties {
  readonly clientId?: string;
  readonly mobile?: string;
  /** Deliveries within one journey count as one use of a fault. */
  readonly journey?: string;
}

export interface Tampering {
  /** Applies every fault armed for these parties at this place, and adds the ids of those that changed something. */
  apply<A extends keyof Tampered>(
    act: A,
    before: Tampered[A],
    parties: Parties,
    delivered: string[],
  ): Promise<Tampered[A]>;
  context(parameters: TamperContext['parameters'], parties: Parties): Promise<TamperContext>;
  readonly arming: Arming;
}

export interface TamperingPorts {
  readonly issuer: string;
  readonly arming: Arming;
  readonly clients: ClientRegistry;
  readonly registry: Pick<CitizenRegistry, 'citizen' | 'linesOf'>;
  readonly keys: Keys;
  readonly activeKey: () => Promise<SigningKey>;
  readonly logins: Logins;
  readonly store: Store;
  readonly random: Random;
}

const HOUR = 3600;

const nonceKey = (clientId: string, mobile: string) => `nonce:{${mobile}}:${clientId}`;

/** Where the nonce of each login is kept, for the fault that replays it. */
export async function rememberNonce(store: Store, nonce: string, { clientId, mobile }: Parties): Promise<void> {
  if (!clientId || !mobile) return;
  const key = nonceKey(clientId, mobile);
  const last = await store.get(`${key}:last`);
  if (typeof last === 'string') await store.set(`${key}:previous`, last, HOUR);
  await store.set(`${key}:last`, nonce, HOUR);
}

export function createTampering(ports: TamperingPorts): Tampering {
  const { issuer, arming, clients, registry, keys, logins, store, random } = ports;

  async function victimOf(
    parameters: TamperContext['parameters'],
    client: Client | undefined,
  ): Promise<Partial<TamperContext>> {
    const nationalCode = parameters.victim;
    if (typeof nationalCode !== 'string') return {};
    const citizen = await registry.citizen(nationalCode);
    if (!citizen) return {};
    const [line] = await registry.linesOf(citizen.nationalCode as NationalCode);
    // What this client could have read of the victim, had it been the victim's login.
    const claims = claimsFor(citizen, line?.mobile, client ? client.scope.split(' ') : []);
    return {
      victimClaims: { sub: subFor(client, citizen.nationalCode), ...claims } as NonNullable<
        TamperContext['victimClaims']
      >,
      victimIdentity: resourceFor(citizen, line?.mobile, 'user:identity:general') as NonNullable<
        TamperContext['victimIdentity']
      >,
    };
  }

  /** As that client knows the citizen (OIDC Core 8.1). */
  function subFor(client: Client | undefined, nationalCode: string): string {
    const sub = logins.subOf(nationalCode);
    if (client?.subject_type !== 'pairwise') return sub;
    const sector = new URL(client.sector_identifier_uri ?? client.redirect_uris[0] ?? issuer).host;
    return logins.subOf(`${sector}:${sub}`);
  }

  const tampering: Tampering = {
    arming,

    async context(parameters, { clientId = '', mobile, journey = '-' }) {
      const client = await clients.find(clientId);
      const [active, foreign, victim] = await Promise.all([
        ports.activeKey(),
        keys.named('foreign'),
        victimOf(parameters, client),
      ]);
      const previousNonce = mobile ? await store.get(`${nonceKey(clientId, mobile)}:previous`) : undefined;
      return {
        issuer,
        clientId,
        ...(client?.client_secret && { clientSecret: client.client_secret }),
        parameters,
        keys: { active, foreign, named: (label) => keys.named(label) },
        trapUrl: `${issuer}/_emta/trap/${journey}`,
        // oidc-provider stamps its tokens by the machine's clock, and so do those who check them: one that the control
        // interface has put forward would make an expired token a sound one.
        now: systemClock.now(),
        random,
        journey: {
          ...(mobile && { mobile }),
          ...(typeof previousNonce === 'string' && { previousNonce }),
        },
        ...victim,
      };
    },

    async apply(act, before, parties, delivered) {
      let current = before;
      for (const armed of await arming.find(act, parties)) {
        const tamper = armed.entry.tampers[act] as
          | ((value: typeof current, context: TamperContext) => typeof current | Promise<typeof current>)
          | undefined;
        if (!tamper) continue;
        const after = await tamper(current, await tampering.context(armed.parameters, parties));
        if (after === current || !(await arming.markDelivered(armed.id, parties.journey))) continue;
        current = after;
        delivered.push(armed.fault);
      }
      return current;
    },
  };
  return tampering;
}
