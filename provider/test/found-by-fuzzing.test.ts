import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { freshEmta } from './fresh-emta.ts';

test('passes over parameters on the way back from a journey', async () => {
  const emta = await freshEmta();
  const query = `client_id=ikco-sale-site&redirect_uri=`;
  const { status } = await emta.api().get(`/oauth/authorize/nobody?${query}`).set('Accept', 'application/json');
  expect(status).toBe(400);
});

test.each(["'><script>", '[::1', 'a b', ''])('refuses a Host that is no name: %j', async (host) => {
  const emta = await freshEmta();
  const { status, body } = await emta
    .api()
    .get('/.well-known/openid-configuration')
    .set('Host', host || ' ');
  expect([status, body.error]).toEqual([400, 'invalid_request']);
});

test('writes down a body that is deeper than any record needs', async () => {
  const emta = await freshEmta({ dynamicRegistration: true });
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  const { status } = await emta.api().post('/oauth/register').type('json').send(deep);
  expect(status).toBe(400);
  const { exchanges } = await emta.control('get', '/exchanges');
  expect(JSON.stringify(exchanges.at(-1).request.form)).toContain('(deeper)');
});

test('stays calm when a peer hangs up in the middle of a body', async () => {
  const troubles: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_fields: object, what: string) => troubles.push(what),
  };
  const emta = await freshEmta({ log });
  const { port } = new URL(emta.issuer);
  await new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write('POST /_emta/trap/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc', () =>
        socket.destroy(),
      );
    });
    socket.on('close', resolve);
  });
  await emta.control('get', '/');
  expect(troubles).toEqual([]);
});

test.each(['\u{1d343}', 'a b', '\r\nX-Injected: x'])(
  'knows no client under an id that none could have: %j',
  async (id) => {
    const emta = await freshEmta({ anyClient: true });
    const { status } = await emta.api().get('/oauth/authorize').query({ client_id: id, response_type: 'code' });
    expect(status).toBe(400);
  },
);

test.each(['gzip', 'deflate', 'br'])('refuses a body that is not what Content-Encoding says: %s', async (encoding) => {
  const emta = await freshEmta();
  const { status, body } = await emta
    .api()
    .post('/_emta/v1/armed')
    .type('json')
    .set('Content-Encoding', encoding)
    .send('{"a":1}');
  expect([status, body.error]).toEqual([400, 'bad_request']);
});
