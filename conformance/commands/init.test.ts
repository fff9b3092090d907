import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { emptyJar } from '../driver/jar.ts';
import { sitesApart } from '../driver/site.ts';
import { createHttpDriver } from '../driver/site-driver.ts';
import { createUserAgent } from '../driver/user-agent.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { init } from './init.ts';
import type { Io } from './io.ts';

// Sites whose login begins with a button or a field, not with a link: the draft must start a login as it stands.

const emta = 'http://localhost:4299';
const authorization = `${emta}/oauth/authorize?client_id=shop&response_type=code&scope=openid&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb`;
let origin = '';

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

const pages: Readonly<Record<string, string>> = {
  '/button':
    '<title>Sign in</title><form method="post" action="/auth/emta"><input type="hidden" name="csrf" value="t"><button>Sign in with Emta</button></form>',
  '/two':
    '<title>Sign in</title><form method="post" action="/auth/other"><input type="hidden" name="csrf" value="t"><button>Other</button></form><form method="post" action="/auth/emta"><input type="hidden" name="csrf" value="t"><button>Emta</button></form>',
  '/auth/emta':
    '<title>Sign in</title><form method="post" action="/auth/emta"><input type="hidden" name="csrf" value="t"><button>Emta</button></form>',
  '/mobile':
    '<title>ورود</title><form method="post" action="/mobile"><label>شماره همراه <input name="cell"></label><button>ورود</button></form>',
  '/password':
    '<title>Login</title><form method="post" action="/password"><input name="user"><input type="password" name="pw"><button>Login</button></form>',
  '/me': '<title>Me</title><p>Please sign in',
  '/': '<title>Home</title><p>Welcome',
  '/profile': '<title>Profile</title><p>Please sign in',
  '/home': '<title>Shop</title><a href="/button">Log in</a>',
};

const statusOf = (pathname: string) => (pathname === '/me' ? 401 : pages[pathname] === undefined ? 404 : 200);

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', origin);
  const form = new URLSearchParams(await textOf(request));
  const starts =
    (pathname === '/auth/emta' && form.get('csrf') === 't' && /pending=1/.test(request.headers.cookie ?? '')) ||
    (pathname === '/mobile' && /^09\d{9}$/.test(form.get('cell') ?? ''));
  const straight = `${authorization.split('&redirect_uri=')[0]}&redirect_uri=${encodeURIComponent(`${origin.replace('127.0.0.1', 'localhost')}/cb`)}`;
  if (pathname === '/straight') response.writeHead(303, { location: straight }).end();
  else if (request.method === 'POST' && starts) response.writeHead(303, { location: authorization }).end();
  else if (request.method === 'POST') response.writeHead(403, { 'content-type': 'text/html' }).end('<p>no');
  else
    response
      .writeHead(statusOf(pathname), { 'content-type': 'text/html', 'set-cookie': 'pending=1' })
      .end(pages[pathname] ?? '<p>nothing');
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

async function draftOf(path: string): Promise<{ readonly text: string; readonly notes: string }> {
  let text = '';
  let notes = '';
  const io: Pick<Io, 'out' | 'err' | 'now'> = {
    out: (more) => {
      text += more;
    },
    err: (more) => {
      notes += more;
    },
    now: () => 0,
  };
  await init(`${origin}${path}`, { out: '-', force: false }, io);
  return { text, notes };
}

async function placeAfterStart(text: string): Promise<string> {
  const rp = parseRelyingParty(text, 'emta-rp.json');
  const hosts = new Set(['127.0.0.1', 'localhost']);
  const agent = createUserAgent({ sites: sitesApart([emta]), locale: 'fa', now: () => 0, hosts });
  const held = { holdBefore: ({ url }: { readonly url: string }) => url.startsWith(emta) };
  const typed = { mobile: '09121234567', nationalCode: '9991001018' };
  const { ending } = await createHttpDriver(rp, agent, emta).start(emptyJar(), typed, held);
  return ending.kind === 'held' ? ending.next.url : ending.kind;
}

test.each([
  ['/button', { url: '/button', method: 'POST' }],
  ['/two', { url: '/auth/emta', method: 'POST' }],
  ['/mobile', { url: '/mobile', method: 'POST', form: { cell: '$' + '{mobile}' } }],
  ['/home', { url: '/button', method: 'POST' }],
])('finds the form of %s that starts a login, and writes it so that it starts one', async (path, start) => {
  const { text, notes } = await draftOf(path);
  expect(JSON.parse(text)).toMatchObject({ start_url: { ...start, url: `${origin}${start.url}` } });
  expect(notes).toContain('by the authorization request of the button on');
  expect(await placeAfterStart(text)).toBe(authorization);
});

test('looks at the home page of a site whose address leads straight to Emta, and keeps to the name it comes back to', async () => {
  const { text, notes } = await draftOf('/straight');
  const local = origin.replace('127.0.0.1', 'localhost');
  expect(JSON.parse(text)).toMatchObject({
    name: 'Home',
    start_url: `${local}/straight`,
    protected_url: `${local}/profile`,
    client: { redirect_uris: [`${local}/cb`] },
  });
  expect(notes).toContain('the login comes back to localhost, so every address is written with that name');
  expect(notes).toContain('protected_url, by its usual place');
});

test('takes a page that asks strangers to sign in for a page, not for a probe', async () => {
  const { text, notes } = await draftOf('/button');
  expect(JSON.parse(text)).not.toHaveProperty('session_url');
  expect(notes).toContain('left out: session_url');
  expect(notes).toContain('left out: mobile_status');
});

test('leaves a form alone that asks for what no citizen of Emta has', async () => {
  const { text, notes } = await draftOf('/password');
  expect(JSON.parse(text)).toMatchObject({ start_url: `${origin}/password` });
  expect(notes).toContain('guess: start_url');
});
