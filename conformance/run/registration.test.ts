import { expect, test } from '@jest/globals';
import type { JsonObject } from '../driver/emta-wire.ts';
import { madeRelyingParty } from '../test/made-seen.ts';
import { createRegistration } from './registration.ts';

const { client } = madeRelyingParty();
const elsewhere = { ...client, redirect_uris: ['http://localhost:9090/callback'] };

function emtaWith(registered: JsonObject | undefined) {
  const emta = { registered };
  const control = {
    client: async () => emta.registered,
    async putClient(metadata: JsonObject) {
      emta.registered = metadata;
    },
  };
  return { emta, control };
}

const asKept = (what: object) => JSON.parse(JSON.stringify(what)) as JsonObject;

test('puts back what ports of its own took the place of', async () => {
  const { emta, control } = emtaWith(asKept(elsewhere));
  const registration = createRegistration(control, { usesPort: true });
  await registration.make(client);
  await registration.make({ ...client, redirect_uris: [...client.redirect_uris, 'http://localhost:8081/callback'] });
  await registration.check('http://emta');
  await registration.leave();
  expect(emta.registered).toEqual(asKept(elsewhere));
});

test('a client at its usual addresses stays registered', async () => {
  const { emta, control } = emtaWith(asKept(elsewhere));
  const registration = createRegistration(control, { usesPort: false });
  await registration.make(client);
  await registration.leave();
  expect(emta.registered).toEqual(asKept(client));
});

test.each([
  ['other addresses', asKept(elsewhere)],
  ['another secret', asKept({ ...client, client_secret: 'of somebody else' })],
  ['nothing', undefined],
])('sees %s in its place, says so, and leaves that alone', async (_what, foreign) => {
  const { emta, control } = emtaWith(asKept(elsewhere));
  const registration = createRegistration(control, { usesPort: true });
  await registration.make(client);
  emta.registered = foreign;
  await expect(registration.check('http://emta')).rejects.toMatchObject({
    code: 'client_replaced',
    message: expect.stringContaining('expected the client "shop" to stay registered at http://emta'),
  });
  await registration.leave();
  expect(emta.registered).toBe(foreign);
});
