const { startEmta } = require('emta-mock');

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
}, 30_000);
afterAll(() => emta.close());

test('somebody else’s number is told as such', async () => {
  const back = new URL(await emta.walk(authorizationUrl(emta.issuer), { as: emta.persona('not-owner') }));
  expect(back.searchParams.get('error_description')).toMatch(/^mobile_ownership_mismatch/);
});
