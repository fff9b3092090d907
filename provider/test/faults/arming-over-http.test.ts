import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { differences, type Lab, openLab } from './lab.ts';
import { call } from './machine-call.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const her = () => ({ mobile: lab.persona('married-woman').typed.mobile });
const wrongIssuer = '"https://another-issuer.invalid"';

test('refuses an unknown fault, and names the nearest', async () => {
  const got = await call(`${lab.issuer}/_emta/v1/armed`, { json: { fault: 'id_token.nonce_wrogn', ...her() } });
  expect(got).toMatchObject({ kind: 'answered', status: 400 });
  const { error, message } = JSON.parse(got.kind === 'answered' ? got.body : '');
  expect([error, message]).toEqual([
    'unknown_fault',
    'unknown fault "id_token.nonce_wrogn", did you mean "id_token.nonce_wrong"?',
  ]);
});

test.each([
  [
    'an unknown parameter',
    { fault: 'token.type', parameters: { token_type: 'mac', kind: 'x' } },
    'unknown parameter "kind", known are: token_type',
  ],
  ['a missing parameter', { fault: 'token.type' }, 'missing parameter "token_type"'],
  [
    'a fault armed too narrowly',
    { fault: 'discovery.plain_only' },
    'expected it to be armed for the issuer, got mobile',
  ],
  ['no uses', { fault: 'token.reset', uses: 0 }, '"/uses" must be >= 1'],
])('refuses %s', async (_name, order, words) => {
  const got = await call(`${lab.issuer}/_emta/v1/armed`, { json: { ...order, ...her() } });
  expect(got).toMatchObject({ kind: 'answered', status: 400 });
  expect(got.kind === 'answered' && got.body).toContain(JSON.stringify(words).slice(1, -1));
});

test('touches one of two citizens who sign in side by side', async () => {
  const sound = [await lab.login(), await lab.login({ as: 'plain-man' })] as const;
  const armed = await lab.arm('id_token.iss_other', her());
  const [she, he] = await Promise.all([lab.login(), lab.login({ as: 'plain-man' })]);
  expect(differences(sound[0], she)).toEqual(['id_token iss']);
  expect(differences(sound[1], he)).toEqual([]);
  expect(await armed.delivered()).toBe(1);
  const { exchanges } = await lab.control('GET', `/exchanges?journey=${he.journey}`);
  expect(exchanges.flatMap(({ delivered }: { delivered: string[] }) => delivered)).toEqual([]);
  await armed.disarm();
});

test('touches one of two clients of the same citizen', async () => {
  const sound = await lab.login({ client: 'other-shop' });
  const armed = await lab.arm('id_token.iss_other', { client_id: 'shop' });
  expect((await lab.login()).seen.get('id_token iss')).toBe(wrongIssuer);
  expect(differences(sound, await lab.login({ client: 'other-shop' }))).toEqual([]);
  await armed.disarm();
});

test('touches everybody when it is armed for the issuer', async () => {
  const armed = await lab.arm('id_token.iss_other', { issuer: true });
  const logins = [await lab.login(), await lab.login({ as: 'plain-man', client: 'other-shop' })];
  expect(logins.map(({ seen }) => seen.get('id_token iss'))).toEqual([wrongIssuer, wrongIssuer]);
  expect(await armed.delivered()).toBe(2);
  await armed.disarm();
});

test.each(['sms.wording', 'register.not_owner', 'consent.mobile_withheld'])(
  '%s is performed for a client and for the issuer too',
  async (fault) => {
    const more = fault === 'sms.wording' ? { parameters: { variant: 'plain' } } : {};
    const sound = await lab.login({ client: 'other-shop' });
    for (const target of [{ client_id: 'shop' }, { issuer: true }] as const) {
      const armed = await lab.arm(fault, target, more);
      await lab.login();
      const other = differences(sound, await lab.login({ client: 'other-shop' }));
      expect(other.length > 0).toBe('issuer' in target);
      expect(await armed.delivered()).toBe('issuer' in target ? 2 : 1);
      await armed.disarm();
    }
  },
);

