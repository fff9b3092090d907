import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { defects, withDefects } from '../defects/index.ts';
import type { SaleSiteOptions } from '../options.ts';
import { type Browser, createBrowser, type Page } from './browser.ts';
import { type RunningSite, startSite } from './start-site.ts';
import { client, parvin, rawJwt, reza, type StubEmta, startStubEmta, type Tampering } from './stub-emta.ts';

type Claims = Readonly<Record<string, unknown>>;

let emta: StubEmta;
let open: RunningSite[] = [];

beforeAll(async () => {
  emta = await startStubEmta();
});
afterEach(async () => {
  await Promise.all(open.map((site) => site.close()));
  open = [];
  untamper();
  emta.citizen = reza;
});
afterAll(() => emta.close());

const untamper = () => {
  for (const name of Object.keys(emta.tampering)) Reflect.deleteProperty(emta.tampering, name);
};

async function siteWith(defect: string | undefined, options: Partial<SaleSiteOptions> = {}): Promise<RunningSite> {
  const site = await startSite(emta, { ...options, ...(defect === undefined ? {} : { defects: [defect] }) });
  open.push(site);
  return site;
}

const start = (site: RunningSite, who: Browser, nationalCode = '9991001026') =>
  who.open(`${site.url}/emta/start`, { form: { national_code: nationalCode } });

async function me(site: RunningSite, who: Browser): Promise<string | undefined> {
  const page = await who.ask(`${site.url}/api/me`);
  return page.status === 200 ? String(JSON.parse(page.text).name) : undefined;
}

/** A citizen who keeps back the answer to a login of his own. */
async function keptBack(site: RunningSite, who: Browser, nationalCode: string): Promise<URL> {
  const started = await who.ask(`${site.url}/emta/start`, { form: { national_code: nationalCode } });
  const answered = await who.ask(String(started.headers.location));
  return new URL(String(answered.headers.location));
}

test('refuses an unknown defect and lists the known ones', () => {
  expect(() => withDefects(['X99'])).toThrow(/expected a known defect, got "X99"\nknown: X01.exception /);
});

const resources = ['X48', 'X49.mobile', 'X49.name', 'X49.mixed', 'X50.cut', 'X50.redirect'];
/** Those whose very defect is that a good login breaks. */
const breaking = ['X20.unexpected'];

test.each([...defects.keys()].filter((name) => !breaking.includes(name)))('still signs in with %s', async (name) => {
  const site = await siteWith(name, resources.includes(name) ? { face: 'oauth2' } : {});
  const browser = createBrowser();
  const page = await start(site, browser);
  expect([page.status, site.logged]).toEqual([200, []]);
  expect(await me(site, browser)).toEqual(expect.any(String));
});

const changing = (change: (claims: Claims) => Claims): Tampering => ({ idToken: change });
const without = (name: string) => (claims: Claims) => {
  const { [name]: _left, ...rest } = claims;
  return rest;
};
const signing = (sign: NonNullable<Tampering['sign']>): Tampering => ({ sign });
const userinfo = (change: (body: Claims) => Claims): Tampering => ({ userinfo: (body) => ({ body: change(body) }) });
const now = () => Math.floor(Date.now() / 1000);
const macBy = (secretOf: (publicKey: KeyObject) => string | Buffer) =>
  signing(async (claims, { publicKey, kid }) => {
    const unsigned = rawJwt({ alg: 'HS256', kid }, claims).slice(0, -1);
    return `${unsigned}.${createHmac('sha256', secretOf(publicKey)).update(unsigned).digest('base64url')}`;
  });
const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signedElsewhere = (header: Claims = {}) =>
  signing((claims, { kid }) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(foreignKey.privateKey),
  );
const answering = (change: (answer: URLSearchParams) => void): Tampering => ({
  authorization: (sound) => {
    const answer = new URLSearchParams(sound);
    change(answer);
    return answer;
  },
});

