import { request } from 'node:http';
import { expect, test } from '@jest/globals';
import { clockAt } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { exchange, type Screen } from './browser.ts';
import { freshEmta, site, type TestEmta } from './fresh-emta.ts';
import { uidOf, visitorOf } from './visitor.ts';

const texts = (screen: Screen, testid: string): readonly string[] =>
  screen
    .$(`[data-testid="${testid}"]`)
    .toArray()
    .map((element) => screen.$(element).text().replace(/\s+/g, ' ').trim());

const notice = (screen: Screen): string => screen.$('.notice').text().trim();

async function consoleOf(emta: TestEmta) {
  const browser = emta.browser();
  await browser.open('/_emta/?lang=en');
  return browser;
}

test('shows a journey with its step, its answers and, once over, its outcome', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  expect((await browser.open('/_emta/')).$('.copy-text').text()).toBe(
    `${emta.issuer}/.well-known/openid-configuration`,
  );
  const visitor = visitorOf(emta, 'plain-man');
  let screen = await visitor.walk('captcha');
  const { captcha } = await emta.control('get', `/journeys/${uidOf(screen)}`);
  expect(texts(await browser.open('/_emta/'), 'journey-captcha')).toEqual([captcha]);
  screen = await visitor.solve(screen);
  const live = await browser.open('/_emta/');
  const [code] = texts(live, 'journey-code');
  expect(texts(live, 'code')).toEqual([code]);
  await visitor.decide(await visitor.verify(screen));
  const [row] = texts(await browser.open('/_emta/'), 'journey');
  expect(row).toContain('Granted');
  expect(row).toContain('Verified, and consented');
});

test('tells in words what a relying party did wrong, in the journey and outside of it', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  await emta.browser().send(emta.authorizationUrl({ redirect_uri: `${site.redirect_uris[0]}/` }));
  const { left } = await visitorOf(emta, 'married-woman').walk('end');
  await emta
    .api()
    .post('/service/v1/oauth/token')
    .type('form')
    .send({
      grant_type: 'authorization_code',
      code: left?.searchParams.get('code'),
      redirect_uri: site.redirect_uris[0],
      client_id: site.client_id,
      client_secret: 'wrong',
    });
  const live = await browser.open('/_emta/');
  expect(texts(live, 'explanation')).toEqual([expect.stringContaining('The redirect URI is not registered')]);
  expect(texts(live, 'journey')[0]).toContain('Refused requests: 1');
  const journey = await browser.open(live.$('[data-testid="journey-link"]').attr('href') ?? '');
  expect(texts(journey, 'explanation')).toEqual([expect.stringContaining('Wrong client secret')]);
  expect(texts(journey, 'exchange').map((text) => text.split(/ \d\d:/)[0])).toEqual([
    'The browser brings the authorization request',
    'The browser carries the answer back',
    'The relying party exchanges the code for tokens',
  ]);
});

test('arms a fault for a number with its parameters, counts its deliveries and disarms it', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const form = await browser.open('/_emta/faults/sms.wording');
  const wrong = await browser.press(form, 'arm', { mobile: '0907', 'parameter-variant': 'opt_out' });
  expect(wrong.status).toBe(400);
  expect(texts(wrong, 'problem')[0]).toContain('expected "mobile" to be an Iranian mobile number, got "0907"');
  expect(wrong.$('#mobile').attr('value')).toBe('0907');
  const armed = await browser.press(wrong, 'arm', { mobile: '09070000101', uses: '3' });
  expect([texts(armed, 'problem'), notice(armed)]).toEqual([[], 'The fault is armed.']);
  expect(texts(armed, 'delivered')).toEqual(['Delivered: 0 of 3']);
  await visitorOf(emta, 'married-woman').walk('verification');
  const delivered = await browser.open('/_emta/faults');
  expect(texts(delivered, 'delivered')).toEqual(['Delivered: 1 of 3']);
  expect(texts(await browser.press(delivered, 'disarm'), 'armed')).toEqual([]);
  expect(await emta.control('get', '/armed')).toEqual({ armed: [] });
});

test('finds faults by a word, and every fault of the catalogue has a place', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const { faults } = await emta.control('get', '/faults');
  const ids = faults.map(({ id }: { id: string }) => id).sort();
  expect([...texts(await browser.open('/_emta/faults'), 'fault')].sort()).toEqual(ids);
  expect(texts(await browser.open('/_emta/faults?find=nonce_wr'), 'fault')).toEqual(['id_token.nonce_wrong']);
});

