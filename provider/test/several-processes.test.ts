import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { firstFault } from '../../conformance/commands/journal.ts';
import { seededRandom, systemRandom } from '../kernel/random.ts';
import { createRedisStore, type RedisStore } from '../store/redis.ts';
import { exchange } from './browser.ts';
import { type Answered, callback, freshEmta, site, type TestEmta } from './fresh-emta.ts';
import { type Front, openFront } from './front.ts';
import { describeWithRedis, type RedisServer, startRedis, until } from './redis-server.ts';
import { errorsOf, say, wordsOf } from './say.ts';
import { journeyOf, visitorOf } from './visitor.ts';

/** Two Emtas that share nothing but Redis, behind a front that takes turns: the same as two processes. */
describeWithRedis('two processes with one Redis', () => {
  let redis: RedisServer;
  let front: Front;
  let one: TestEmta;
  let other: TestEmta;
  /** Asks one process, past the front. */
  let ports: readonly [number, number];

  beforeAll(async () => {
    redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  });
  afterAll(async () => {
    await redis.dispose();
  });

  beforeEach(async () => {
    front = await openFront();
    const prefix = `${systemRandom.id()}:`;
    const opened = await Promise.all([open(prefix, 'one'), open(prefix, 'other')]);
    [one, other] = [opened[0].emta, opened[1].emta];
    ports = [opened[0].port, opened[1].port];
    front.ports.push(...ports);
  });
  afterEach(async () => {
    await front.close();
  });

  async function open(prefix: string, name: string): Promise<{ emta: TestEmta; port: number; store: RedisStore }> {
    const store = await createRedisStore(redis.url, { prefix });
    const emta = await freshEmta({ store, issuer: front.issuer, random: seededRandom(`${prefix}${name}`) });
    return { emta, port: emta.port, store };
  }

  const at = (index: 0 | 1, path: string) => `http://127.0.0.1:${ports[index]}${path}`;

  async function redeem(code: string, index: 0 | 1) {
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: callback,
      client_id: site.client_id,
      client_secret: site.client_secret ?? '',
    };
    const { status, body } = await exchange(at(index, '/service/v1/oauth/token'), form, { Accept: 'application/json' });
    return { status, body: JSON.parse(body.toString()) };
  }

  async function codeOf(emta: TestEmta): Promise<string> {
    const { left } = await visitorOf(emta, 'married-woman').walk('end');
    return left?.searchParams.get('code') ?? '';
  }

  const bearer = (token: string) => ({ Authorization: `Bearer ${token}`, Accept: 'application/json' });
  const both = [0, 1] as const;

  test('a journey goes on wherever its next request arrives, and its record can be read at each', async () => {
    const answer = await redeem(await codeOf(one), 1);
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    for (const index of both) {
      const identity = await exchange(
        at(index, '/service/v1/user/identity/general'),
        undefined,
        bearer(answer.body.access_token),
      );
      expect(JSON.parse(identity.body.toString())).toMatchObject({ nationalCode: '9991001018' });
    }
    const { exchanges } = await one.control('get', `/exchanges?client_id=${site.client_id}`);
    expect(exchanges.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual([
      'authorize',
      'resume',
      'token',
      'identity',
      'identity',
    ]);
    const { entries } = await other.control('get', '/journal');
    expect(new Set(entries.map(({ chain }: { chain: string }) => chain)).size).toBe(2);
    expect(firstFault(entries)).toBeUndefined();
  });

  test('of two redemptions of one code at the same time one passes at most, and then its tokens open nothing', async () => {
    const code = await codeOf(one);
    const answers = await Promise.all([redeem(code, 0), redeem(code, 1)]);
    const passed = answers.filter(({ status }) => status === 200);
    expect(passed.length).toBeLessThan(2);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(2 - passed.length);
    for (const { body } of passed) {
      for (const path of ['/service/v1/user/identity/general', '/service/v1/oauth/userinfo']) {
        expect((await exchange(at(0, path), undefined, bearer(body.access_token))).status).toBe(401);
      }
    }
  });

  test('of two answers to one interaction at the same time one makes a code', async () => {
    const visitor = visitorOf(one, 'married-woman');
    const consent = await visitor.walk('consent');
    const { path, form } = visitor.browser.formOf(consent, 'consent-grant');
    const granted = await visitor.browser.send(path, form);
    const resume = granted.headers.location ?? '';
    const cookies = await visitor.browser.cookiesFor(resume);
    const answers = await Promise.all(
      both.map((index) => exchange(at(index, new URL(resume, one.issuer).pathname), undefined, { Cookie: cookies })),
    );
    const codes = answers.filter(({ headers }) => String(headers.location ?? '').includes('code='));
    expect(codes).toHaveLength(1);
  });

  test('of two uses of one client assertion at the same time one passes', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    await one.control('put', '/clients/asserting', {
      redirect_uris: [callback],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'made-up', alg: 'ES256', use: 'sig' }] } as never,
    });
    const now = Math.floor(Date.now() / 1000);
    const assertion = await new SignJWT({ jti: systemRandom.id() })
      .setProtectedHeader({ alg: 'ES256', kid: 'made-up' })
      .setIssuer('asserting')
      .setSubject('asserting')
      .setAudience(one.issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(privateKey);
    const push = (index: 0 | 1) =>
      exchange(
        at(index, '/oauth/par'),
        {
          client_id: 'asserting',
          client_assertion: assertion,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          response_type: 'code',
          redirect_uri: callback,
          scope: 'openid',
          state: 'x',
        },
        { Accept: 'application/json' },
      );
    const answers = await Promise.all([push(0), push(1), push(0), push(1)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 401, 401, 401]);
  });

  test('what the control interface changes at one process holds at the other', async () => {
    await one.control('put', '/clients/new-shop', { client_secret: 'made-up', redirect_uris: [callback] });
    expect(await other.control('get', '/clients/new-shop')).toMatchObject({ client_id: 'new-shop' });
    const before = Date.parse((await direct(1, 'get', '/clock')).now);
    await direct(0, 'post', '/clock', { advance_seconds: 90 });
    expect(Date.parse((await direct(1, 'get', '/clock')).now) - before).toBe(90_000);
  });

  async function direct(index: 0 | 1, method: 'get' | 'post', path: string, body?: object): Promise<Answered> {
    const answer = await fetch(at(index, `/_emta/v1${path}`), {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    return answer.json();
  }

  test('a code that was sent by one process has run out at the other once the clock is put forward', async () => {
    const visitor = visitorOf(one, 'married-woman');
    const screen = await visitor.walk('verification');
    await direct(0, 'post', '/clock', { advance_seconds: 121 });
    front.ports.splice(0, 2, ports[1]);
    const after = await visitor.verify(screen);
    expect(after.$('#code-error').text()).not.toBe('');
    expect(after.page).toBe('verification');
  });

  test('a fault armed at one process for one use is delivered once between them', async () => {
    const { id } = await direct(0, 'post', '/armed', { fault: 'discovery.issuer_other', issuer: true, uses: 1 });
    const answers = await Promise.all(
      [0, 1, 0, 1].map((index) => exchange(at(index as 0 | 1, '/.well-known/openid-configuration'), undefined, {})),
    );
    const wrong = answers.filter(({ body }) => JSON.parse(body.toString()).issuer !== one.issuer);
    expect(wrong).toHaveLength(1);
    expect(await direct(1, 'get', `/armed/${id}`)).toMatchObject({ delivered: 1 });
  });

  test('tries are counted over the processes', async () => {
    const visitor = visitorOf(one, 'married-woman');
    let screen = await visitor.walk('verification');
    const left: string[] = [];
    for (let miss = 0; miss < 5; miss += 1) {
      screen = await visitor.verify(screen, { code: '00000' });
      left.push(
        wordsOf(screen).includes(say('emta.verify.tries_left', { n: 4 - miss }))
          ? `${4 - miss} left`
          : (errorsOf(screen).code ?? ''),
      );
    }
    expect(left).toEqual(['4 left', '3 left', '2 left', '1 left', say('emta.verify.code_used_up')]);
    const { code } = await journeyOf(one, screen);
    expect(errorsOf(await visitor.verify(screen, { code }))).toEqual({ code: say('emta.verify.code_used_up') });
  });

  test('messages sent through both at the same time are all there, each at a place of its own', async () => {
    await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        direct((index % 2) as 0 | 1, 'post', '/messages', { to: '09070000101', text: `number ${index}` }),
      ),
    );
    const { messages } = await direct(1, 'get', '/messages?mobile=09070000101');
    expect(new Set(messages.map(({ text }: { text: string }) => text)).size).toBe(16);
    expect(messages.map(({ position }: { position: number }) => position)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });

  test('while Redis is away each says so and when to ask again; when it is back the journey goes on where it was', async () => {
    const visitor = visitorOf(one, 'married-woman');
    const screen = await visitor.walk('verification');
    await redis.kill();
    await until('both to notice', async () => {
      const states = await Promise.all(both.map((index) => exchange(at(index, '/healthz'), undefined, {})));
      return states.every(({ status }) => status === 503);
    });
    const page = await visitor.browser.open(screen.url);
    expect(page).toMatchObject({ status: 503, page: 'error', reason: 'internal' });
    expect(page.headers['retry-after']).toBe('1');
    const api = await exchange(
      at(0, '/service/v1/oauth/token'),
      { grant_type: 'authorization_code' },
      { Accept: 'application/json' },
    );
    expect(api.status).toBe(503);
    expect(JSON.parse(api.body.toString())).toMatchObject({
      error: 'store_unavailable',
      message: 'the store cannot be reached',
    });
    await redis.restart();
    await until('both to be well', async () => {
      const states = await Promise.all(both.map((index) => exchange(at(index, '/healthz'), undefined, {})));
      return states.every(({ status }) => status === 200);
    });
    const again = await visitor.browser.open(screen.url);
    expect(again).toMatchObject({ status: 200, page: 'verification' });
    const end = await visitor.decide(await visitor.verify(again));
    expect(end.left?.searchParams.get('code')).toMatch(/^[\w-]{20,}$/);
    const { entries } = await other.control('get', '/journal');
    expect(firstFault(entries)).toBeUndefined();
  });
});