/** What a sound site refuses and a site with the defect takes. */
const taken: readonly (readonly [defect: string, row: string, tampering: Tampering])[] = [
  ['X04', 'H20', signing(async (claims) => rawJwt({ alg: 'none' }, claims))],
  ['X04', 'H21', signing(async (claims) => rawJwt({ alg: 'nOnE' }, claims))],
  ['X04', 'H22', signing(async (claims) => rawJwt({ alg: 'HS256' }, claims, client.client_secret))],
  ['X04', 'H24', signedElsewhere()],
  ['X04', 'H26', signedElsewhere({ kid: 'x' })],
  ['X06.uncompared', 'H17', changing((claims) => ({ ...claims, nonce: 'x' }))],
  ['X06.uncompared', 'H18', changing(without('nonce'))],
  ['X13', 'H04', changing((claims) => ({ ...claims, aud: 'other' }))],
  ['X13', 'H05', changing(without('aud'))],
  ['X13', 'H06', changing((claims) => ({ ...claims, aud: [client.client_id, 'other'] }))],
  ['X13', 'H33', changing((claims) => ({ ...claims, aud: 'other', azp: 'other' }))],
  ['X14', 'H01', changing((claims) => ({ ...claims, iss: 'https://evil.example' }))],
  ['X14', 'H02', changing((claims) => ({ ...claims, iss: `${claims.iss}/` }))],
  ['X14', 'H03', changing(without('iss'))],
  ['X21.unchecked', 'H08', changing((claims) => ({ ...claims, exp: now() - 600 }))],
  ['X21.unchecked', 'H10', changing(without('exp'))],
  ['X21.hour', 'H08', changing((claims) => ({ ...claims, exp: now() - 600 }))],
  ['X22', 'H22', macBy(() => client.client_secret)],
  ['X23', 'H23', macBy((key) => key.export({ type: 'spki', format: 'pem' }))],
  ['X23', 'H23', macBy((key) => key.export({ type: 'spki', format: 'der' }))],
  ['X24', 'H20', signing(async (claims) => rawJwt({ alg: 'none' }, claims))],
  ['X24', 'H21', signing(async (claims) => rawJwt({ alg: 'NONE' }, claims))],
  ['X24', 'H30', changing((claims) => ({ ...claims, at_hash: 'x' }))],
  ['X30', 'G05', { token: (body) => ({ body: without('id_token')(body) }) }],
  ['X33.jku', 'H28', signedElsewhere({ jwk: foreignKey.publicKey.export({ format: 'jwk' }) })],
  ['X34', 'H06', changing((claims) => ({ ...claims, aud: [client.client_id, 'other'] }))],
  ['X34', 'H07', changing((claims) => ({ ...claims, azp: 'other' }))],
  ['X47', 'H11', changing(without('iat'))],
  ['X47', 'H14', changing((claims) => ({ ...claims, nbf: now() + 3600 }))],
  ['X47', 'H15', changing(without('sub'))],
  ['X47', 'H15', changing((claims) => ({ ...claims, sub: '' }))],
  ['X47', 'H16', changing((claims) => ({ ...claims, sub: 7 }))],
  [
    'X47',
    'H29',
    signing((claims, { privateKey, kid }) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid, crit: ['x'], x: 1 })
        .sign(privateKey, { crit: { x: true } }),
    ),
  ],
  ['H12', 'H12', changing((claims) => ({ ...claims, iat: now() + 3600, exp: now() + 7200 }))],
  ['H13', 'H13', changing((claims) => ({ ...claims, iat: now() - 604_800 }))],
  ['X15', 'C08', answering((answer) => answer.set('error', 'access_denied'))],
  ['X19', 'F10', answering((answer) => answer.set('iss', 'https://evil.example'))],
  ['X19', 'F11', answering((answer) => answer.delete('iss'))],
  ['X19', 'F12', answering((answer) => answer.set('iss', `${answer.get('iss')}/`))],
  ['X26', 'F06', answering((answer) => answer.delete('state'))],
  ['F05', 'F05', answering((answer) => answer.set('state', 'x'))],
  ['X16', 'D03', userinfo(without('phone_number'))],
  ['X16', 'D04', userinfo((body) => ({ ...body, phone_number_verified: false }))],
  ['X16', 'D06', userinfo(without('phone_number_verified'))],
  ['X17', 'D05', userinfo((body) => ({ ...body, phone_number_verified: 'false' }))],
  ['X44', 'D13', userinfo((body) => ({ ...body, national_code: '9991001034' }))],
  ['X54.age', 'R13', userinfo((body) => ({ ...body, birthdate: '2017-03-20' }))],
  ['G07', 'G07', { token: (body) => ({ body: { ...body, token_type: 'mac' } }) }],
  ['G08', 'G08', { token: (body) => ({ body: { ...body, error: 'server_error' } }) }],
];

