import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Browser, createBrowser } from './browser.ts';
import { keptBack, me, type Stage, start, startStage } from './stage.ts';
import type { RunningSite } from './start-site.ts';
import { client, parvin, reza, type StubEmta } from './stub-emta.ts';
import { answering, type Claims, refusal, userinfo } from './tamperings.ts';

let stage: Stage;
let emta: StubEmta;

beforeAll(async () => {
  stage = await startStage();
  emta = stage.emta;
});
afterEach(() => stage.clear());
afterAll(() => emta.close());

const siteWith: Stage['siteWith'] = (defect, options) => stage.siteWith(defect, options);

test('with X09.at-once a refusal goes on for ever', async () => {
  Object.assign(emta.tampering, refusal());
  const site = await siteWith('X09.at-once');
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

test.each([
  ['refused', true],
  ['granted', false],
])('with X11.refused a login that was %s leads off the site: %s', async (how, isLedOff) => {
  const site = await siteWith('X11.refused');
  if (how === 'refused') Object.assign(emta.tampering, refusal());
  const browser = createBrowser();
  let page = await browser.ask(`${site.url}/emta/start?return_to=//evil.example/`);
  const hosts: string[] = [];
  for (let hops = 0; hops < 4 && page.status === 303 && !hosts.includes('evil.example'); hops += 1) {
    const next = new URL(String(page.headers.location), page.url);
    hosts.push(next.hostname);
    if (next.hostname !== 'evil.example') page = await browser.ask(next);
  }
  expect(hosts.includes('evil.example')).toBe(isLedOff);
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
      stage.untamper();
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
  stage.untamper();
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
