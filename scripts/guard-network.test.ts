import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { guardNetwork, hostOf, isLoopback } from './guard-network.ts';

test('refuses a connection to the outside before its name is looked up', async () => {
  const guard = guardNetwork();
  const [error] = await once(connect(443, 'shop.example'), 'error').catch((thrown: unknown) => [thrown]);
  const message = 'expected no request to the outside, got a connection to shop.example';
  expect(error).toMatchObject({ message });
  expect(guard.take()).toEqual([message]);
});

test('refuses a fetch to the outside', async () => {
  const guard = guardNetwork();
  await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({ message: 'fetch failed' });
  expect(guard.take()).toEqual(['expected no request to the outside, got a connection to 192.0.2.1']);
});

test('lets connections on this machine through', async () => {
  const guard = guardNetwork();
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const host of ['127.0.0.1', 'localhost']) await once(connect(port, host).resume(), 'close');
  server.close();
  expect(guard.take()).toEqual([]);
});

test.each(['localhost', 'a.localhost', '127.0.0.1', '127.8.8.8', '::1', '[::1]', '::ffff:127.0.0.1', ''])(
  'knows %j for this machine',
  (host) => expect(isLoopback(host)).toBe(true),
);

test.each(['example.com', 'localhost.example', '10.0.0.1', '128.0.0.1', '0.0.0.0', '::2'])(
  'knows %j for another machine',
  (host) => expect(isLoopback(host)).toBe(false),
);

test('finds the host in each form of socket.connect', () => {
  expect(hostOf([443, 'a.example'])).toBe('a.example');
  expect(hostOf([{ host: 'b.example', port: 1 }])).toBe('b.example');
  expect(hostOf([[{ host: 'c.example', port: 1 }, null]])).toBe('c.example');
  expect(hostOf([{ path: '/run/redis.sock' }])).toBeUndefined();
});
