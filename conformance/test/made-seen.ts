import { parsePage } from '../driver/page.ts';
import type { Person } from '../driver/person.ts';
import type { Hop, Trace } from '../driver/user-agent.ts';
import { needlesOf } from '../observe/needles.ts';
import type { ProbeReading, Reading } from '../observe/reading.ts';
import type { Seen, Setting } from '../observe/seen.ts';
import { parseRelyingParty } from '../rp-file.ts';

/** Observations made up for tests of matchers and judge: no relying party, no Emta. */

export const shop = 'http://127.0.0.1:8080';
export const emta = 'http://localhost:4299';

const file = {
  name: 'Shop',
  version: '1',
  start_url: `${shop}/login`,
  protected_url: `${shop}/account`,
  client: {
    client_id: 'shop',
    client_secret: 'made-up-secret',
    redirect_uris: [`${shop}/cb`],
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'openid user:identity:general user:primaryMobileNumber',
  },
};

export const madeRelyingParty = (more: Readonly<Record<string, unknown>> = {}) =>
  parseRelyingParty(JSON.stringify({ ...file, ...more }), '/made/emta-rp.json');

export const madePerson = (more: Partial<Person> = {}): Person => ({
  nationalCode: '9991001018',
  givenName: 'مریم',
  familyName: 'رستگار',
  birthDate: '1990-11-08',
  birthJalali: '1369/08/17',
  gender: 'female',
  mobile: '+989121234567',
  ...more,
});

export const otherPerson = madePerson({
  nationalCode: '9991001026',
  givenName: 'رضا',
  familyName: 'فرهمند',
  birthDate: '1998-09-29',
  birthJalali: '1377/07/07',
  mobile: '+989301112233',
});

export function madeHop(url: string, more: Partial<Hop> = {}): Hop {
  return {
    method: 'GET',
    url,
    cause: 'redirect',
    requestHeaders: {},
    requestBody: '',
    sentCookies: [],
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'text/html' },
    setCookies: [],
    body: '',
    milliseconds: 1,
    ...more,
  };
}

/** A step that ended on a page. */
export function madeTrace(
  url: string,
  body: string,
  more: { readonly status?: number; readonly before?: readonly Hop[] } = {},
): Trace {
  const status = more.status ?? 200;
  const page = parsePage({ url, status, contentType: 'text/html', body });
  return { hops: [...(more.before ?? []), madeHop(url, { status, body })], ending: { kind: 'page' }, page };
}

export const madeLook = (body: string, probe: ProbeReading = { kind: 'none' }): Reading => ({
  probe,
  page: madeTrace(`${shop}/account`, body),
});

export const madeSetting = (more: Partial<Setting> = {}): Setting => ({
  rp: madeRelyingParty(),
  profile: 'core-must',
  issuer: emta,
  emtaOrigin: emta,
  origins: [shop],
  trapOrigin: 'http://127.0.0.1:9',
  canBeCopied: false,
  capabilities: [],
  anonymous: { host: '127.0.0.1:8080', path: '/account', title: 'sign in', text: 'please sign in with emta' },
  signedIn: { host: '127.0.0.1:8080', path: '/account', title: 'account', text: 'welcome · your orders' },
  refused: null,
  channels: new Set(['token', 'userinfo']),
  returnParameters: [],
  calibrationNeedles: [],
  ...more,
});

export function madeSeen(more: Partial<Seen> = {}): Seen {
  const people = more.people ?? { A: madePerson(), B: otherPerson };
  return {
    setting: madeSetting(),
    mark: 'c01abc',
    people,
    needles: Object.fromEntries(Object.entries(people).map(([role, person]) => [role, needlesOf(person)])),
    traces: {},
    looks: {},
    accounts: {},
    cookies: {},
    trials: {},
    raw: {},
    links: {},
    posted: {},
    mobileStatus: {},
    exchanges: [],
    strays: [],
    fetches: [],
    hostile: [],
    isAlone: false,
    delivered: {},
    trapped: [],
    ...more,
  };
}
