import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { defects, withDefects } from '../defects/index.ts';
import { createBrowser, type Page } from './browser.ts';
import { me, type Stage, start, startStage } from './stage.ts';
import { client, rawJwt, type StubEmta, type Tampering } from './stub-emta.ts';
import {
  answering,
  changing,
  foreignKey,
  macBy,
  now,
  refusal,
  signedElsewhere,
  signing,
  userinfo,
  without,
} from './tamperings.ts';

let stage: Stage;
let emta: StubEmta;

beforeAll(async () => {
  stage = await startStage();
  emta = stage.emta;
});
afterEach(() => stage.clear());
afterAll(() => emta.close());

const siteWith: Stage['siteWith'] = (defect, options) => stage.siteWith(defect, options);

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
