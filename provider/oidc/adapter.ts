import type { Adapter, AdapterPayload } from 'oidc-provider';
import { isEmtaError } from '../kernel/errors.ts';
import type { Json, Store } from '../kernel/ports.ts';
import { type ClientRegistry, clientFromRegistration } from './clients.ts';
import { errors } from './library.ts';
import { isRelaxed, type Relaxation } from './strictness.ts';
import type { UsedOnce } from './used-once.ts';

/** What belongs to a grant and dies with it. */
const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);
const SINGLE_USE = new Set(['AuthorizationCode', 'RefreshToken', 'PushedAuthorizationRequest']);
/** Longer than an answer takes, even while the store stalls. */
const ANSWERING = 5;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export interface AdapterPorts {
  readonly store: Store;
  readonly clients: ClientRegistry;
  readonly usedOnce: UsedOnce;
  readonly relaxed: readonly Relaxation[];
}

const answeredKey = (uid: string) => `oidc:Interaction:{${uid}}:answered`;

/** Whether some process has begun to answer an interaction, and may be about to be done. */
export async function isBeingAnswered(uid: string, store: Pick<Store, 'get'>): Promise<boolean> {
  return (await store.get(answeredKey(uid))) !== undefined;
}

/** Ends an interaction whose answer is known and kept. */
export async function forgetInteraction(uid: string, store: Pick<Store, 'delete'>): Promise<void> {
  await store.delete(`oidc:Interaction:{${uid}}`);
}

/** Keeps all of oidc-provider's records in the store; what may be used once is consumed atomically. */
export function adapterFor(model: string, { store, clients, usedOnce, relaxed }: AdapterPorts): Adapter {
  const key = (id: string) => `oidc:${model}:{${id}}`;
  const consumedKey = (id: string) => `oidc:${model}:{${id}}:consumed`;
  const byUid = (uid: string) => `oidc:${model}:uid:{${uid}}`;
  const byGrant = (grantId: string) => `oidc:grant:{${grantId}}`;

  return {
    async upsert(id, payload, expiresIn = DAY) {
      if (model === 'ReplayDetection') return once(id, payload, expiresIn);
      if (model === 'Client') return register(payload);
      await store.set(key(id), payload as unknown as Json, expiresIn);
      if (payload.uid && model === 'Session') await store.set(byUid(payload.uid), id, expiresIn);
      if (payload.grantId && GRANTABLE.has(model)) {
        await store.append(byGrant(payload.grantId), key(id), { ttl: Math.max(expiresIn, DAY), keep: 1000 });
      }
    },
    async find(id) {
      if (model === 'Client') return metadataOf(await clients.find(id), relaxed);
      const payload = await store.get(key(id));
      if (payload === undefined) return undefined;
      const consumed = SINGLE_USE.has(model) ? await store.get(consumedKey(id)) : undefined;
      return { ...(payload as AdapterPayload), ...(consumed === undefined ? {} : { consumed }) };
    },
    async findByUid(uid) {
      const id = await store.get(byUid(uid));
      return typeof id === 'string' ? this.find(id) : undefined;
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      // RFC 6749 4.1.2: a code MUST NOT be used more than once. Of two requests at once only one passes here.
      // The mark outlives what it marks; after that there is nothing to use again.
      if (!(await usedOnce.use(consumedKey(id), model === 'RefreshToken' ? DAY : HOUR))) {
        const payload = (await store.get(key(id))) as AdapterPayload | undefined;
        // Whoever passed may be about to issue tokens; without the grant they open nothing.
        if (payload?.grantId) {
          await store.delete(`oidc:Grant:{${payload.grantId}}`);
          await this.revokeByGrantId(payload.grantId);
        }
        throw new errors.InvalidGrant(`${model} already consumed`);
      }
    },
    async destroy(id) {
      if (model === 'Client') return void (await clients.delete(id));
      if (model === 'Interaction') return answer(id);
      const was = await store.take(key(id));
      // oidc-provider renames a session before the browser has learnt its new name. If that answer is lost, nobody's
      // session still goes by the old one; a session of somebody does not.
      if (model === 'Session' && typeof was === 'object' && was !== null && !('accountId' in was)) {
        await store.set(key(id), was, MINUTE);
      }
    },
    async revokeByGrantId(grantId) {
      const members = await store.list(byGrant(grantId));
      await Promise.all(members.map(({ value }) => store.delete(String(value))));
      await store.delete(byGrant(grantId));
    },
  };

  /**
   * An interaction is destroyed when it begins to be answered: of two answers at once only one passes here. It goes for
   * good once the answer is kept for the browser (`forgetInteraction`); should this process die before, the browser
   * asks again and another process answers.
   */
  async function answer(id: string): Promise<void> {
    if (!(await store.add(answeredKey(id), true, ANSWERING))) {
      throw new errors.SessionNotFound('interaction session not found');
    }
  }

  /** A client that registers itself (RFC 7591). */
  async function register(payload: AdapterPayload): Promise<void> {
    try {
      await clients.put(clientFromRegistration(payload));
    } catch (error) {
      if (!isEmtaError(error) || error.code !== 'bad_client') throw error;
      throw new errors.InvalidClientMetadata(error.message);
    }
  }

  /** RFC 7523 3 rule 7: of two uses of one assertion at once only one passes here. */
  async function once(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    if (await store.add(key(id), payload as unknown as Json, expiresIn)) return;
    throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
  }
}

/** The standard members alone; those of Emta's own are not oidc-provider's. */
function metadataOf(
  client: Awaited<ReturnType<ClientRegistry['find']>>,
  relaxed: readonly Relaxation[],
): AdapterPayload | undefined {
  if (!client) return undefined;
  const { emta_iss_parameter: _iss, emta_relax: _relax, emta_client_name_en: _name, scope, ...metadata } = client;
  return {
    ...(metadata as unknown as AdapterPayload),
    ...(!isRelaxed('scope', relaxed, client) && { scope }),
  };
}
