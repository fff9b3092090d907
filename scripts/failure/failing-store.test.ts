import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { startEmbeddedEmta } from '../../conformance/embedded.ts';
import { EmtaError } from '../../provider/kernel/errors.ts';
import type { Store } from '../../provider/kernel/ports.ts';
import { createMemoryStore } from '../../provider/store/memory.ts';
import { type AuthorizationRequest, authorizationRequest } from './chaos.ts';
import { exchange, keptAlive, walk } from './citizen.ts';
import { captcha, client, redirectUri } from './fleet.ts';

interface Failure {
  /** Which call of the store fails. */
  readonly call: number;
  /** Whether the store had done what it was asked to, as when its answer comes too late. */
  readonly isDone: boolean;
}

interface Lane {
  /** Walks one journey to its claims; answers how many calls of the store it took, and what the one that failed was. */
  journey(failure?: Failure): Promise<{ readonly calls: number; readonly failed: string }>;
}

const person = { mobile: '09070000101', nationalCode: '9991001018', birth: { year: '1369', month: '8', day: '17' } };
/** Faster than life, so that a mark of five seconds lapses in one; slow enough for a busy machine to redeem a code in time. */
const clock = { now: () => Date.UTC(2026, 9, 1) + performance.now() * 5 };
const agent = keptAlive();
const running: { close(): Promise<void> }[] = [];
afterAll(async () => {
  agent.destroy();
  await Promise.all(running.map((emta) => emta.close()));
});

/** An Emta whose store fails once at any call one likes. */
async function openLane(): Promise<Lane> {
  let [calls, failed] = [0, ''];
  let failure: Failure | undefined;
  const store = new Proxy(createMemoryStore({ clock }), {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || name === 'close') return method;
      return async (...given: unknown[]) => {
        calls += 1;
        const isFailing = failure?.call === calls;
        const result = isFailing && !failure?.isDone ? undefined : await Reflect.apply(method, target, given);
        if (!isFailing) return result;
        failed = `${String(name)} ${given[0]}`;
        throw new EmtaError('store_unavailable', 'the store cannot be reached');
      };
    },
  }) satisfies Store;
  const emta = await startEmbeddedEmta({
    port: 0,
    population: 1000,
    clock,
    store,
    // Nobody is to run out of time here.
    rules: { captcha, captchaTtl: 36_000, codeTtl: 36_000, journeyTtl: 36_000, codesPerHour: 100_000 },
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
  });
  running.push(emta);
  return {
    async journey(given) {
      const request = authorizationRequest(emta.issuer);
      [calls, failed, failure] = [0, '', given];
      const walked = await walk({
        ...{ issuer: emta.issuer, agent, redirectUri, captcha, typed: person, patience: 30 },
        authorizationUrl: request.url,
        think: () => 0,
        pause: () => sleep(10),
      });
      expect(walked.ended).toBe(walked.began);
      expect(await claimsOf(emta.issuer, walked.code, request)).toMatchObject({ national_code: person.nationalCode });
      return { calls, failed };
    },
  };
}

async function claimsOf(issuer: string, code: string, { verifier }: AuthorizationRequest): Promise<unknown> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  const secret = { client_id: client.id, client_secret: client.secret };
  const tokens = await patiently(() => exchange(`${issuer}/service/v1/oauth/token`, agent, { ...form, ...secret }));
  const { access_token: token } = JSON.parse(tokens?.body ?? '{}') as { access_token?: string };
  const headers = { authorization: `Bearer ${token}` };
  const claims = await patiently(() => exchange(`${issuer}/service/v1/oauth/userinfo`, agent, undefined, headers));
  return JSON.parse(claims?.body ?? '{}');
}

/** Asks again once, as a relying party does that is told to come again. */
async function patiently(ask: () => ReturnType<typeof exchange>) {
  const got = await ask();
  return got?.status === 503 ? ask() : got;
}

test('whichever call of the store fails, before it is done or after, who comes again gets what is theirs', async () => {
  const lanes = await Promise.all(Array.from({ length: 8 }, openLane));
  const [first] = lanes;
  if (!first) throw new Error('expected a lane');
  await first.journey();
  const { calls } = await first.journey();
  const failures = [false, true].flatMap((isDone) =>
    Array.from({ length: calls }, (_, index): Failure => ({ call: index + 1, isDone })),
  );
  const kinds = new Set<string>();
  const lost: string[] = [];
  async function walkThrough({ journey }: Lane): Promise<void> {
    for (let next = failures.shift(); next; next = failures.shift()) {
      const { call, isDone } = next;
      await journey(next).then(
        ({ failed }) => kinds.add(failed.replace(/\{.*\}/, '').replace(/[\d-].*/, '')),
        (error: Error) => lost.push(`call ${call}, ${isDone ? 'done' : 'not done'}: ${error.message.slice(0, 300)}`),
      );
    }
  }
  await Promise.all(lanes.map(walkThrough));
  expect(lost).toEqual([]);
  expect(calls).toBeGreaterThan(50);
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      'set oidc:AuthorizationCode:',
      'add oidc:AuthorizationCode::consumed',
      'set oidc:AccessToken:',
      'set journey:',
    ]),
  );
}, 120_000);