test('adds a person with a number, who then is at Emta what the form says, and gives the line a fixed code', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const person = {
    national_code: '9998887771',
    given_name: 'مهتاب',
    family_name: 'نمونه',
    birth_date: '1369/08/17',
    mobile: '09070000900',
  };
  const form = await browser.open('/_emta/citizens/new');
  const refused = await browser.press(form, 'save', { ...person, national_code: '9998887772' });
  expect(texts(refused, 'problem')[0]).toContain('whose check digit is right, got "9998887772"');
  expect(refused.$('#person-given_name').attr('value')).toBe('مهتاب');
  const added = await browser.press(refused, 'save', person);
  expect(notice(added)).toBe('Added.');
  expect(added.$('h1').text()).toBe('مهتاب نمونه');
  const fixed = await browser.press(added, 'save-line', { fixed_code: '13579' });
  expect(notice(fixed)).toBe('Saved.');
  const found = await browser.open('/_emta/citizens?find=09070000900');
  expect(texts(found, 'person')).toHaveLength(1);
  const { browser: citizen } = visitorOf(emta, 'plain-man');
  const first = await citizen.open(emta.authorizationUrl());
  const second = await citizen.press(first, 'mobile-continue', { mobile: person.mobile });
  const { captcha } = await emta.control('get', `/journeys/${uidOf(second)}`);
  const third = await citizen.press(second, 'captcha-continue', { captcha });
  const last = await citizen.press(third, 'verification-submit', {
    code: '13579',
    national_code: person.national_code,
    birth_year: '1369',
    birth_month: '8',
    birth_day: '17',
  });
  expect(last.page).toBe('consent');
});

test('shows the personas first, each with its reason, and everybody else by search', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const { personas } = await emta.control('get', '/personas');
  const shown = texts(await browser.open('/_emta/citizens'), 'person');
  expect(shown).toHaveLength(personas.length);
  expect(shown[0]).toContain('the usual case');
  expect((await browser.open('/_emta/citizens?lang=fa')).$('.person-reason').first().text()).toBe('حالت معمول');
});

test('tells of faults, finds them, and says what a form met in Persian', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const page = await browser.open('/_emta/faults/register.not_owner?lang=fa');
  expect(page.$('.fault-summary').text()).toBe('پایگاه مالکیت خط می‌گوید که خط از آن کس دیگری است');
  expect(page.$('.facts-row').text()).toContain('بخشنامه ۴۲۹۹: شماره باید از آن خود شهروند باشد');
  const found = await browser.open(`/_emta/faults?find=${encodeURIComponent('آن کس دیگری')}`);
  expect(texts(found, 'fault')).toContain('register.not_owner');
  const refused = await browser.press(page, 'arm', { mobile: '0907' });
  expect(texts(refused, 'problem')[0]).toContain('چیزی که وارد شده درست نیست یا جا افتاده است.');
});

test('registers a client and shows the settings to paste for each library', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const form = await browser.open('/_emta/clients/new');
  const typed = { client_id: 'shop', client_secret: 'made-up', others: '{"subject_type": "pairwise"}' };
  const { path, form: fields } = browser.formOf(form, 'save', typed);
  const all = { ...fields, redirect_uris: 'http://localhost:8080/a\nhttp://localhost:8080/b', scope: 'openid' };
  const broken = await browser.open(path, { ...all, others: '{' });
  expect(texts(broken, 'problem')[0]).toContain('expected the other members to be JSON, got "{"');
  const added = await browser.open(path, all);
  expect(notice(added)).toBe('Added.');
  expect(texts(added, 'settings')).toHaveLength(9);
  expect(await emta.control('get', '/clients/shop')).toMatchObject({
    redirect_uris: ['http://localhost:8080/a', 'http://localhost:8080/b'],
    scope: 'openid',
    subject_type: 'pairwise',
    token_endpoint_auth_method: 'client_secret_post',
  });
  const taken = await browser.open(path, all);
  expect(texts(taken, 'problem')[0]).toContain('expected a "client_id" that is free, got "shop"');
  const removed = await browser.press(await browser.open('/_emta/clients/shop'), 'remove');
  expect(notice(removed)).toBe('Removed.');
});

test('puts the clock forward, and resets only when told that one is sure', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const instance = await browser.open('/_emta/instance');
  const later = await browser.press(instance, 'advance', { seconds: '۹۰' });
  expect(later.$('[data-testid="now"]').attr('datetime')).toBe('2026-10-01T08:01:30.000Z');
  const { path, form } = browser.formOf(later, 'reset');
  expect((await browser.open(path, form)).status).toBe(400);
  expect(notice(await browser.open(path, { ...form, sure: 'yes' }))).toBe('Everything is as it was at the start.');
  expect(await emta.control('get', '/clock')).toEqual({ now: '2026-10-01T08:00:00.000Z' });
});

