import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startEmta } from 'emta-mock';

const redirectUri = 'http://127.0.0.1:8080/cb';
const client = {
  client_id: 'shop',
  client_secret: 'made-up',
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_basic', // as your library sends it; client_secret_post when left out
};

function authorizationUrl(issuer) {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: 'openid user:identity:general user:primaryMobileNumber',
    state: 'the-state',
  });
  return `${issuer}/oauth/authorize?${query}`;
}

let emta;
before(async () => {
  emta = await startEmta({ port: 0, clients: [client] });
});
after(() => emta.close());

test('each job has an Emta of its own under one port', async () => {
  const job = await emta.namespace('job-1');
  const back = new URL(await job.walk(authorizationUrl(job.issuer), { as: job.persona('married-woman') }));
  assert.equal(back.searchParams.get('iss'), `${emta.issuer}/t/job-1`);
});
