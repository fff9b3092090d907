import { expect, test } from '@jest/globals';
import { forgotten, kept } from '../http/control/world.ts';
import { clockAt } from '../kernel/clock.ts';
import type { Store } from '../kernel/ports.ts';
import { createMemoryStore } from '../store/memory.ts';
import { freshEmta, site, type TestEmta } from './fresh-emta.ts';
import { visitorOf } from './visitor.ts';
import { redeem } from './wire.ts';

const start = '2026-10-01T08:00:00Z';
const stranger = {
  national_code: '9996543218',
  given_name: 'مهتاب',
  family_name: 'نمونه',
  birth_date: '1990-11-08',
  gender: 'female',
  mobile: '09070000900',
};
const shop = { client_secret: 'made-up', redirect_uris: ['http://127.0.0.1:8080/cb'] };
const order = { fault: 'id_token.nonce_wrong', mobile: '+989070000101', uses: 3 };

/** Does a bit of everything that leaves something behind; answers the code of a finished login. */
async function live(emta: TestEmta): Promise<string> {
  await emta.control('post', '/citizens', { citizens: [stranger] });
  await emta.control('post', '/citizens/draw', { count: 1 });
  await emta.control('put', '/clients/shop', shop);
  await emta.control('delete', `/clients/${site.client_id}`);
  await emta.control('put', `/clients/${site.client_id}`, { ...site });
  await emta.control('post', '/armed', order);
  await emta.control('post', '/armed', { fault: 'sms.out_of_order', mobile: '+989070000102' });
  await visitorOf(emta, 'plain-man').walk('verification');
  const { left } = await visitorOf(emta, 'married-woman').walk('end');
  const code = left?.searchParams.get('code') ?? '';
  await redeem(emta, code);
  await emta.control('post', '/clock', { advance_seconds: 30 });
  return code;
}

test('a reset takes all back to the start, and keeps the keys and the journal', async () => {
  const emta = await freshEmta();
  const { body: keys } = await emta.api().get('/oauth/jwks');
  const { entries: before } = await emta.control('get', '/journal');
  await live(emta);
  const waiting = (await visitorOf(emta, 'leading-zeros').walk('end')).left?.searchParams.get('code') ?? '';

  await emta.control('post', '/reset');

  const api = emta.api();
  expect(
    (await emta.control('get', '/clients')).clients.map(({ client_id }: { client_id: string }) => client_id),
  ).toEqual([site.client_id]);
  await api.get(`/_emta/v1/citizens/${stranger.national_code}`).expect(404);
  expect(await emta.control('get', '/armed')).toEqual({ armed: [] });
  expect(await emta.control('get', '/messages')).toEqual({ messages: [] });
  expect(await emta.control('get', '/exchanges')).toEqual({ exchanges: [] });
  expect(await emta.control('get', '/clock')).toEqual({ now: new Date(start).toISOString() });
  expect((await redeem(emta, waiting)).body).toMatchObject({ error: 'invalid_grant' });
  expect((await api.get('/oauth/jwks')).body).toEqual(keys);
  const { entries: after } = await emta.control('get', '/journal');
  expect(after[0]).toEqual(before[0]);
  expect(after.find(({ kind }: { kind: string }) => kind === 'control')?.data).toEqual({ operation: 'reset' });
});

test('whatever is kept in the store is either forgotten by a reset or kept on purpose', async () => {
  const keys = new Set<string>();
  const inner = createMemoryStore({ clock: clockAt(start) });
  const noted =
    <Rest extends unknown[], Result>(write: (key: string, ...rest: Rest) => Result) =>
    (key: string, ...rest: Rest) => {
      keys.add(key);
      return write(key, ...rest);
    };
  const store: Store = {
    ...inner,
    set: noted(inner.set),
    add: noted(inner.add),
    increment: noted(inner.increment),
    append: noted(inner.append),
    appendAll: noted(inner.appendAll),
  };
  await live(await freshEmta({ store }));
  const known = [...forgotten, ...kept];
  expect(keys.size).toBeGreaterThan(40);
  expect([...keys].filter((key) => !known.some((prefix) => key.startsWith(prefix)))).toEqual([]);
});

test('a snapshot brings back people, lines, clients, faults with the uses they have left, and the clock', async () => {
  const emta = await freshEmta();
  await live(emta);
  const snapshot = await emta.control('get', '/snapshot');
  expect(snapshot).toMatchObject({
    version: 1,
    issuer: emta.issuer,
    clock_ahead_seconds: 30,
    citizens: [{ national_code: stranger.national_code }],
    lines: [{ mobile: '+989070000900', owner: stranger.national_code, state: 'active' }],
    armed: [
      { ...order, uses: 2 },
      { fault: 'sms.out_of_order', mobile: '+989070000102' },
    ],
  });
  await emta.control('post', '/reset');
  await emta.control('put', '/clients/other', shop);
  await emta.control('post', '/armed', { ...order, mobile: '+989070000103' });

  await emta.control('put', '/snapshot', snapshot);

  const again = await emta.control('get', '/snapshot');
  expect(again).toEqual({ ...snapshot, clients: again.clients });
  const byId = (one: { client_id: string }, other: { client_id: string }) => (one.client_id < other.client_id ? -1 : 1);
  expect(again.clients.sort(byId)).toEqual(snapshot.clients.sort(byId));
  expect(await emta.control('get', '/messages')).toEqual({ messages: [] });
});

test('a snapshot that cannot be used changes nothing', async () => {
  const emta = await freshEmta();
  await emta.control('post', '/armed', order);
  const before = await emta.control('get', '/snapshot');
  const put = (change: object) =>
    emta
      .api()
      .put('/_emta/v1/snapshot')
      .send({ ...before, citizens: [stranger], ...change });
  await put({ clients: [{ client_id: 'x' }] }).expect(400, /redirect_uris/);
  await put({ armed: [order, { fault: 'id_token.nonce_wrogn', issuer: true }] }).expect(400, /unknown_fault/);
  await put({ lines: [{ mobile: '1' }] }).expect(400, /bad_citizen/);
  await put({ version: 2 }).expect(400, /must be equal to constant/);
  await put({ journeys: [] }).expect(400, /additional properties/);
  const after = await emta.control('get', '/snapshot');
  expect({ ...after, taken_at: before.taken_at }).toEqual(before);
});
