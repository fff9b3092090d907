import { expect, test } from '@jest/globals';
import { createJournal } from '../../journal/journal.ts';
import { clockAt } from '../../kernel/clock.ts';
import { seededRandom } from '../../kernel/random.ts';
import { parseMobile } from '../../registry/mobile.ts';
import { createOutbox } from '../../sms/outbox.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { createFeed, eventStream } from './feed.ts';

const clock = clockAt('2026-10-01T08:00:00Z');
const random = seededRandom('feed');

function parts() {
  const store = createMemoryStore({ clock });
  const feed = createFeed({ store, clock });
  const journal = feed.journal(createJournal({ store, clock, random }));
  const outbox = feed.outbox(createOutbox({ store, clock, random }));
  return { store, feed, journal, outbox };
}

const exchange = {
  endpoint: 'discovery',
  request: { method: 'GET', url: '/', headers: {}, query: {}, form: {} },
  response: { status: 200, headers: {}, body: null },
  delivered: [],
};

test('tells of exchanges, steps and messages, and of nothing else in the journal', async () => {
  const { feed, journal, outbox } = parts();
  const mobile = parseMobile('09070000101');
  if (!mobile.ok) throw new Error('expected a number');
  await journal.exchange({ ...exchange, journey: 'a' });
  await journal.note({ kind: 'step', journey: 'a', data: {} });
  await journal.note({ kind: 'control', data: {} });
  await outbox.send({ to: mobile.value, from: 'emta', text: 'x', status: 'delivered' });
  expect((await feed.after(0)).map(({ event }) => event)).toEqual([
    { kind: 'exchange', journey: 'a' },
    { kind: 'journey', journey: 'a' },
    { kind: 'message', mobile: '+989070000101' },
  ]);
  expect(await feed.newest()).toBe(3);
});

test('keeps the newest alone', async () => {
  const { feed, journal } = parts();
  for (let count = 0; count < 120; count += 1) await journal.exchange(exchange);
  expect(await feed.after(0)).toHaveLength(100);
  expect(await feed.newest()).toBe(120);
  expect(await feed.looseExchanges()).toHaveLength(30);
});

test('a stream begins after a position, begins anew where the list was emptied, and ends when told', async () => {
  const { store, feed, journal } = parts();
  for (let count = 0; count < 3; count += 1) await journal.exchange(exchange);
  const stop = new AbortController();
  const stream = eventStream(feed, 2, stop.signal);
  const next = async () => (await stream.next()).value;
  expect(await next()).toBe('retry: 1000\n\n');
  expect(await next()).toBe('id: 3\nevent: exchange\ndata: {"kind":"exchange"}\n\n');
  await store.clear();
  await journal.exchange({ ...exchange, journey: 'b' });
  expect(await next()).toBe('id: 1\nevent: exchange\ndata: {"kind":"exchange","journey":"b"}\n\n');
  const waiting = stream.next();
  stop.abort();
  expect((await waiting).done).toBe(true);
});
