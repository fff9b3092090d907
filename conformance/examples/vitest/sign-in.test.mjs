import { startEmta } from 'emta-mock';
import { afterAll, beforeAll, expect, test } from 'vitest';

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
beforeAll(async () => {
  emta = await startEmta({ port: 0, clients: [client] });
});
afterAll(() => emta.close());

test('a fault is armed for one number alone', async () => {
  const [victim, bystander] = [emta.persona('plain-man'), emta.persona('leap-day')];
  await emta.arm('authorization.state_missing', { mobile: victim.mobile });
  const walk = async (as) => new URL(await emta.walk(authorizationUrl(emta.issuer), { as })).searchParams.get('state');
  expect(await walk(victim)).toBeNull();
  expect(await walk(bystander)).toBe('the-state');
});
