import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { type RunningEmta, startEmta } from './server.ts';

let emta: RunningEmta;

beforeAll(async () => {
  emta = await startEmta({ port: 0, population: 1000 });
});
afterAll(() => emta.close());

const at = (path: string) => request(emta.issuer).get(path).set('Accept', 'application/json');

test('a namespace is an issuer of its own, made when it is first asked for', async () => {
  const { body } = await at('/t/job-1/.well-known/openid-configuration').expect(200);
  expect(body.issuer).toBe(`${emta.issuer}/t/job-1`);
  expect(body.token_endpoint).toBe(`${emta.issuer}/t/job-1/service/v1/oauth/token`);
  expect(body.jwks_uri).toBe(`${emta.issuer}/t/job-1/oauth/jwks`);
});

test('namespaces share neither clients nor messages nor faults', async () => {
  await request(emta.issuer)
    .put('/t/job-1/_emta/v1/clients/shop')
    .send({ redirect_uris: ['http://127.0.0.1:1/cb'], client_secret: 'made-up' })
    .expect(200);
  await request(emta.issuer)
    .post('/t/job-1/_emta/v1/messages')
    .send({ to: '09070000101', text: 'code 12345' })
    .expect(201);
  await request(emta.issuer)
    .post('/t/job-1/_emta/v1/armed')
    .send({ fault: 'id_token.nonce_wrong', mobile: '09070000101' })
    .expect(201);

  for (const other of ['/t/job-2', '']) {
    await at(`${other}/_emta/v1/clients/shop`).expect(404);
    expect((await at(`${other}/_emta/v1/messages`)).body.messages).toEqual([]);
    expect((await at(`${other}/_emta/v1/armed`)).body.armed).toEqual([]);
  }
});

test('a dropped namespace comes back empty', async () => {
  await emta.dropNamespace('job-1');
  await at('/t/job-1/_emta/v1/clients/shop').expect(404);
});

test('a name of other characters is no namespace', async () => {
  await at('/t/Job%201/.well-known/openid-configuration').expect(404);
});
