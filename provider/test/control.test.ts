import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { firstFault } from '../../conformance/commands/journal.ts';
import { magicOperations } from '../http/control/magic-operations.ts';
import type { Operation } from '../http/control/operation.ts';
import { operations } from '../http/control/operations.ts';
import { exchange } from './browser.ts';
import { type Answered, freshEmta, site, type TestEmta } from './fresh-emta.ts';
import { returned, uidOf, visitorOf } from './visitor.ts';
import { ask, redeem, userinfo } from './wire.ts';

const base = '/_emta/v1';

function addressOf({ path, example }: Operation): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => example.path?.[name] ?? '');
  return `${base}${filled === '/' ? '' : filled}?${new URLSearchParams(example.query)}`;
}

test.each(operations.map((operation) => [operation.id, operation] as const))(
  'answers the example of %s as it says',
  async (_id, operation) => {
    const emta = await freshEmta();
    const call = emta.api()[operation.method](addressOf(operation));
    const answer = await (operation.example.body === undefined ? call : call.send(operation.example.body as object));
    expect([answer.status, answer.status < 400 ? '' : answer.body.error]).toEqual([
      operation.example.status,
      operation.example.status < 400 ? '' : 'unknown_item',
    ]);
    expect(answer.headers['cache-control'] ?? 'no-store').toBe('no-store');
  },
);

test('has no two operations of one name or address', () => {
  const ids = operations.map(({ id }) => id);
  const addresses = operations.map(({ method, path }) => `${method} ${path}`);
  expect([new Set(ids).size, new Set(addresses).size]).toEqual([ids.length, addresses.length]);
  expect(operations).toEqual(expect.arrayContaining([...magicOperations]));
});

test('describes itself in valid OpenAPI 3.1, every operation and nothing else', async () => {
  const emta = await freshEmta();
  const { body } = await emta.api().get(`${base}/openapi.json`);
  const validator = new Validator();
  const { valid, errors } = await validator.validate(body);
  expect({ valid, errors, version: validator.version }).toEqual({ valid: true, errors: undefined, version: '3.1' });
  const described = Object.entries(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
    ([, methods]) => Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(described.toSorted()).toEqual(operations.map(({ id }) => id).toSorted());
  expect(body.servers).toEqual([{ url: emta.issuer }]);
});

const strangers: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['another name for this machine', { Host: 'evil.example' }, 'foreign_host'],
  ['a name that begins like this one', { Host: 'localhost.evil.example' }, 'foreign_host'],
  ['a page of another site', { Origin: 'https://evil.example' }, 'foreign_origin'],
  ['a page of another port', { Origin: 'http://localhost:4300' }, 'foreign_origin'],
  ['a page without an origin', { Origin: 'null' }, 'foreign_origin'],
  ['a browser that says so', { 'Sec-Fetch-Site': 'cross-site' }, 'foreign_origin'],
  ['a browser on another port that says so', { 'Sec-Fetch-Site': 'same-site' }, 'foreign_origin'],
];