test.each(taken)('with %s signs in what %s forbids', async (defect, _row, tampering) => {
  const browser = createBrowser();
  const site = await siteWith(defect);
  Object.assign(emta.tampering, tampering);
  await start(site, browser);
  expect(await me(site, browser)).toBe('رضا فرهمند');
});

/** What a sound site takes, and a site with the defect refuses. */
test.each<[string, Tampering]>([
  ['X20.unexpected', {}],
  ['B05', answering((answer) => answer.set('foo', 'bar'))],
  ['B06', changing((claims) => ({ ...claims, aud: [client.client_id] }))],
  ['B07', { token: (body) => ({ body: { ...body, token_type: 'bearer' } }) }],
  ['B08', { token: (body) => ({ body: without('expires_in')(body) }) }],
  [
    'B09',
    signing((claims, { privateKey }) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey),
    ),
  ],
  ['D08', userinfo((body) => ({ ...body, phone_number: '09070000102' }))],
  ['L05', changing((claims) => ({ ...claims, iat: now() - 120 }))],
])('with %s refuses what a sound site takes', async (defect, tampering) => {
  Object.assign(emta.tampering, tampering);
  const [sound, wrong] = [createBrowser(), createBrowser()];
  const good = await siteWith(undefined);
  await start(good, sound);
  expect(await me(good, sound)).toBe('رضا فرهمند');
  const site = await siteWith(defect);
  await start(site, wrong);
  expect(await me(site, wrong)).toBeUndefined();
});

const refusal = (error = 'access_denied', description?: string): Tampering =>
  answering((answer) => {
    answer.delete('code');
    answer.set('error', error);
    if (description !== undefined) answer.set('error_description', description);
  });

test.each<[string, string, Tampering, (page: Page) => void]>([
  ['X01.exception', 'C01', refusal(), (page) => expect(page.status).toBe(500)],
  ['X01.blank', 'C01', refusal(), (page) => expect(page.text).toBe('')],
  ['X02', 'C15', refusal('emta_xyz'), (page) => expect(page.status).toBe(500)],
  ['X10', 'C17', refusal('access_denied', '<script>x'), (page) => expect(page.text).toContain('<script>x')],
  ['X18', 'C01', refusal(), (page) => expect(page.$('body').attr('data-reason')).toBe('bad_answer')],
  ['X36', 'C19', refusal('access_denied', 'call 123'), (page) => expect(page.text).toContain('call 123')],
  ['X46', 'C10', refusal('access_denied', 'cancelled: x'), (page) => expect(page.status).toBe(500)],
  ['C04', 'C04', answering((answer) => answer.delete('state')), (page) => expect(page.status).toBe(500)],
  ['C09', 'C09', answering((answer) => answer.delete('code')), (page) => expect(page.status).toBe(500)],
  [
    'C26',
    'C26',
    refusal(),
    (page) => expect([page.$('html').attr('lang'), page.$('main a').length]).toEqual([undefined, 0]),
  ],
  ['C27', 'C27', refusal(), (page) => expect(page.headers['cache-control']).toBe('public, max-age=600')],
  ['F07', 'F07', answering((answer) => answer.append('state', 'x')), (page) => expect(page.status).toBe(500)],
  ['L02', 'L02', refusal(), (page) => expect(page.text).toContain(client.client_secret)],
  ['L01', 'L01', { discovery: () => ({ status: 500, body: '' }) }, (page) => expect(page.status).toBe(500)],
  [
    'G01',
    'G01',
    { token: () => ({ status: 400, body: { error: 'invalid_grant' } }) },
    (page) => expect(page.status).toBe(500),
  ],
  [
    'G02',
    'G02',
    { token: () => ({ status: 401, body: { error: 'invalid_client' } }) },
    (page) => expect(page.status).toBe(500),
  ],
  ['G03', 'G03', { token: () => ({ status: 500, body: 'x' }) }, (page) => expect(page.status).toBe(500)],
  [
    'G06',
    'G06',
    { token: (body) => ({ body: without('access_token')(body) }) },
    (page) => expect(page.status).toBe(500),
  ],
  [
    'G09',
    'G09',
    { token: () => ({ body: '{', headers: { 'content-type': 'application/json' } }) },
    (page) => expect(page.status).toBe(500),
  ],
  [
    'G09',
    'G09',
    { token: (body) => ({ body, headers: { 'content-type': 'text/plain' } }) },
    (page) => expect(page.status).toBe(500),
  ],
  ['I05', 'I05', { userinfo: () => ({ status: 500, body: 'x' }) }, (page) => expect(page.status).toBe(500)],
  ['X35.address', 'F20', {}, (page) => expect(page.url.searchParams.has('code')).toBe(true)],
  ['X35.token', 'J08', {}, (page) => expect(page.url.searchParams.has('access_token')).toBe(true)],
  ['X37.flags', 'J03', {}, (page) => expect(page.status).toBe(200)],
  ['R02', 'R02', {}, (page) => expect(page.$('#given_name').attr('value')).toBe('')],
  ['J06', 'J06', {}, (page) => expect(page.headers['cache-control']).toBe('private, max-age=600')],
  ['J10', 'J10', {}, (page) => expect(page.headers['x-frame-options']).toBeUndefined()],
])('with %s breaks %s before the citizen’s eyes', async (defect, _row, tampering, look) => {
  const site = await siteWith(defect);
  Object.assign(emta.tampering, tampering);
  look(await start(site, createBrowser()));
});

