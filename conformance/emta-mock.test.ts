import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Emta, startEmta } from './emta-mock.ts';

const execute = promisify(execFile);
const redirectUri = 'http://127.0.0.1:8080/cb';
const client = { client_id: 'shop', client_secret: 'made-up', client_name: 'فروشگاه', redirect_uris: [redirectUri] };

let emta: Emta;
beforeAll(async () => {
  emta = await startEmta({ port: 0, population: 1000, clients: [client] });
});
afterAll(() => emta.close());

function authorizationUrl(issuer = emta.issuer): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: 'openid user:identity:general user:primaryMobileNumber',
    state: 'the-state',
    nonce: 'the-nonce',
  });
  return `${issuer}/oauth/authorize?${query}`;
}

const answerOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

test('an option that nobody would read is refused by name', async () => {
  const options = { port: 0, captcha: 'abc234' }; // no literal where it is handed over, so no compiler says a word
  await expect(startEmta(options)).rejects.toMatchObject({
    code: 'bad_option',
    message: 'expected "captcha" in "rules", got it beside them',
  });
});

test('a log level that there is not is refused with those there are', async () => {
  const options: object = { port: 0, logLevel: 'loud' };
  await expect(startEmta(options)).rejects.toMatchObject({
    code: 'bad_option',
    message: 'expected "logLevel" to be one of silent, error, warn, info, debug, got "loud"',
  });
});

describe('walk', () => {
  test('brings a code back for somebody who grants', async () => {
    const back = await emta.walk(authorizationUrl(), { as: emta.persona('married-woman') });
    expect(back.startsWith(`${redirectUri}?`)).toBe(true);
    expect(answerOf(back)).toEqual({ code: expect.stringMatching(/^.{20,}$/), state: 'the-state', iss: emta.issuer });
  });

  test('brings access_denied back for somebody who refuses', async () => {
    const back = await emta.walk(authorizationUrl(), { as: emta.persona('plain-man'), consent: 'refuse' });
    expect(answerOf(back)).toMatchObject({ error: 'access_denied', state: 'the-state' });
    expect(answerOf(back).error_description).toMatch(/^consent_refused/);
  });

  test('leaves from the page that says the number is somebody else’s', async () => {
    const back = await emta.walk(authorizationUrl(), { as: emta.persona('not-owner') });
    expect(answerOf(back).error_description).toMatch(/^mobile_ownership_mismatch/);
  });

  test('says where it ended when Emta does not send the browser back', async () => {
    const url = authorizationUrl().replace('client_id=shop', 'client_id=nobody');
    await expect(emta.walk(url, { as: emta.persona('married-woman') })).rejects.toMatchObject({
      code: 'bad_walk',
      message: expect.stringContaining('400'),
    });
  });
});

test('an armed fault is delivered and counted', async () => {
  const person = emta.persona('born-before-1368');
  const fault = await emta.arm('authorization.state_missing', { mobile: person.mobile });
  const back = await emta.walk(authorizationUrl(), { as: person });
  expect(answerOf(back)).not.toHaveProperty('state');
  expect(await fault.delivered()).toBe(1);
  await fault.disarm();
  expect(answerOf(await emta.walk(authorizationUrl(), { as: person }))).toHaveProperty('state');
});

test('an unknown fault or persona is refused by name', async () => {
  await expect(emta.arm('id_token.nonce_worng', { issuer: true })).rejects.toMatchObject({
    message: expect.stringContaining('did you mean "id_token.nonce_wrong"?'),
  });
  // A misspelt id from JavaScript, which no compiler saw.
  expect(() => emta.persona('maried-woman' as 'married-woman')).toThrow(
    /expected the id of a persona, got "maried-woman"/,
  );
});

test('the outbox waits for a code, and says so when none comes', async () => {
  const [person] = await emta.draw(1, { seed: 'outbox' });
  if (!person) throw new Error('nobody was drawn');
  await expect(emta.outbox.code(person.mobile, { waitMilliseconds: 0 })).rejects.toMatchObject({ code: 'no_message' });
  const [code] = await Promise.all([
    emta.outbox.code(person.mobile),
    emta.walk(authorizationUrl(), { as: person, consent: 'refuse' }),
  ]);
  expect(code).toMatch(/^[0-9]{5}$/);
});

test('a namespace is an Emta of its own under the same port', async () => {
  const job = await emta.namespace('job-7');
  const back = await job.walk(authorizationUrl(job.issuer), { as: job.persona('leap-day') });
  expect(answerOf(back).iss).toBe(`${emta.issuer}/t/job-7`);
  expect(await job.outbox.messages(job.persona('leap-day').mobile)).toHaveLength(1);
  expect(await emta.outbox.messages(emta.persona('leap-day').mobile)).toEqual([]);
  await job.close();
});

test('a new signing key is published, used and withdrawn, phase by phase', async () => {
  const ids = async () => (await emta.keys.published()).map(({ kid }) => kid);
  const [old] = await ids();
  const published = await emta.keys.rotate('publish', { key: 'spring' });
  const both = await ids();
  expect(both).toEqual([old, expect.any(String)]);
  const used = await emta.keys.rotate('use', { key: 'spring' });
  expect(await ids()).toEqual(both);
  await published.disarm();
  expect(await ids()).toEqual(both);
  await used.disarm();
  const withdrawn = await emta.keys.rotate('withdraw', { key: 'spring' });
  expect(await ids()).toEqual([old]);
  await withdrawn.disarm();
});

test('the journal tells what went over the wire', async () => {
  const exchanges = await emta.journal.exchanges({ client_id: 'shop' });
  expect(new Set(exchanges.map(({ endpoint }) => endpoint))).toEqual(new Set(['authorize', 'resume']));
});

describe('in a program of its own', () => {
  /** Runs the built package there: asks for a token by the method that is not registered, and answers what was written. */
  async function refusedBy(options: string): Promise<string> {
    const program = `
      import { startEmta } from 'emta-mock';
      const client = { client_id: 'shop', client_secret: 's', redirect_uris: ['http://127.0.0.1:8080/cb'] };
      const emta = await startEmta({ port: 0, clients: [client], ${options} });
      const query = new URLSearchParams({ response_type: 'code', client_id: 'shop', redirect_uri: client.redirect_uris[0],
        state: 'x', scope: 'user:identity:general' });
      const back = await emta.walk(emta.issuer + '/oauth/authorize?' + query, { as: emta.persona('married-woman') });
      const code = new URL(back).searchParams.get('code');
      const headers = { authorization: 'Basic ' + btoa('shop:s') };
      const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: client.redirect_uris[0] });
      await fetch(emta.issuer + '/service/v1/oauth/token', { method: 'POST', headers, body });
      await emta.close();`;
    const { stderr } = await execute(process.execPath, ['--input-type=module', '--eval', program]);
    return stderr;
  }

  test('nothing is written', async () => expect(await refusedBy('')).toBe(''));

  test('with a log level a refusal is explained, with the method that is registered and the one that came', async () => {
    const [line = ''] = (await refusedBy("logLevel: 'warn'")).split('\n');
    expect(JSON.parse(line)).toMatchObject({
      expected: ['the one method that is registered for the client', 'client_secret_post'],
      received: ['client_secret_basic'],
      msg: 'The client authenticates in another way than registered',
    });
  });
});