test.each(strangers)('refuses %s, for reading and for writing', async (_who, headers, error) => {
  const emta = await freshEmta();
  for (const form of [undefined, { advance_seconds: '5' }]) {
    const answer = await exchange(`${emta.issuer}${base}/clock`, form, headers);
    expect([answer.status, JSON.parse(String(answer.body)).error]).toEqual([403, error]);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('serves its own pages and programs', async () => {
  const emta = await freshEmta();
  const friends = [
    {},
    { Origin: emta.issuer },
    { 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'none' },
    { Host: new URL(emta.issuer).host.replace('localhost', '127.0.0.1') },
  ];
  for (const headers of friends) {
    expect((await exchange(`${emta.issuer}${base}/clock`, undefined, headers)).status).toBe(200);
  }
});

test('asks for its token where there is one, at every operation', async () => {
  const emta = await freshEmta({ controlToken: 'made-up-token' });
  for (const operation of operations) {
    const answer = await emta.api()[operation.method](addressOf(operation));
    expect([operation.id, answer.status, answer.body.error]).toEqual([operation.id, 401, 'token_needed']);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="emta control"');
  }
  const withToken = (token: string) => emta.api().get(`${base}/clock`).auth(token, { type: 'bearer' });
  expect([(await withToken('made-up-token')).status, (await withToken('made-up-tokem')).status]).toEqual([200, 401]);
});

const refused: readonly (readonly [string, 'get' | 'post', string, object | string | undefined, string])[] = [
  [
    'an unknown parameter',
    'get',
    '/messages?number=1',
    undefined,
    'unknown parameter "number", known are: mobile, after',
  ],
  ['a parameter where there is none', 'get', '/clock?x=1', undefined, 'unknown parameter "x", known are: none'],
  [
    'a number that is none',
    'get',
    '/messages?mobile=123',
    undefined,
    'expected "mobile" to be an Iranian mobile number, got "123"',
  ],
  ['a position that is none', 'get', '/messages?after=x', undefined, 'expected "after" to be a whole number from 0'],
  [
    'a limit out of range',
    'get',
    '/citizens?limit=0',
    undefined,
    'expected "limit" to be a whole number from 1 to 1000, got "0"',
  ],
  [
    'an unknown member',
    'post',
    '/clock',
    { advance_seconds: 1, back: true },
    'must NOT have additional properties "back"',
  ],
  ['a missing member', 'post', '/clock', {}, "must have required property 'advance_seconds'"],
  ['a clock that is put back', 'post', '/clock', { advance_seconds: -1 }, '"/advance_seconds" must be >= 0'],
  [
    'a fault for nobody',
    'post',
    '/armed',
    { fault: 'id_token.nonce_wrong' },
    'expected one of "mobile", "client_id" and "issuer", got 0',
  ],
  [
    'a fault for two',
    'post',
    '/armed',
    { fault: 'id_token.nonce_wrong', mobile: '09070000101', issuer: true },
    'expected one of "mobile", "client_id" and "issuer", got 2',
  ],
  [
    'a fault for no number',
    'post',
    '/armed',
    { fault: 'id_token.nonce_wrong', mobile: 'x' },
    'expected "mobile" to be an Iranian mobile number, got "x"',
  ],
  [
    'a person with a wrong code',
    'post',
    '/citizens',
    {
      citizens: [
        { national_code: '9991001019', given_name: 'x', family_name: 'x', birth_date: '1990-01-01', gender: 'male' },
      ],
    },
    'citizens[0].national_code: expected "national_code" to be a text of 10 digits whose check digit is right, got "9991001019"',
  ],
  [
    'a person born on no day',
    'post',
    '/citizens',
    {
      citizens: [
        { national_code: '9991001018', given_name: 'x', family_name: 'x', birth_date: '1990-02-30', gender: 'male' },
      ],
    },
    'citizens[0].birth_date: expected "birth_date" to be a date such as "1990-11-08"',
  ],
  [
    'a message to nobody',
    'post',
    '/messages',
    { to: '1', text: 'x' },
    'expected "to" to be an Iranian mobile number, got "1"',
  ],
];

test.each(refused)('refuses %s in words', async (_what, method, path, body, message) => {
  const emta = await freshEmta();
  const call = emta.api()[method](`${base}${path}`);
  const answer = await (body === undefined ? call : call.send(body));
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ error: expect.stringMatching(/^bad_(control_request|citizen)$/) });
  expect(answer.body.message).toContain(message);
});

test('refuses a body that is no JSON, and knows no other address', async () => {
  const emta = await freshEmta();
  const broken = await emta.api().post(`${base}/clock`).set('Content-Type', 'application/json').send('{"advance');
  expect([broken.status, broken.body.error]).toEqual([400, 'bad_request']);
  expect((await emta.api().get(`${base}/nothing`)).status).toBe(404);
});

test('refuses an unknown fault with the nearest known one', async () => {
  const emta = await freshEmta();
  const answer = await emta.api().post(`${base}/armed`).send({ fault: 'id_token.nonce_wrng', issuer: true });
  expect([answer.status, answer.body.error]).toEqual([400, 'unknown_fault']);
  expect(JSON.stringify(answer.body)).toContain('id_token.nonce_wrong');
});

test('arms, counts deliveries, and disarms', async () => {
  const emta = await freshEmta();
  const armed = await emta.control('post', '/armed', { fault: 'id_token.nonce_wrong', mobile: '09070000102', uses: 1 });
  expect(armed).toMatchObject({ fault: 'id_token.nonce_wrong', mobile: '+989070000102', uses: 1, delivered: 0 });
  const nonceOf = async (id: 'plain-man' | 'married-woman') => {
    const { body } = await redeem(emta, returned(await visitorOf(emta, id).walk('end')).code ?? '');
    return JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url').toString()).nonce;
  };
  expect(await nonceOf('married-woman')).toBe('the-nonce');
  expect(await nonceOf('plain-man')).not.toBe('the-nonce');
  expect(await emta.control('get', `/armed/${armed.id}`)).toMatchObject({ delivered: 1 });
  expect(await nonceOf('plain-man')).toBe('the-nonce');
  await emta.control('delete', `/armed/${armed.id}`);
  expect((await emta.control('get', '/armed')).armed).toEqual([]);
});

test('describes a journey while it lasts and after', async () => {
  const emta = await freshEmta();
  const visitor = visitorOf(emta, 'plain-man');
  const journey = (screen: { url: string }): Promise<Answered> => emta.control('get', `/journeys/${uidOf(screen)}`);
  const captcha = await visitor.walk('captcha');
  expect(await journey(captcha)).toEqual({
    uid: uidOf(captcha),
    client_id: site.client_id,
    step: 'captcha',
    mobile: '+989070000102',
    captcha: expect.stringMatching(/^\w{6}$/),
  });
  const verification = await visitor.solve(captcha);
  expect(await journey(verification)).toMatchObject({ step: 'verification', code: expect.stringMatching(/^\d{5}$/) });
  await visitor.decide(await visitor.verify(verification), 'refuse');
  expect(await journey(captcha)).toMatchObject({ outcome: 'consent_refused' });
});

async function loggedIn(emta: TestEmta) {
  const consent = await visitorOf(emta, 'plain-man').walk('consent');
  const code = returned(await visitorOf(emta, 'plain-man', emta.browser()).walk('end')).code ?? '';
  const { body } = await redeem(emta, code);
  await ask(emta, userinfo, body.access_token);
  return { consent, code, tokens: body };
}

test('shows the exchanges raw, in order, by client and by journey', async () => {
  const emta = await freshEmta();
  const { code, tokens } = await loggedIn(emta);
  const { exchanges } = await emta.control('get', `/exchanges?client_id=${site.client_id}`);
  expect(exchanges.map(({ endpoint }: Answered) => endpoint)).toEqual([
    'authorize',
    'authorize',
    'resume',
    'token',
    'userinfo',
  ]);
  const [, authorize, resume, token, info] = exchanges;
  expect(authorize.request).toMatchObject({ method: 'GET', query: { state: 'the-state', nonce: 'the-nonce' } });
  expect(resume.response.headers.location).toContain(code);
  expect(token.request).toMatchObject({ method: 'POST', form: { code, client_secret: site.client_secret } });
  expect(token.response.body).toMatchObject({ access_token: tokens.access_token });
  expect(info).toMatchObject({ mobile: '+989070000102', response: { status: 200 }, delivered: [] });
  const ofJourney = await emta.control('get', `/exchanges?journey=${resume.journey}`);
  expect(ofJourney.exchanges.map(({ endpoint }: Answered) => endpoint)).toEqual([
    'authorize',
    'resume',
    'token',
    'userinfo',
  ]);
  const later = await emta.control('get', `/exchanges?client_id=${site.client_id}&after=${token.seq}`);
  expect(later.exchanges).toHaveLength(1);
  expect((await emta.control('get', '/exchanges?client_id=nobody')).exchanges).toEqual([]);
});

test('keeps the journal free of secrets and persons, and its chain whole', async () => {
  const emta = await freshEmta();
  const { code, tokens } = await loggedIn(emta);
  for (const path of ['/service/v1/user/identity/general', '/service/v1/user/primaryMobileNumber', userinfo]) {
    expect((await ask(emta, path, tokens.access_token)).status).toBe(200);
  }
  const { entries } = await emta.control('get', '/journal');
  expect(entries.length).toBeGreaterThan(8);
  expect((await emta.control('get', '/journal?newest=true')).entries).toEqual([entries.at(-1)]);
  const text = JSON.stringify(entries);
  for (const secret of [
    code,
    tokens.access_token,
    tokens.id_token,
    site.client_secret ?? '',
    '9991001026',
    '+989070000102',
    '09070000102',
    'فرهمند',
    'منوچهر',
    '1998-09-29',
    '1377/07/07',
  ]) {
    expect([secret, text.includes(secret)]).toEqual([secret, false]);
  }
  expect(firstFault(entries)).toBeUndefined();
  const forged = entries.map((entry: Answered, index: number) =>
    index === 3 ? { ...entry, data: { ...entry.data, step: 'forged' } } : entry,
  );
  const nameOf = ({ seq, chain }: Answered) => `entry ${seq} of chain ${chain}`;
  expect(firstFault(forged)).toBe(`${nameOf(entries[3])} was changed after it was written`);
  expect(firstFault(entries.filter((_: Answered, index: number) => index !== 3))).toBe(
    `${nameOf(entries[4])} does not follow entry ${entries[2].seq}: one was taken out, put in or moved`,
  );
});

test('draws people whom nobody drew before, who can go through a journey', async () => {
  const emta = await freshEmta();
  const draw = async (body: object) => (await emta.control('post', '/citizens/draw', body as Answered)).citizens;
  const [one, two] = [await draw({ count: 3 }), await draw({ count: 3 })];
  const codes = [...one, ...two].map(({ national_code }: Answered) => national_code);
  expect(new Set(codes).size).toBe(6);
  const [person] = one;
  expect(person).toMatchObject({
    mobile: expect.stringMatching(/^\+989\d{9}$/),
    birth_date: { iso: expect.any(String), jalali: expect.stringMatching(/^1[34]\d\d\/\d\d\/\d\d$/) },
    sub: expect.stringMatching(/^[\w-]{22}$/),
  });
  const visitor = visitorOf(emta, 'plain-man');
  const captcha = await visitor.giveMobile(await visitor.begin(), person.mobile);
  const verification = await visitor.solve(captcha);
  const { code } = await emta.control('get', `/journeys/${uidOf(verification)}`);
  const [birth_year, birth_month, birth_day] = person.birth_date.jalali.split('/');
  const consent = await visitor.verify(verification, {
    code,
    national_code: person.national_code,
    birth_year,
    birth_month,
    birth_day,
  });
  const { body } = await redeem(emta, returned(await visitor.decide(consent)).code ?? '');
  const { body: told } = await ask(emta, userinfo, body.access_token);
  expect(told).toMatchObject({ sub: person.sub, national_code: person.national_code, phone_number: person.mobile });
  const [young] = await draw({ count: 1, born_on: '2015-03-21', min_age: 0 });
  expect(young.birth_date).toEqual({ iso: '2015-03-21', jalali: '1394/01/01' });
});

test('draws the same people from the same seed', async () => {
  const codes = async () => {
    const emta = await freshEmta();
    const { citizens } = await emta.control('post', '/citizens/draw', { count: 4, seed: 'a' });
    return citizens.map(({ national_code }: Answered) => national_code);
  };
  expect(await codes()).toEqual(await codes());
});

test('adds a person with a line and a fixed code, whom the pages know at once', async () => {
  const emta = await freshEmta();
  await emta.control('post', '/citizens', {
    citizens: [
      {
        national_code: '9996543218',
        given_name: 'مهتاب',
        family_name: 'نمونه',
        birth_date: { iso: '1990-11-08' },
        gender: 'female',
      },
    ],
    lines: [{ mobile: '09070000900', owner: '9996543218', fixed_code: '24680' }],
  });
  const visitor = visitorOf(emta, 'plain-man');
  const verification = await visitor.solve(await visitor.giveMobile(await visitor.begin(), '09070000900'));
  const consent = await visitor.verify(verification, {
    code: '24680',
    national_code: '9996543218',
    birth_year: '1369',
    birth_month: '8',
    birth_day: '17',
  });
  expect(consent.page).toBe('consent');
  expect((await emta.control('get', '/citizens?find=مهتاب')).citizens).toMatchObject([{ national_code: '9996543218' }]);
});

test('takes the messages of a site that has no gateway of its own, and finds the code in them', async () => {
  const emta = await freshEmta();
  const sent = await emta.control('post', '/messages', { to: '0907 000 0101', text: 'کد اعتبارسنجی: 48213' });
  expect(sent).toMatchObject({ to: '+989070000101', from: 'relying-party', code: '48213', status: 'delivered' });
  await emta.control('post', '/messages', { to: '09070000101', text: 'سلام', from: 'shop' });
  const { messages } = await emta.control('get', '/messages?mobile=09070000101');
  expect(messages).toMatchObject([{ code: '48213' }, { from: 'shop', text: 'سلام' }]);
  const after = await emta.control('get', `/messages?mobile=09070000101&after=${messages[0].position}`);
  expect(after.messages).toHaveLength(1);
});

test('puts the clock forward for everybody', async () => {
  const emta = await freshEmta();
  const { now } = await emta.control('get', '/clock');
  const visitor = visitorOf(emta, 'plain-man');
  const screen = await visitor.walk('verification');
  const { now: later } = await emta.control('post', '/clock', { advance_seconds: 600 });
  expect(Date.parse(later) - Date.parse(now)).toBe(600_000);
  expect((await visitor.browser.open(screen.url)).status).toBe(410);
});
