import { expect, test } from '@jest/globals';
import { exchange, type Form } from '../browser.ts';
import { authorizationUrl, callback, freshEmta, type TestEmta } from '../fresh-emta.ts';
import { visitorOf } from '../visitor.ts';

/** What a browser must be told of every page: run nothing foreign, be nobody's frame, tell nobody, keep nothing. */
function expectGuarded(headers: Readonly<Record<string, unknown>>): void {
  const policy = String(headers['content-security-policy'] ?? '');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toMatch(/unsafe|\*|data:|https?:/);
  expect(headers).toMatchObject({
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin)$/),
    'cache-control': expect.stringContaining('no-store'),
    'cross-origin-opener-policy': 'same-origin',
  });
}

test('every page of a journey is guarded, the last one and the refused ones too', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const screens = [
    await visitor.begin(),
    await visitor.walk('captcha'),
    await visitor.walk('verification'),
    await visitor.walk('consent'),
    await visitor.walk('end', { response_mode: 'form_post' }),
  ];
  expect(screens.map(({ page }) => page)).toEqual(['mobile', 'captcha', 'verification', 'consent', 'return']);
  for (const { headers } of screens) expectGuarded(headers);
});

test.each([
  '/oauth/authorize?client_id=nobody',
  '/oauth/authorize/unknown',
  '/journey/unknown/mobile',
  '/oauth/logout',
  '/_emta/',
  '/_emta/citizens',
  '/_emta/faults',
  '/_emta/clients',
])('%s is guarded', async (path) => {
  const emta = await freshEmta();
  const answer = await exchange(`${emta.issuer}${path}`, undefined, { Accept: 'text/html' });
  expect(String(answer.headers['content-type'])).toContain('text/html');
  expectGuarded(answer.headers);
});

test('no page has script or style of its own, or anything from elsewhere', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  for (const screen of [
    await visitor.walk('captcha'),
    await visitor.walk('verification'),
    await visitor.walk('consent'),
  ]) {
    const { $ } = screen;
    expect($('script:not([src]), style, [style], [onclick], [onload], iframe, object, embed').length).toBe(0);
    const sources = $('[src], link[href]')
      .toArray()
      .map((element) => $(element).attr('src') ?? $(element).attr('href') ?? '');
    expect(sources.filter((source) => !source.startsWith('/'))).toEqual([]);
  }
});

test('cookies are for Emta’s pages alone, and no other site’s post carries them', async () => {
  const emta = await freshEmta();
  const { headers } = await exchange(authorizationUrl(emta.issuer), undefined, { Accept: 'text/html' });
  const cookies = headers['set-cookie'] ?? [];
  expect(cookies.length).toBeGreaterThan(2);
  for (const cookie of cookies) expect(cookie).toMatch(/^emta_[\w.]+=.*; httponly/i);
  for (const cookie of cookies) expect(cookie).toMatch(/samesite=lax/i);
});

test('behind a proxy that ends TLS, cookies are Secure and addresses https', async () => {
  const emta = await freshEmta({ issuer: 'https://emta.example' });
  const url = authorizationUrl(`http://127.0.0.1:${emta.port}`);
  const { headers } = await exchange(url, undefined, { Accept: 'text/html', Host: 'emta.example' });
  for (const cookie of headers['set-cookie'] ?? []) expect(cookie).toMatch(/; secure/i);
  const metadata = await exchange(`http://127.0.0.1:${emta.port}/.well-known/openid-configuration`, undefined, {});
  expect(JSON.parse(metadata.body.toString()).token_endpoint).toBe('https://emta.example/service/v1/oauth/token');
});

const evil = `<script>alert(a)</script>"'{{ a * a }}{% for x in range(n) %}x{% endfor %}\${a*a}<%= a*a %>`;

test('names in the registry and of clients are shown as they are, and never run', async () => {
  const emta = await freshEmta();
  await emta.control('put', '/clients/evil', {
    client_name: evil,
    redirect_uris: [callback],
    client_secret: 'made-up',
  });
  await emta.control('post', '/citizens', {
    citizens: [
      {
        national_code: '9996543218',
        given_name: evil,
        family_name: evil,
        birth_date: '1990-11-08',
        gender: 'female',
        mobile: '+989070000900',
      },
    ],
  });
  await emta.control('post', '/messages', { to: '+989070000900', text: evil, from: evil });
  const visitor = visitorOf(emta, 'married-woman');
  const pages = [
    await visitor.walk('consent', { client_id: 'evil' }),
    await visitor.browser.open('/_emta/'),
    await visitor.browser.open('/_emta/citizens?find=9996543218'),
    await visitor.browser.open('/_emta/clients'),
  ];
  for (const { html, $ } of pages) {
    expect(html).not.toContain('<script>alert');
    expect($('script:not([src])').length).toBe(0);
  }
  expect(pages[0]?.$('body').text()).toContain(evil);
});

async function formPost(emta: TestEmta, path: string, form: Form, headers: Form = {}) {
  return exchange(`${emta.issuer}${path}`, form, { Accept: 'text/html', ...headers });
}

test.each([
  ['__proto__', 'polluted'],
  ['__proto__[polluted]', 'yes'],
  ['constructor[prototype][polluted]', 'yes'],
  ['constructor.prototype.polluted', 'yes'],
  ['toString', 'x'],
  ['hasOwnProperty', 'x'],
])('a field called %s changes nothing for anybody', async (name, value) => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'married-woman');
  const screen = await visitor.begin();
  const { path, form } = visitor.browser.formOf(screen, 'mobile-continue');
  const posted = await visitor.browser.send(path, { ...form, [name]: value, mobile: '1' });
  expect([200, 303]).toContain(posted.status);
  for (const place of ['/service/v1/oauth/token', '/oauth/par', '/oauth/authorize']) {
    expect((await formPost(emta, place, { [name]: value }, { Accept: 'application/json' })).status).toBeLessThan(500);
  }
  for (const body of [`{"${name}":{"polluted":true},"to":"09070000101","text":"x"}`, `[{"${name}":1}]`]) {
    const answer = await fetch(`${emta.issuer}/_emta/v1/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
  }
  expect(({} as Readonly<Record<string, unknown>>).polluted).toBeUndefined();
  expect((await exchange(`${emta.issuer}/healthz`, undefined, {})).status).toBe(200);
});