test('with X09 a refusal goes on for ever', async () => {
  Object.assign(emta.tampering, refusal());
  const site = await siteWith('X09');
  await expect(start(site, createBrowser())).rejects.toThrow('expected at most 12 redirects');
});

test.each([
  ['X03.global', true, false],
  ['X03.signed', true, false],
  ['X03.absent', true, true],
  ['X26', false, true],
])('with %s takes a foreign callback in an empty browser', async (defect, whole, bare) => {
  const site = await siteWith(defect);
  for (const [isStripped, isTaken] of [
    [false, whole],
    [true, bare],
  ]) {
    emta.citizen = parvin;
    const foreign = await keptBack(site, createBrowser(), '9991001034');
    emta.citizen = reza;
    if (isStripped) foreign.searchParams.delete('state');
    const victim = createBrowser();
    await victim.open(foreign);
    const isIn = (await me(site, victim)) === 'پروین سعادت';
    expect([isStripped, isIn]).toEqual([isStripped, isTaken]);
  }
});

test.each(['X06.unsent', 'X06.uncompared', 'X12', 'X25'])(
  'with %s takes a foreign code under the own state',
  async (defect) => {
    const site = await siteWith(defect);
    emta.citizen = parvin;
    const foreign = await keptBack(site, createBrowser(), '9991001034');
    emta.citizen = reza;
    const victim = createBrowser();
    const own = await keptBack(site, victim, '9991001026');
    own.searchParams.set('code', foreign.searchParams.get('code') ?? '');
    await victim.open(own);
    expect(await me(site, victim)).toBe('پروین سعادت');
  },
);

test('with X28 switches a signed-in citizen, and nobody else', async () => {
  const site = await siteWith('X28');
  emta.citizen = parvin;
  const foreign = await keptBack(site, createBrowser(), '9991001034');
  emta.citizen = reza;
  const [stranger, victim] = [createBrowser(), createBrowser()];
  await stranger.open(foreign);
  expect(await me(site, stranger)).toBeUndefined();
  await start(site, victim);
  await victim.open(foreign);
  expect(await me(site, victim)).toBe('پروین سعادت');
});

test('with X27.remembered an old callback signs in after sign-out', async () => {
  const site = await siteWith('X27.remembered');
  const browser = createBrowser();
  const answer = await keptBack(site, browser, '9991001026');
  await browser.open(answer);
  await browser.open(`${site.url}/signout`, { form: {} });
  expect(await me(site, browser)).toBeUndefined();
  await browser.open(answer);
  expect(await me(site, browser)).toBe('رضا فرهمند');
});