test('is delivered as often as its uses say, and a login counts once', async () => {
  const armed = await lab.arm('claims.phone_other', her(), { uses: 2, parameters: { mobile: '+989070000102' } });
  const numbers: unknown[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { seen } = await lab.login();
    numbers.push([seen.get('userinfo phone_number'), seen.get('mobile primaryMobileNumber')]);
  }
  const other = ['"+989070000102"', '{"mobileNumber":"+989070000102"}'];
  const own = [`"${her().mobile}"`, `{"mobileNumber":"${her().mobile}"}`];
  expect(numbers).toEqual([other, other, own]);
  expect(await armed.delivered()).toBe(2);
  await armed.disarm();
});

test('an SMS is one use each, so that the code sent again arrives', async () => {
  const armed = await lab.arm('sms.lost', her(), { uses: 1 });
  const { seen } = await lab.login({ resends: true });
  expect(seen.get('sms')).toBe('lost origin_bound (older), delivered origin_bound');
  await armed.disarm();
});

test('is no longer delivered once it is disarmed', async () => {
  const sound = await lab.login();
  const armed = await lab.arm('id_token.iss_other', her());
  await armed.disarm();
  expect(differences(sound, await lab.login())).toEqual([]);
  await expect(armed.delivered()).rejects.toThrow(/404/);
});

test('two faults of one place both act, in the order in which they were armed', async () => {
  const sound = await lab.login();
  const armed = [await lab.arm('id_token.aud_array', her()), await lab.arm('id_token.nonce_missing', her())];
  expect(differences(sound, await lab.login())).toEqual(['id_token aud', 'id_token nonce']);
  expect(await Promise.all(armed.map((one) => one.delivered()))).toEqual([1, 1]);
  await lab.control('DELETE', '/armed');
  expect(differences(sound, await lab.login())).toEqual([]);
});

test('times in tokens keep to the clock of those who check them, however far Emta’s was put forward', async () => {
  const armed = await lab.arm('id_token.expired', her());
  await lab.control('POST', '/clock', { advance_seconds: 86_400 });
  expect((await lab.login()).seen.get('id_token exp')).toBe('now -20');
  await armed.disarm();
});

test('a late SMS arrives by Emta’s clock', async () => {
  const armed = await lab.arm('sms.late', her(), { uses: 1 });
  const texts = async () => {
    const { messages } = await lab.control('GET', `/messages?mobile=${encodeURIComponent(her().mobile)}`);
    return messages.length;
  };
  const before = await texts();
  await lab.login();
  expect(await texts()).toBe(before);
  await lab.control('POST', '/clock', { advance_seconds: 180 });
  expect(await texts()).toBe(before + 1);
  await armed.disarm();
});

test('a client that is to get no iss gets none when it is refused at once either', async () => {
  const registered = await lab.control('GET', '/clients/other-shop');
  await lab.control('PUT', '/clients/quiet-shop', {
    ...registered,
    client_id: 'quiet-shop',
    emta_iss_parameter: false,
  });
  const armed = await lab.arm('authorization.refused_at_once', { client_id: 'quiet-shop' });
  const { returned } = await lab.login({ client: 'quiet-shop' });
  expect([...(returned?.searchParams.keys() ?? [])].sort()).toEqual(['error', 'shop', 'state']);
  await armed.disarm();
});

test('an answer by POST is tampered with like one by redirect', async () => {
  const byPost = { params: { response_mode: 'form_post' } };
  const sound = await lab.login(byPost);
  expect(sound.seen.get('callback mode')).toBe('form_post');
  for (const fault of [
    'authorization.state_twice',
    'authorization.neither_code_nor_error',
    'authorization.iss_other',
  ]) {
    const armed = await lab.arm(fault, her());
    const [name] = differences(sound, await lab.login(byPost));
    expect(name).toMatch(/^callback (state|code|iss)$/);
    await armed.disarm();
  }
  const armed = await lab.arm('authorization.refused_at_once', { client_id: 'shop' });
  const { seen } = await lab.login(byPost);
  expect([seen.get('callback mode'), seen.get('callback error'), seen.get('callback state')]).toEqual([
    'form_post',
    'access_denied',
    '(own state)',
  ]);
  await armed.disarm();
});

test('a connection that is cut stands in the record without an answer', async () => {
  const armed = await lab.arm('token.reset', her());
  const { journey } = await lab.login();
  const { exchanges } = await lab.control('GET', `/exchanges?journey=${journey}`);
  expect(exchanges.at(-1)).toMatchObject({
    endpoint: 'token',
    response: { status: 0, body: null },
    delivered: ['token.reset'],
  });
  await armed.disarm();
});