test('takes a snapshot as a file and restores it from a paste', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  await emta.control('post', '/armed', { fault: 'sms.lost', mobile: '+989070000101' });
  const file = await browser.send('/_emta/snapshot');
  expect(file.headers['content-disposition']).toBe('attachment; filename="emta-snapshot.json"');
  await emta.control('post', '/reset');
  const { path, form } = browser.formOf(await browser.open('/_emta/instance'), 'restore');
  expect(texts(await browser.open(path, { ...form, snapshot: 'oops' }), 'problem')[0]).toContain('got "oops"');
  expect(notice(await browser.open(path, { ...form, snapshot: file.body.toString() }))).toBe(
    'The snapshot was restored.',
  );
  expect((await emta.control('get', '/armed')).armed).toMatchObject([{ fault: 'sms.lost', delivered: 0 }]);
});

test('takes a form only from the browser it was opened in, and from no other origin', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  const { path, form } = browser.formOf(await browser.open('/_emta/instance'), 'advance', { seconds: '60' });
  expect((await emta.browser().send(path, form)).status).toBe(403);
  expect((await browser.send(path, { ...form, csrf: 'made-up' })).status).toBe(403);
  const headers = { Origin: 'http://localhost:4300', 'Sec-Fetch-Site': 'same-site' };
  expect((await browser.send(path, form, headers)).status).toBe(403);
  expect(await emta.control('get', '/clock')).toEqual({ now: '2026-10-01T08:00:00.000Z' });
  expect((await browser.send(path, form, { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await browser.send(path, form, { Origin: 'null' })).status).toBe(403);
  // A link on another page may lead here, as long as it only shows something.
  expect((await browser.send('/_emta/', undefined, { 'Sec-Fetch-Site': 'same-site' })).status).toBe(200);
  expect((await browser.send('/_emta/', undefined, { Host: 'evil.example' })).status).toBe(403);
  const own = { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' };
  expect((await browser.send(path, form, own)).status).toBe(303);
});

test('asks for the control token where there is one, before anything else', async () => {
  const emta = await freshEmta({ controlToken: 'the-token' });
  const browser = emta.browser();
  const signIn = await browser.open('/_emta/instance');
  expect(signIn.page).toBe('sign-in');
  expect((await browser.send('/_emta/events')).status).toBe(401);
  const wrong = await browser.press(signIn, 'enter', { token: 'guess' });
  expect([wrong.page, wrong.status]).toEqual(['sign-in', 401]);
  const live = await browser.press(wrong, 'enter', { token: 'the-token' });
  expect(live.page).toBe('live');
  const later = await browser.press(await browser.open('/_emta/instance'), 'advance', { seconds: '60' });
  expect(later.$('[data-testid="now"]').attr('datetime')).toBe('2026-10-01T08:01:00.000Z');
  expect((await exchange(`${emta.issuer}/_emta/phone`, undefined, {})).status).toBe(302);
});

test('leads the developer’s strip of Emta’s pages to the phone of that number', async () => {
  const emta = await freshEmta();
  const browser = await consoleOf(emta);
  await emta.control('post', '/messages', { to: '09070000101', text: 'کد: 12345' });
  await emta.control('post', '/messages', { to: '09070000102', text: 'کد: 54321' });
  const phone = await browser.open('/_emta/?mobile=09070000101');
  expect([phone.page, texts(phone, 'code')]).toEqual(['phone', ['12345']]);
  expect(texts(await browser.open('/_emta/phone?mobile=nobody'), 'code')).toEqual([]);
});

/** What a stream of events brought, as `id kind`, until so many came. */
function eventsOf(emta: TestEmta, count: number, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<readonly string[]>((resolve, reject) => {
    let text = '';
    const outgoing = request(`${emta.issuer}/_emta/events`, { agent: false, headers }, (incoming) => {
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const seen = [...text.matchAll(/^id: (\d+)\nevent: (\w+)$/gm)].map(([, id, kind]) => `${id} ${kind}`);
        if (seen.length < count) return;
        outgoing.destroy();
        resolve(seen.slice(0, count));
      });
    });
    outgoing.on('error', (error) => {
      if (!outgoing.destroyed) reject(error);
    });
    outgoing.end();
  });
}

test('streams what happens in any process of a store, and goes on where a stream broke off', async () => {
  const store = createMemoryStore({ clock: clockAt('2026-10-01T08:00:00Z') });
  const [one, other] = await Promise.all([
    freshEmta({ store, random: seededRandom('one') }),
    freshEmta({ store, random: seededRandom('other') }),
  ]);
  const coming = eventsOf(one, 2);
  await other.control('post', '/messages', { to: '09070000101', text: 'کد: 12345' });
  await other.api().get('/.well-known/openid-configuration');
  expect(await coming).toEqual(['1 message', '2 exchange']);
  await other.control('post', '/messages', { to: '09070000101', text: 'کد: 54321' });
  expect(await eventsOf(one, 1, { 'Last-Event-ID': '2' })).toEqual(['3 message']);
});