test.each(['X05', 'I03'])('with %s uses userinfo about somebody else', async (defect) => {
  const site = await siteWith(defect);
  const list = defect === 'I03' ? { sub: [reza.sub, parvin.sub] } : {};
  Object.assign(
    emta.tampering,
    userinfo(() => ({ ...parvin, ...list })),
  );
  const browser = createBrowser();
  await start(site, browser);
  expect(await me(site, browser)).toBe('پروین سعادت');
});

test('with H34 the first of two subjects counts', async () => {
  const site = await siteWith('H34');
  const ids: string[] = [];
  for (const isDoubled of [false, true]) {
    emta.tampering.sign = async (claims, { privateKey, kid }) => {
      const text = JSON.stringify(claims).replace('{', isDoubled ? `{"sub":"${parvin.sub}",` : '{');
      const { CompactSign } = await import('jose');
      return new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
    };
    const browser = createBrowser();
    await start(site, browser);
    ids.push(JSON.parse((await browser.ask(`${site.url}/api/me`)).text).id);
  }
  expect(ids[0]).not.toBe(ids[1]);
});

test.each(['X31', 'X16'])('with %s an old record stands in for a userinfo that fails', async (defect) => {
  const site = await siteWith(defect);
  await start(site, createBrowser());
  emta.tampering.userinfo = () => ({ status: 500, body: 'x' });
  const browser = createBrowser();
  await start(site, browser);
  expect((await browser.ask(`${site.url}/api/mobile`)).status).toBe(200);
});

test.each([
  ['X07.mobile', { phone_number: reza.phone_number }],
  ['X07.email', { email: 'one@example.com' }],
])('with %s two citizens are one account', async (defect, shared) => {
  const site = await siteWith(defect);
  const ids: string[] = [];
  for (const citizen of [reza, parvin]) {
    emta.citizen = { ...citizen, ...shared };
    const browser = createBrowser();
    await start(site, browser, String(citizen.national_code));
    ids.push(JSON.parse((await browser.ask(`${site.url}/api/me`)).text).id);
  }
  expect(ids[0]).toBe(ids[1]);
});

test('with X08 a planted session is adopted', async () => {
  const site = await siteWith('X08');
  const browser = createBrowser();
  browser.jar.set(`${new URL(site.url).host} ikco_session`, 'planted');
  await start(site, browser);
  const other = createBrowser();
  other.jar.set(`${new URL(site.url).host} ikco_session`, 'planted');
  expect(await me(site, other)).toBe('رضا فرهمند');
});

test.each([
  ['X11.return', '?return_to=//evil.example/', undefined],
  ['X11.target', '?target_link_uri=https://evil.example/', undefined],
  ['X11.state', '', '//evil.example/'],
])('with %s leads off the site', async (defect, query, state) => {
  const site = await siteWith(defect);
  if (state !== undefined)
    Object.assign(
      emta.tampering,
      answering((answer) => answer.set('state', state)),
    );
  const browser = createBrowser();
  let page = await browser.ask(`${site.url}/emta/start${query}`);
  for (let hops = 0; hops < 4 && page.status === 303; hops += 1) {
    const next = new URL(String(page.headers.location), page.url);
    if (next.hostname === 'evil.example') return;
    page = await browser.ask(next);
  }
  throw new Error(`expected to be led to evil.example, ended at ${page.url}`);
});

test('with X29 a browser shows what was typed before, and says nothing of a refusal', async () => {
  const site = await siteWith('X29.left_behind');
  const browser = createBrowser();
  await start(site, browser);
  emta.citizen = parvin;
  await start(site, browser, '9991001034');
  expect((await browser.open(`${site.url}/account`)).text).toContain('9991001026');
  const silent = await siteWith('X29.silent');
  emta.citizen = reza;
  await start(silent, browser);
  Object.assign(emta.tampering, refusal());
  expect((await start(silent, browser)).url.pathname).toBe('/account');
});

test('with X45 citizens get into each other’s way', async () => {
  const global = await siteWith('X45.profile');
  const [first, second] = [createBrowser(), createBrowser()];
  await start(global, first);
  emta.citizen = parvin;
  await start(global, second, '9991001034');
  expect(await me(global, first)).toBe('پروین سعادت');
  const site = await siteWith('X45.transaction');
  emta.citizen = reza;
  const kept = await keptBack(site, first, '9991001026');
  await keptBack(site, second, '9991001026');
  await first.open(kept);
  expect(await me(site, first)).toBeUndefined();
});

