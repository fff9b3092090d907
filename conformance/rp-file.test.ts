// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the file are written so
import { describe, expect, test } from '@jest/globals';
import { fillPlaceholders, loadRelyingParty, parseRelyingParty, withPort } from './rp-file.ts';
import { linesOf } from './test/lines-of.ts';

const least = {
  name: 'Demo shop',
  version: '1.4.2',
  start_url: 'http://127.0.0.1:8080/login',
  protected_url: 'http://127.0.0.1:8080/account',
  client: { client_id: 'shop', redirect_uris: ['http://127.0.0.1:8080/cb'] },
};

const read = (value: unknown) =>
  parseRelyingParty(JSON.stringify(value, null, 2), '/shop/emta-rp.json', { makeSecret: () => 'made' });

test('tier 0 is enough, and what is left out gets its default', () => {
  const rp = read(least);
  expect(rp.start).toEqual({ url: 'http://127.0.0.1:8080/login', method: 'GET', form: {} });
  expect(rp.client).toEqual({
    client_id: 'shop',
    client_secret: 'made',
    redirect_uris: ['http://127.0.0.1:8080/cb'],
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'openid user:identity:general user:primaryMobileNumber',
  });
  expect([rp.secretWasMade, rp.locale, rp.profile, rp.driver, rp.usesPort]).toEqual([
    true,
    'fa',
    'core-must',
    { kind: 'http' },
    false,
  ]);
  expect(rp.present).toEqual([]);
});

test('every optional member is understood', () => {
  const rp = read({
    ...least,
    client: { ...least.client, client_secret: 's', token_endpoint_auth_method: 'client_secret_post' },
    start_url: { url: 'http://127.0.0.1:${port}/login', form: { mobile: '${mobile}' } },
    session_url: { url: 'http://127.0.0.1:${port}/me', signed_in: 'json:$.user.id' },
    logout_url: { url: 'http://127.0.0.1:${port}/logout', method: 'POST' },
    refusal: { text: 'مجوز ورود یکپارچه داده نشد' },
    mobile_status: { url: 'http://127.0.0.1:${port}/me', verified: 'css:.number@data-verified' },
    registration_url: 'http://127.0.0.1:${port}/signin',
    prefilled: { given_name: 'css:#name@value', family_name: 'css:#family' },
    launch: {
      command: ['./shop', '${port}'],
      env: { ISSUER: '${issuer}' },
      ready_url: 'http://127.0.0.1:${port}/health',
    },
    driver: { command: ['./driver'] },
    profile: 'emta-strict',
  });
  expect(rp.start.method).toBe('POST');
  expect(rp.session?.signedIn).toEqual({ kind: 'json', path: '$.user.id' });
  expect(rp.mobileStatus?.verified).toEqual({ kind: 'css', selector: '.number', attribute: 'data-verified' });
  expect(rp.prefilled).toEqual({
    given_name: { selector: '#name', attribute: 'value' },
    family_name: { selector: '#family' },
  });
  expect(rp.capabilities.registration).toBe(true);
  expect(rp.launch?.cwd).toBe('/shop');
  expect(rp.secretWasMade).toBe(false);
  expect(rp.present).toEqual([
    'session_url',
    'logout_url',
    'refusal',
    'mobile_status',
    'registration_url',
    'prefilled',
    'launch',
  ]);
  expect(rp.usesPort).toBe(true);
  expect(withPort(rp, 8099).session?.url).toBe('http://127.0.0.1:8099/me');
  expect(withPort(rp, 8099).launch?.command).toEqual(['./shop', '8099']);
  expect(fillPlaceholders(rp.launch?.env ?? {}, { issuer: 'http://emta' })).toEqual({ ISSUER: 'http://emta' });
});

test('names an unknown member, its place and the nearest known one', () => {
  const { redirect_uris, ...client } = least.client;
  const faults = linesOf(() =>
    read({ ...least, client: { ...client, redirect_uri: redirect_uris[0], redirect_uris } }),
  );
  expect(faults).toEqual([
    'emta-rp.json: unknown member "client.redirect_uri", did you mean "redirect_uris"? (line 8, column 5)',
  ]);
});

