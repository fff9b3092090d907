import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEmta } from 'emta-mock';

const port = process.env.PORT ?? '8080';
const site = `http://localhost:${port}`;

let emta;
let shop;
before(async () => {
  const client = {
    client_id: 'shop',
    client_secret: 'made-up-secret',
    redirect_uris: [`${site}/cb`],
    token_endpoint_auth_method: 'client_secret_basic', // as the site's library sends it; client_secret_post when left out
  };
  // With `logLevel: 'warn'` what Emta refuses is explained on the terminal.
  emta = await startEmta({ port: 0, clients: [client] });
  const file = fileURLToPath(new URL('shop.mjs', import.meta.url));
  const env = { ...process.env, PORT: port, OIDC_ISSUER: emta.issuer };
  shop = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(shop.stdout, 'data'); // "ready at …"
});
after(async () => {
  shop?.kill();
  await emta?.close();
});

/** A browser of its own at the site: it keeps cookies, and is led nowhere by itself. */
function newBrowser() {
  const cookies = new Map();
  return async (address) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await fetch(new URL(address, site), { headers: { cookie }, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
  };
}

test('who grants is signed in, with name and number', async () => {
  const open = newBrowser();
  const { to } = await open('/login'); // the site sends the browser to Emta, with its state in a cookie
  const person = emta.persona('married-woman');
  const back = await emta.walk(to, { as: person }); // and Emta sends it back
  assert.equal((await open(back)).to, '/account');
  const { status, text } = await open('/account');
  assert.equal(status, 200);
  assert.match(text, new RegExp(person.familyName));
  assert.ok(text.includes(person.mobile));
});

test('who refuses is told so, and is not signed in', async () => {
  const open = newBrowser();
  const { to } = await open('/login');
  const back = await emta.walk(to, { as: emta.persona('refuser'), consent: 'refuse' });
  assert.match((await open(back)).text, /You did not grant the sign-in/);
  assert.notEqual((await open('/account')).status, 200);
});