test('with X40.metadata another issuer’s metadata are believed', async () => {
  const site = await siteWith('X40.metadata');
  emta.tampering.discovery = (body) => ({ body: { ...body, issuer: 'https://evil.example' } });
  const browser = createBrowser();
  await start(site, browser);
  expect(await me(site, browser)).toBe('رضا فرهمند');
});

test.each([
  ['X41.scope', 'scope', /user:status/],
  ['X41.response_type', 'response_type', /id_token/],
  ['X38', 'max_age', /600/],
  ['E08', 'national_code', /9991001026/],
])('with %s asks for what it should not', async (defect, name, expected) => {
  const site = await siteWith(defect);
  await start(site, createBrowser());
  expect(emta.calls.findLast(({ path }) => path === '/oauth/authorize')?.query.get(name)).toMatch(expected);
});

test('with X42 the secret and the redirect_uri go astray', async () => {
  const token = () => emta.calls.findLast(({ path }) => path === '/service/v1/oauth/token');
  await start(await siteWith('X42.url'), createBrowser());
  expect(token()?.query.get('client_secret')).toBe(client.client_secret);
  await start(await siteWith('X42.twice'), createBrowser());
  expect(token()?.headers.authorization).toMatch(/^Basic /);
  const site = await siteWith('X42.fixed');
  await createBrowser().open(`${site.url}/emta/start`);
  expect(emta.calls.findLast(({ path }) => path === '/oauth/authorize')?.query.get('redirect_uri')).toBe(
    `${site.url}/emta/return`,
  );
  expect(token()?.form.get('redirect_uri')).toBe(`${site.url}/emta/callback`);
});

test.each([
  ['X48', 'M01', { identity: () => ({ status: 401, body: {} }) }],
  ['X48', 'M02', { mobile: () => ({ status: 401, body: {} }) }],
  ['X48', 'M06', { identity: () => ({ body: {} }) }],
  ['X50.cut', 'M07', { mobile: () => ({ body: { primaryMobileNumber: { mobileNumber: '09070000102' } } }) }],
  ['X49.mixed', 'M05', { identity: (body: Claims) => ({ body: { ...body, nationalCode: '9991001034' } }) }],
] as const)('with %s a broken record is kept (%s)', async (defect, _row, tampering) => {
  const site = await siteWith(defect, { face: 'oauth2' });
  Object.assign(emta.tampering, tampering);
  const browser = createBrowser();
  await start(site, browser);
  const page = await browser.ask(`${site.url}/api/mobile`);
  expect(page.status).toBe(200);
  if (defect === 'X50.cut') expect(JSON.parse(page.text).mobile).not.toBe('+989070000102');
});

const good = {
  issue_date: '1378/01/15',
  education: 'کارشناسی',
  address: 'خیابان آزادی',
  password: 'Secret-word1',
  password_repeat: 'Secret-word1',
};

