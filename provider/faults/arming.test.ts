import { expect, test } from '@jest/globals';
import { adjustableClock, clockAt } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createArming } from './arming.ts';

function fresh() {
  const clock = adjustableClock(clockAt('2026-05-05T08:00:00Z'));
  const store = createMemoryStore({ clock });
  return { clock, store, arming: createArming({ store, clock, random: seededRandom(1) }) };
}

const mobile = '+989070001094';
const scope = { mobile };

test('finds what was armed for the number, the client and the issuer, in the order of arming', async () => {
  const { arming } = fresh();
  await arming.arm({ fault: 'id_token.nonce_wrong', scope: { issuer: true } });
  await arming.arm({ fault: 'id_token.aud_other', scope });
  await arming.arm({ fault: 'id_token.iss_other', scope: { clientId: 'shop' } });
  await arming.arm({ fault: 'id_token.expired', scope: { mobile: '+989070001115' } });
  await arming.arm({ fault: 'userinfo.hang', scope });
  const found = await arming.find('id_token', { mobile, clientId: 'shop' });
  expect(found.map(({ fault }) => fault)).toEqual(['id_token.nonce_wrong', 'id_token.aud_other', 'id_token.iss_other']);
  expect((await arming.find('id_token', {})).map(({ fault }) => fault)).toEqual(['id_token.nonce_wrong']);
});

test('finds a fault at every place where it acts', async () => {
  const { arming } = fresh();
  const { id } = await arming.arm({ fault: 'claims.phone_missing', scope });
  for (const act of ['id_token', 'userinfo', 'resource_mobile'] as const) {
    expect((await arming.find(act, { mobile })).map((armed) => armed.id)).toEqual([id]);
  }
  expect(await arming.find('resource_identity', { mobile })).toEqual([]);
});

test('keeps what was ordered', async () => {
  const { arming } = fresh();
  const armed = await arming.arm({ fault: 'authorization.error', scope, uses: 2, parameters: { error: 'emta_xyz' } });
  expect(await arming.get(armed.id)).toEqual({ ...armed, delivered: 0 });
  expect(armed).toMatchObject({
    fault: 'authorization.error',
    scope,
    uses: 2,
    parameters: { error: 'emta_xyz' },
    at: '2026-05-05T08:00:00.000Z',
    order: 1,
  });
  expect(armed.entry.id).toBe('authorization.error');
});

test('counts deliveries and stops when the uses are up', async () => {
  const { arming } = fresh();
  const { id } = await arming.arm({ fault: 'id_token.nonce_wrong', scope, uses: 2 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => arming.markDelivered(id)));
  expect(answers.filter(Boolean)).toHaveLength(2);
  expect(await arming.get(id)).toMatchObject({ delivered: 2 });
});

test('counts without end where no uses are given', async () => {
  const { arming } = fresh();
  const { id } = await arming.arm({ fault: 'id_token.nonce_wrong', scope });
  for (const _ of [1, 2, 3]) expect(await arming.markDelivered(id)).toBe(true);
  expect(await arming.get(id)).toMatchObject({ delivered: 3 });
});

test('counts one occasion once, so that a fault of several places is whole', async () => {
  const { arming } = fresh();
  const { id } = await arming.arm({ fault: 'claims.phone_missing', scope, uses: 1 });
  expect(await arming.markDelivered(id, 'journey-1')).toBe(true);
  expect(await arming.markDelivered(id, 'journey-1')).toBe(true);
  expect(await arming.markDelivered(id, 'journey-2')).toBe(false);
  expect(await arming.markDelivered(id, 'journey-2')).toBe(false);
  expect(await arming.get(id)).toMatchObject({ delivered: 1 });
});

