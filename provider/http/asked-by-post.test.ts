import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { type RunningEmta, startEmta } from '../server.ts';

const redirectUri = 'http://127.0.0.1:8080/cb';
let emta: RunningEmta;

beforeAll(async () => {
  emta = await startEmta({
    port: 0,
    population: 1000,
    clients: [
      {
        client_id: 'shop',
        client_secret: 'made-up',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        scope: 'user:identity:general',
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
  });
});
afterAll(() => emta.close());

const asked = {
  response_type: 'code',
  client_id: 'shop',
  redirect_uri: redirectUri,
  scope: 'user:identity:general',
  state: 'a b&c',
};

test('an authorization request may come by POST, and leads to the same journey', async () => {
  const posted = await request(emta.issuer).post('/oauth/authorize').type('form').send(asked).expect(303);
  const again = new URL(posted.headers.location ?? '', emta.issuer);
  expect(Object.fromEntries(again.searchParams)).toEqual(asked);
  const started = await request(emta.issuer).get(`${again.pathname}${again.search}`).expect(303);
  expect(started.headers.location).toMatch(/^\/journey\//);
});

test('a doubled parameter stays doubled, and is refused as by GET', async () => {
  const posted = await request(emta.issuer)
    .post('/oauth/authorize')
    .type('form')
    .send(`${new URLSearchParams(asked)}&client_id=other`)
    .expect(303);
  const again = new URL(posted.headers.location ?? '', emta.issuer);
  expect(again.searchParams.getAll('client_id')).toEqual(['shop', 'other']);
  await request(emta.issuer).get(`${again.pathname}${again.search}`).expect(400);
});