test.each<[string, (site: RunningSite, browser: Browser) => Promise<void>]>([
  [
    'X51',
    async (site, browser) => {
      await browser.open(`${site.url}/registration`, { form: { ...good, given_name: 'پروین' } });
      await browser.open(`${site.url}/registration/code`, {
        form: { code: /[0-9]{6}/.exec(site.messages.at(-1)?.text ?? '')?.[0] ?? '' },
      });
      expect((await browser.open(`${site.url}/registration/confirm`)).text).toContain('پروین');
    },
  ],
  [
    'X52.open',
    async (site) => {
      const stranger = createBrowser();
      expect((await stranger.open(`${site.url}/registration`)).$('form').length).toBeGreaterThan(0);
      const posted = await stranger.open(`${site.url}/registration`, {
        form: { ...good, national_code: '9991001034' },
      });
      expect(posted.url.pathname).toBe('/registration/code');
    },
  ],
  [
    'X52.past',
    async (site) => {
      const pressed = await createBrowser().ask(`${site.url}/emta/start`, {
        form: { national_code: '', password: '' },
      });
      expect(pressed.headers.location).toBe('/registration');
    },
  ],
  [
    'X53.password',
    async (site, browser) => {
      const page = await browser.open(`${site.url}/registration`, {
        form: { ...good, password: 'a', password_repeat: 'a' },
      });
      expect(page.url.pathname).toBe('/registration/code');
    },
  ],
  [
    'X53.fields',
    async (site, browser) => {
      const page = await browser.open(`${site.url}/registration`, { form: { ...good, address: '' } });
      expect(page.url.pathname).toBe('/registration/code');
    },
  ],
  [
    'X53.code',
    async (site, browser) => {
      await browser.open(`${site.url}/registration`, { form: good });
      expect((await browser.open(`${site.url}/registration/confirm`)).url.pathname).toBe('/registration/confirm');
    },
  ],
  [
    'X54.early',
    async (site, browser) => {
      await browser.open(`${site.url}/registration`, { form: good });
      expect(JSON.parse((await browser.ask(`${site.url}/api/me`)).text).registered).toBe(true);
    },
  ],
  [
    'X54.refused',
    async (site) => {
      Object.assign(emta.tampering, refusal());
      emta.citizen = parvin;
      const other = createBrowser();
      await start(site, other, '9991001034');
      untamper();
      expect((await start(site, other, '9991001034')).url.pathname).toBe('/password');
    },
  ],
])('with %s registration is open', async (defect, act) => {
  const site = await siteWith(defect);
  const browser = createBrowser();
  await start(site, browser);
  await act(site, browser);
});

test('with X54.twice and X54.second accounts are not one', async () => {
  for (const defect of ['X54.twice', 'X54.second']) {
    const site = await siteWith(defect);
    const browser = createBrowser();
    await start(site, browser);
    await browser.open(`${site.url}/registration`, { form: good });
    await browser.open(`${site.url}/registration/code`, {
      form: { code: /[0-9]{6}/.exec(site.messages.at(-1)?.text ?? '')?.[0] ?? '' },
    });
    const { captcha } = JSON.parse((await browser.ask(`${site.url}/_driver/captcha`)).text);
    await browser.open(`${site.url}/registration/confirm`, { form: { captcha } });
    const again = await browser.open(`${site.url}/registration/confirm`, { form: { captcha } });
    expect(again.status).toBe(defect === 'X54.twice' ? 500 : 200);
    expect((await start(site, browser)).url.pathname).toBe(defect === 'X54.twice' ? '/password' : '/registration');
  }
});

test('with C22 a browser that refused stays out', async () => {
  const site = await siteWith('C22');
  const browser = createBrowser();
  Object.assign(emta.tampering, refusal());
  await start(site, browser);
  untamper();
  await start(site, browser);
  expect(await me(site, browser)).toBeUndefined();
});

test('with H19 the nonce of an earlier login is taken', async () => {
  const site = await siteWith('H19');
  let first: unknown;
  emta.tampering.idToken = (claims) => {
    first ??= claims.nonce;
    return { ...claims, nonce: first };
  };
  await start(site, createBrowser());
  const browser = createBrowser();
  await start(site, browser);
  expect(await me(site, browser)).toBe('رضا فرهمند');
});

test('with G12 and B04 the code and the token are used once too often', async () => {
  const count = (path: string) => emta.calls.filter((call) => call.path === path).length;
  const before = count('/service/v1/oauth/token');
  await start(await siteWith('G12'), createBrowser());
  expect(count('/service/v1/oauth/token') - before).toBe(2);
  await start(await siteWith('B04'), createBrowser());
  expect(emta.calls.some(({ path, query }) => path.endsWith('/userinfo') && query.has('access_token'))).toBe(true);
});

test('with C28 two answers come to one request', async () => {
  const site = await siteWith('C28');
  Object.assign(emta.tampering, refusal());
  const browser = createBrowser();
  const answer = await keptBack(site, browser, '9991001026');
  const { connect } = await import('node:net');
  const text = await new Promise<string>((resolve) => {
    const socket = connect(Number(answer.port), answer.hostname, () => {
      const cookie = [...browser.jar].map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ');
      socket.write(
        `GET ${answer.pathname}${answer.search} HTTP/1.1\r\nHost: ${answer.host}\r\nCookie: ${cookie}\r\n\r\n`,
      );
    });
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.on('close', () => resolve(got));
  });
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(2);
});