test('two processes over one store share what is armed and its uses', async () => {
  const { arming, store, clock } = fresh();
  const other = createArming({ store, clock, random: seededRandom(2) });
  const { id } = await arming.arm({ fault: 'id_token.nonce_wrong', scope, uses: 1 });
  expect((await other.find('id_token', { mobile })).map((armed) => armed.id)).toEqual([id]);
  const answers = await Promise.all([arming.markDelivered(id), other.markDelivered(id)]);
  expect(answers.filter(Boolean)).toHaveLength(1);
});

test('two issuers over one store do not see what the other has armed', async () => {
  const { store, clock } = fresh();
  const one = createArming({ store, clock, random: seededRandom(2), prefix: 'one:' });
  const two = createArming({ store, clock, random: seededRandom(3), prefix: 'two:' });
  await one.arm({ fault: 'jwks.server_error', scope: { issuer: true } });
  expect(await two.find('jwks', {})).toEqual([]);
  expect(await two.list()).toEqual([]);
});

test('a disarmed fault is neither found nor delivered', async () => {
  const { arming } = fresh();
  const { id } = await arming.arm({ fault: 'id_token.nonce_wrong', scope });
  await arming.markDelivered(id);
  expect(await arming.disarm(id)).toMatchObject({ id, fault: 'id_token.nonce_wrong', delivered: 1 });
  expect(await arming.disarm(id)).toBeUndefined();
  expect(await arming.find('id_token', { mobile })).toEqual([]);
  expect(await arming.markDelivered(id)).toBe(false);
  expect(await arming.get(id)).toBeUndefined();
});

test('clearing disarms all, and arming goes on afterwards', async () => {
  const { arming } = fresh();
  await arming.arm({ fault: 'id_token.nonce_wrong', scope });
  await arming.arm({ fault: 'jwks.server_error', scope: { issuer: true } });
  expect(await arming.list()).toHaveLength(2);
  await arming.clear();
  expect(await arming.list()).toEqual([]);
  const { id } = await arming.arm({ fault: 'id_token.aud_other', scope });
  expect((await arming.find('id_token', { mobile })).map((armed) => armed.id)).toEqual([id]);
});

test('forgets what nobody disarmed after a week', async () => {
  const { arming, clock } = fresh();
  await arming.arm({ fault: 'id_token.nonce_wrong', scope });
  clock.advance(7 * 86_400_000 + 1);
  expect(await arming.find('id_token', { mobile })).toEqual([]);
});

test.each([
  [{ fault: 'id_token.nonce', scope }, 'unknown_fault', 'unknown fault "id_token.nonce"'],
  [
    { fault: 'authorization.error', scope },
    'bad_control_request',
    'fault "authorization.error" cannot be armed: missing parameter "error" (string: error code)',
  ],
  [
    { fault: 'authorization.error', scope, uses: 0, parameters: { error: 1, eror: 'x' } },
    'bad_control_request',
    'fault "authorization.error" cannot be armed: unknown parameter "eror", known are: error, error_description, error_uri; expected parameter "error" to be a string, got number; expected "uses" to be a whole number above 0, got 0',
  ],
  [
    { fault: 'authorization.refused_at_once', scope },
    'bad_control_request',
    'fault "authorization.refused_at_once" cannot be armed: expected it to be armed for a client_id or the issuer, got mobile',
  ],
  [
    { fault: 'discovery.reset', scope: { clientId: 'shop' } },
    'bad_control_request',
    'fault "discovery.reset" cannot be armed: expected it to be armed for the issuer, got client_id',
  ],
])('refuses %j', async (order, code, message) => {
  const { arming } = fresh();
  await expect(arming.arm(order)).rejects.toEqual(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
  expect(await arming.list()).toEqual([]);
});

test('gives ids that a command line never takes for an option', async () => {
  const { arming } = fresh();
  const ids = [];
  for (let count = 0; count < 100; count += 1)
    ids.push((await arming.arm({ fault: 'claims.phone_missing', scope })).id);
  expect(ids.filter((id) => !/^[a-z2-9]{16}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(100);
});
