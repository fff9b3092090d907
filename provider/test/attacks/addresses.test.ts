import { expect, test } from '@jest/globals';
import { exchange } from '../browser.ts';
import { authorizationUrl, callback, freshEmta, site } from '../fresh-emta.ts';
import { visitorOf } from '../visitor.ts';
import { sendRaw } from './raw.ts';

const tricks = {
  Host: 'evil.example',
  'X-Forwarded-Host': 'evil.example',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-For': '203.0.113.9',
  'X-Original-URL': '/_emta/v1/',
  'X-Rewrite-URL': '/_emta/v1/',
  Forwarded: 'host=evil.example;proto=https',
};

test('whatever Host and X-Forwarded-* say, every address is the issuer’s own', async () => {
  const emta = await freshEmta();
  const metadata = await exchange(`${emta.issuer}/.well-known/openid-configuration`, undefined, tricks);
  expect(metadata.body.toString()).not.toContain('evil');
  expect(JSON.parse(metadata.body.toString())).toMatchObject({
    authorization_endpoint: `${emta.issuer}/oauth/authorize`,
  });
  const begun = await exchange(authorizationUrl(emta.issuer), undefined, { ...tricks, Accept: 'text/html' });
  expect(begun.status).toBe(303);
  expect(JSON.stringify(begun.headers)).not.toContain('evil');
  const unknown = await exchange(authorizationUrl(emta.issuer, { client_id: 'nobody' }), undefined, {
    ...tricks,
    Accept: 'text/html',
  });
  expect(unknown.body.toString()).not.toContain('evil.example');
});

test('nobody is led back to a name that a request made up, at any point of the journey', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const consent = await visitor.walk('consent');
  const { path, form } = visitor.browser.formOf(consent, 'consent-grant');
  const granted = await visitor.browser.send(path, form, tricks);
  expect(granted.headers.location).toMatch(new RegExp(`^${emta.issuer}/oauth/authorize/`));
  const back = await visitor.browser.send(granted.headers.location ?? '', undefined, tricks);
  expect(back.headers.location?.startsWith(`${callback}?code=`)).toBe(true);
});

test('a request that names the whole address of somebody else is answered as ours', async () => {
  const emta = await freshEmta();
  const { text } = await sendRaw(
    emta.issuer,
    'GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  );
  expect(text).not.toContain('evil.example');
});

/** Each is near enough to the registered one to fool a careless comparison. */
test.each([
  [`${callback}/../evil`],
  [`${callback}?next=https://evil.example`],
  [`${callback}#fragment`],
  [callback.toUpperCase()],
  [`${callback}/`],
  [callback.replace('http://', 'http://user@')],
  [callback.replace('http://localhost', 'http://localhost.evil.example')],
  [callback.replace('http://localhost', 'http://localhost%2eevil.example')],
  [callback.replace('localhost', 'localhost@evil.example')],
  [callback.replace('localhost', 'evil.example\\@localhost')],
  [callback.replace(':4300', ':4301')],
  ['//evil.example'],
  ['javascript:alert(1)'],
  ['data:text/html,x'],
  [`${callback}%0d%0aSet-Cookie:a=b`],
  ['https://evil.example/'],
])('an authorization request with the redirect URI %s leads nowhere', async (redirectUri) => {
  const emta = await freshEmta();
  const answer = await exchange(authorizationUrl(emta.issuer, { redirect_uri: redirectUri }), undefined, {
    Accept: 'text/html',
  });
  expect(answer.status).toBe(400);
  expect(answer.headers.location).toBeUndefined();
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('logging out leads to no address that is not registered', async () => {
  const emta = await freshEmta();
  const path = `/oauth/logout?${new URLSearchParams({ client_id: site.client_id, post_logout_redirect_uri: 'https://evil.example/' })}`;
  const answer = await exchange(`${emta.issuer}${path}`, undefined, { Accept: 'text/html' });
  expect(answer.status).toBe(400);
  expect(answer.headers.location).toBeUndefined();
});

test.each([
  '/_emta//evil.example/',
  '//evil.example/',
  '///evil.example',
  '/\\evil.example',
  '/_emta',
  '/journey//evil.example',
])('the path %s is no way off Emta', async (path) => {
  const emta = await freshEmta();
  const { text } = await sendRaw(emta.issuer, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const [, location] = /^location: (.*)$/im.exec(text) ?? [];
  expect(location === undefined || new URL(location, emta.issuer).origin === emta.issuer).toBe(true);
});

test.each([
  ['state', 'x\r\nSet-Cookie: stolen=1'],
  ['state', 'x\u2028\u0085'],
  ['ui_locales', 'fa\r\nX-Injected: 1'],
  ['login_hint', '0912\r\nX-Injected: 1'],
  ['nonce', 'n\r\nX-Injected: 1'],
])('a line end in %s never becomes a header', async (name, value) => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const first = await visitor.browser.send(authorizationUrl(emta.issuer, { [name]: value }));
  expect(first.headers['x-injected']).toBeUndefined();
  expect((first.headers['set-cookie'] ?? []).join()).not.toContain('stolen');
  const end = await visitor.walk('end', { [name]: value });
  expect(end.left?.origin).toBe(new URL(callback).origin);
  if (name === 'state') expect(end.left?.searchParams.get('state')).toBe(value);
});

test.each([
  '/assets/../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets/....//....//package.json',
  '/assets/%252e%252e/package.json',
  '/assets//etc/passwd',
  '/assets/emta.css%00.html',
  '/assets/.hidden',
  '/assets/fonts',
  '/assets/%',
  '/%E0%A4%A',
  '/journey/..%2f..%2f_emta/mobile',
  '/journey/%00/mobile',
  '/oauth/authorize/%2e%2e',
  '/_emta/v1/clients/%2e%2e%2fsecret',
  '/_emta/v1/citizens/%',
])('the path %s reaches no file, and breaks nothing', async (path) => {
  const emta = await freshEmta();
  const { text, statuses } = await sendRaw(
    emta.issuer,
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
  );
  expect(statuses).toHaveLength(1);
  expect([400, 401, 403, 404, 410]).toContain(statuses[0]);
  expect(text).not.toMatch(/"devDependencies"|root:x:|\n\s+at /);
});
