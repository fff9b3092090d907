// The smallest site around auth-config.js: what the adapters of Auth.js do, by hand.
import { createServer } from 'node:http';
import { Auth } from '@auth/core';
import { emta, ended } from './auth-config.js';

const site = 'http://localhost:8080';
const config = { ...emta, secret: 'a long text of your own', trustHost: true };
const handlers = { GET: (request) => Auth(request, config), POST: (request) => Auth(request, config) };
// The two lines of route.js.
const GET = (request) => ended(request) ?? handlers.GET(request);
const { POST } = handlers;

async function answer(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/api/auth/')) return request.method === 'POST' ? POST(request) : GET(request);
  if (pathname !== '/account') return page(200, 'Shop <a href="/api/auth/signin">Sign in</a>');
  const { user } = (await (await Auth(asking('/api/auth/session', request), config)).json()) ?? {};
  if (!user) return page(401, 'Please <a href="/api/auth/signin">sign in</a>');
  return page(200, `Hello ${escaped(user.name)}, ${escaped(user.mobile ?? 'no proven number')}`);
}
const asking = (path, { headers }) => new Request(site + path, { headers });
const page = (status, text) =>
  new Response(`<!doctype html><title>Shop</title><p>${text}`, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const server = createServer(async (incoming, outgoing) => {
  const { method, headers, url } = incoming;
  const body = method === 'POST' ? { body: Buffer.concat(await incoming.toArray()) } : {};
  const made = await answer(new Request(new URL(url, site), { method, headers, ...body }));
  for (const [name, value] of made.headers) outgoing.appendHeader(name, value);
  outgoing.writeHead(made.status).end(await made.text());
});
server.listen(8080, '127.0.0.1');