test('tells all faults at once, each with the reason and an example', () => {
  const faults = linesOf(() =>
    read({
      name: '',
      start_url: 'localhost/login',
      client: { client_id: 7 },
      capabilities: { pkse: true },
      driver: 'htp',
    }),
  );
  expect(faults).toEqual([
    'emta-rp.json: missing member "version"; a certificate holds for one version; for example "1.4.2"',
    'emta-rp.json: missing member "protected_url"; a page that shows something personal once signed in, by which In is told from Out; for example "http://127.0.0.1:8080/account"',
    'emta-rp.json: expected "name" not to be empty; what the report calls the relying party; for example "Demo shop" (line 2, column 3)',
    'emta-rp.json: expected "start_url" to begin with http:// or https://, got "localhost/login"; the harness starts every login here; a GET that ends in a redirect to Emta, or {url, method, form}; for example "http://127.0.0.1:8080/login" (line 3, column 3)',
    'emta-rp.json: missing member "client.redirect_uris"; Emta sends the browser back to one of these, compared byte for byte; for example ["http://127.0.0.1:8080/cb"] (line 4, column 3)',
    'emta-rp.json: expected "client.client_id" to be text, got 7; the name of the client at Emta; for example "shop" (line 5, column 5)',
    'emta-rp.json: unknown member "capabilities.pkse", did you mean "pkce"? (line 8, column 5)',
    'emta-rp.json: expected "driver" to be one of http, browser, got "htp", did you mean "http"?; how pages are walked: http (default), browser, or {command} that speaks JSON lines; for example "http" (line 10, column 3)',
  ]);
});

describe('what the schema cannot see', () => {
  test.each([
    [
      { launch: { command: ['./shop', '${isuer}'], ready_url: 'http://127.0.0.1:8080/' } },
      'emta-rp.json: unknown placeholder "${isuer}" in "launch.command[1]", did you mean "${issuer}"? (line 15, column 7)',
    ],
    [
      { start_url: 'http://127.0.0.1:${port}/login' },
      'emta-rp.json: missing member "launch"; "${port}" can only be filled in when the harness starts the relying party',
    ],
    [
      { protected_url: 'http://' },
      'emta-rp.json: expected "protected_url" to be an address, got "http://" (line 5, column 3)',
    ],
    [
      { client: { ...least.client, token_endpoint_auth_method: 'none', client_secret: 'x' } },
      'emta-rp.json: expected no "client.client_secret" with token_endpoint_auth_method "none", got one (line 12, column 5)',
    ],
    [
      { refusal: { selector: 'p[' } },
      'emta-rp.json: expected "refusal.selector" to be a CSS selector, got "p[": Expected name, found  (line 13, column 5)',
    ],
  ])('%j', (change, message) => {
    expect(linesOf(() => read({ ...least, ...change }))).toEqual([message]);
  });
});

test('a broken JSON text is refused with line and column', () => {
  expect(linesOf(() => parseRelyingParty('{\n  "name": "x",\n}', 'emta-rp.json'))).toEqual([
    'emta-rp.json:2:14: expected a member after ",", got "}"; JSON allows no trailing comma',
  ]);
});

test('a member that stands twice is refused, where JSON.parse would keep the last', () => {
  const text = JSON.stringify(least).replace('{', '{\n "name": "other",\n');
  expect(linesOf(() => parseRelyingParty(text, 'emta-rp.json'))).toEqual([
    'emta-rp.json: member "name" stands twice in one object (line 3, column 1)',
  ]);
});

test('a missing file is named, and how to get one', () => {
  expect(linesOf(() => loadRelyingParty('/nowhere/emta-rp.json'))).toEqual([
    'expected the file of a relying party at "/nowhere/emta-rp.json", got nothing there',
    '`emta init URL` writes a draft by looking at a running site',
  ]);
});
