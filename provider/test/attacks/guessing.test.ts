import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '../../kernel/random.ts';
import { createRedisStore } from '../../store/redis.ts';
import { freshEmta, type TestEmta } from '../fresh-emta.ts';
import { type Front, openFront } from '../front.ts';
import { describeWithRedis, type RedisServer, startRedis } from '../redis-server.ts';
import { errorsOf, say } from '../say.ts';
import { identityOf, journeyOf, visitorOf } from '../visitor.ts';

describe('in one process', () => {
  defineGuesses(() => freshEmta());
});

describeWithRedis('over two processes', () => {
  let redis: RedisServer;
  let front: Front;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.dispose();
  });
  beforeEach(async () => {
    front = await openFront();
  });
  afterEach(async () => {
    await front.close();
  });

  defineGuesses(async () => {
    const prefix = `${systemRandom.id()}:`;
    const open = async () =>
      freshEmta({ store: await createRedisStore(redis.url, { prefix }), issuer: front.issuer, random: systemRandom });
    const both = [await open(), await open()] as const;
    front.ports.push(...both.map(({ port }) => port));
    return both[0];
  });
});

function defineGuesses(fresh: () => Promise<TestEmta>): void {
  test('of forty guesses of one code at the same time no more are looked at than the code allows', async () => {
    const emta = await fresh();
    const visitor = visitorOf(emta, 'married-woman');
    const screen = await visitor.walk('verification');
    const { code } = await journeyOf(emta, screen);
    const wrong = Array.from({ length: 40 }, (_, index) => String(index).padStart(5, '0')).filter(
      (guess) => guess !== code,
    );
    const { path, form } = visitor.browser.formOf(screen, 'verification-submit', identityOf(visitor.person));
    await Promise.all(
      wrong.map((guess, index) =>
        // Each as a form of its own, as if every one had been typed anew.
        visitor.browser.send(path, { ...form, csrf: `${form.csrf?.split('.')[0]}.copy${index}`, code: guess }),
      ),
    );
    const { entries } = await emta.control('get', '/journal');
    const looked = entries.filter(
      ({ kind, data }: { kind: string; data: { step?: string; errors?: string[] } }) =>
        kind === 'step' && data.step === 'verification' && data.errors?.includes('emta.verify.code_wrong'),
    );
    // The fifth miss is told in other words.
    expect(looked.length).toBe(4);
    const after = await visitor.browser.open(screen.url);
    expect(errorsOf(await visitor.verify(after, { code }))).toEqual({ code: say('emta.verify.code_used_up') });
  }, 60_000);

  test('a number whose codes were used up has to wait, in every other journey too', async () => {
    const emta = await fresh();
    const visitor = visitorOf(emta, 'married-woman');
    let screen = await visitor.walk('verification');
    for (let used = 0; used < 3; used += 1) {
      for (let miss = 0; miss < 5; miss += 1)
        screen = await visitor.verify(screen, { code: wrongFor(await codeOf(emta, screen)) });
      if (used === 2) break;
      await emta.control('post', '/clock', { advance_seconds: 121 });
      screen = await visitor.browser.press(screen, 'resend');
    }
    expect(screen.reason).toBe('too_many_attempts');
    const elsewhere = visitorOf(emta, 'married-woman');
    const refused = await elsewhere.giveMobile(await elsewhere.begin());
    expect(refused.page).toBe('mobile');
    expect(errorsOf(refused).mobile).toBe(say('emta.mobile.too_often', { minutes: 10 }));
  }, 60_000);

  test('a picture is good for one guess: of twenty at the same time one is looked at', async () => {
    const emta = await fresh();
    const visitor = visitorOf(emta, 'married-woman');
    const screen = await visitor.walk('captcha');
    const { captcha } = await journeyOf(emta, screen);
    const { path, form } = visitor.browser.formOf(screen, 'captcha-continue');
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        visitor.browser.send(path, {
          ...form,
          csrf: `${form.csrf?.split('.')[0]}.copy${index}`,
          captcha: `wrong${index}`,
        }),
      ),
    );
    const after = await journeyOf(emta, screen);
    expect(after.step).toBe('captcha');
    expect(after.captcha).not.toBe(captcha);
    const old = await visitor.browser.press(await visitor.browser.open(screen.url), 'captcha-continue', { captcha });
    expect(errorsOf(old)).toEqual({ captcha: say('emta.captcha.wrong') });
    const { messages } = await emta.control('get', '/messages?mobile=09070000101');
    expect(messages).toEqual([]);
  }, 60_000);

  test('nobody can have more codes sent to a number than its share of an hour, in however many journeys', async () => {
    const emta = await fresh();
    for (let journey = 0; journey < 7; journey += 1) await visitorOf(emta, 'married-woman').walk('verification');
    const { messages } = await emta.control('get', '/messages?mobile=09070000101');
    expect(messages).toHaveLength(5);
  }, 60_000);
}

async function codeOf(emta: TestEmta, screen: { readonly url: string }): Promise<string> {
  return (await journeyOf(emta, screen)).code;
}

function wrongFor(code: string): string {
  return code === '00000' ? '11111' : '00000';
}
