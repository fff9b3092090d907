import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseRelyingParty } from '../rp-file.ts';
import { emptyJar } from './jar.ts';
import { parsePage } from './page.ts';
import { sitesApart } from './site.ts';
import { createHttpDriver, typedInto } from './site-driver.ts';
import { createUserAgent } from './user-agent.ts';

const emta = 'http://localhost:4299';
let origin = '';

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

/** A site that logs out by a form with a token against forgery, which stands on its home page. */
const server = createServer(async (request, response) => {
  const token = new URLSearchParams(await textOf(request)).get('csrf');
  const form =
    '<form method="post" action="/bye"><input type="hidden" name="csrf" value="t"><button>Leave</button></form>';
  const [status, body] =
    request.method === 'POST'
      ? token === 't'
        ? [200, '<p>Goodbye']
        : [403, '<p>Not from here']
      : request.url === '/leave?t=1'
        ? [200, '<p>Goodbye']
        : request.url === '/empty'
          ? [200, '']
          : [200, request.url === '/' ? `<p>Home ${form}` : '<p>Account <a href="/leave?t=1">Leave</a>'];
  response.writeHead(status, { 'content-type': 'text/html' }).end(body);
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function driverOf(logout: { readonly url: string; readonly method: string; readonly form?: object }) {
  const file = {
    name: 'Shop',
    version: '1',
    start_url: `${origin}/login`,
    protected_url: `${origin}/account`,
    logout_url: logout,
    client: { client_id: 'shop', redirect_uris: [`${origin}/cb`] },
  };
  const hosts = new Set(['127.0.0.1', 'localhost']);
  const agent = createUserAgent({ sites: sitesApart([emta]), locale: 'fa', now: () => 0, hosts });
  return createHttpDriver(parseRelyingParty(JSON.stringify(file), 'emta-rp.json'), agent, emta);
}

test.each([
  ['the form of the home page where the personal page shows none', { url: '/bye', method: 'POST', form: {} }],
  ['the link of a page, with the token it carries', { url: '/leave', method: 'GET' }],
])('logs out by %s', async (_what, logout) => {
  const left = await driverOf({ ...logout, url: `${origin}${logout.url}` }).logout(emptyJar());
  expect(left?.trace.page).toMatchObject({ status: 200, text: 'Goodbye' });
  expect(left?.isBlind).toBe(false);
});

test('says of a logout that no page shows that it was asked blindly', async () => {
  const left = await driverOf({ url: `${origin}/hidden`, method: 'POST', form: {} }).logout(emptyJar());
  expect(left?.trace.page?.status).toBe(403);
  expect(left?.isBlind).toBe(true);
});

test('types into a form what the start of a login types, and nothing the form does not ask for', () => {
  const { forms } = parsePage({
    body: '<form method="post"><input name="cell"><button>Sign in</button></form>',
    url: 'http://127.0.0.1:8080/',
    status: 200,
    contentType: 'text/html',
  });
  const form = { cell: '$' + '{mobile}', code: '$' + '{national_code}' };
  const typed = { mobile: '09121234567', nationalCode: '9991001018' };
  const entry = { url: 'http://127.0.0.1:8080/', method: 'POST', form } as const;
  expect(forms.map((one) => typedInto(one, entry, typed))).toEqual([{ cell: '09121234567' }]);
});

test('tells a page at the address of a probe from an answer of one', async () => {
  const driver = driverOf({ url: `${origin}/bye`, method: 'POST', form: {} });
  const read = (path: string) => driver.probe(emptyJar(), { url: `${origin}${path}`, signedIn: { kind: 'default' } });
  expect(await read('/account')).toMatchObject({ kind: 'anonymous', isPage: true });
  expect(await read('/empty')).not.toHaveProperty('isPage');
});
