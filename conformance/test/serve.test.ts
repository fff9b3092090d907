import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCommandLine } from '../cli.ts';
import type { Io } from '../commands/io.ts';
import { freePort } from '../driver/launch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emta-serve-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Running {
  /** Settles once the text stands in what was printed. */
  readonly says: (part: string) => Promise<string>;
  /** Like Ctrl-C; answers the exit code. */
  readonly stop: () => Promise<number>;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  let said = '';
  let listen = () => {};
  const take = (text: string) => {
    said += text;
    listen();
  };
  let stop = () => {};
  const io: Io = {
    out: take,
    err: take,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    colours: { out: false, err: false },
    now: () => 0,
    home: folder,
    controlToken: undefined,
    env,
    folder,
    stopped: new Promise((settle) => {
      stop = settle;
    }),
    pause: async () => {},
  };
  const ended = runCommandLine(args, io);
  return {
    says: (part) =>
      new Promise((settle, fail) => {
        listen = () => {
          if (said.includes(part)) settle(said);
        };
        listen();
        void ended.then((code) => fail(new Error(`expected "${part}", got exit code ${code} and\n${said}`)));
      }),
    async stop() {
      stop();
      return ended;
    },
  };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let said = '';
  const running = start(args, env);
  const code = await running.stop();
  said = await running.says('').catch((error: Error) => error.message);
  return { code, said };
}

const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
const issuerIn = (said: string): string => /http:\/\/localhost:\d+/.exec(said)?.[0] ?? '';

async function control(issuer: string, path: string): Promise<unknown> {
  return (await fetch(`${issuer}/_emta/v1${path}`)).json();
}

describe('emta serve', () => {
  test('says where it is once a login would work, and stops with 0', async () => {
    const emta = start(['serve', '--port', '0', '--log-level', 'silent']);
    const said = await emta.says('born 1369/8/17');
    const issuer = issuerIn(said);
    expect(said.split('\n')[0]).toBe(`emta: ready at ${issuer}`);
    expect(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()).toMatchObject({ issuer });
    expect(await emta.stop()).toBe(0);
    await expect(fetch(issuer)).rejects.toThrow();
  });

  test('says it to programs in one line of JSON', async () => {
    const emta = start(['serve', '--port', '0', '--json']);
    expect(JSON.parse(await emta.says('\n'))).toMatchObject({ ready: true, issuer: expect.stringMatching(/^http/) });
    expect(await emta.stop()).toBe(0);
  });

  test('takes flags before variables before the file, and says where each came from', async () => {
    file('emta.config.ts', 'const port: number = 4001;\nexport default { port, codeTtl: 60, codeLength: 6 };\n');
    const env = { EMTA_CODE_TTL: '70', EMTA_CODE_LENGTH: '7', EMTA_CONTROL_TOKEN: 'hidden' };
    const { said } = await run(['serve', '--print-config', '--code-length', '8'], env);
    expect(said).toMatch(/^port +4001 {2}\(emta\.config\.ts\)$/m);
    expect(said).toMatch(/^codeTtl +70 {2}\(EMTA_CODE_TTL\)$/m);
    expect(said).toMatch(/^codeLength +8 {2}\(--code-length\)$/m);
    expect(said).toMatch(/^host +"127\.0\.0\.1" {2}\(default\)$/m);
    expect(said).not.toContain('hidden');
  });

  test.each([
    ['emta.config.json', '{ "port": 4001 }'],
    ['emta.config.js', 'export default { port: 4001 };'],
    ['emta.config.mjs', "import { basename } from 'node:path';\nexport default { port: Number(basename('/a/4001')) };"],
    ['emta.config.ts', "import { basename } from 'node:path';\nexport default { port: Number(basename('/a/4001')) };"],
  ])('reads %s', async (name, text) => {
    file(name, text);
    expect((await run(['serve', '--print-config'])).said).toMatch(/^port +4001 /m);
  });

  test('reads the file that EMTA_CONFIG or --config names', async () => {
    file('one.json', '{ "port": 4001 }');
    file('two.json', '{ "port": 4002 }');
    expect((await run(['serve', '--print-config'], { EMTA_CONFIG: 'one.json' })).said).toMatch(/^port +4001 /m);
    const both = await run(['serve', '--print-config', '--config', 'two.json'], { EMTA_CONFIG: 'one.json' });
    expect(both.said).toMatch(/^port +4002 /m);
  });

  test.each([
    ['emta.config.json', '{ "port": 1, }', 'emta.config.json:1:12: expected a member after ",", got "}"'],
    [
      'emta.config.json',
      '{ "port": 1,\n  "port": 2 }',
      'emta.config.json:2:3: member "port" stands twice in one object',
    ],
    ['emta.config.json', '{ "prot": 1 }', 'unknown member of emta.config.json "prot", did you mean "port"?'],
    ['emta.config.json', '[]', 'expected emta.config.json to hold an object, got []'],
    ['emta.config.ts', 'export default { port: ', 'emta.config.ts cannot be loaded: Expression expected'],
    ['emta.config.ts', 'export default { port: nothing };', 'emta.config.ts cannot be loaded: nothing is not defined'],
  ])('refuses %s with %j in words', async (name, text, message) => {
    file(name, text);
    const { code, said } = await run(['serve', '--port', '0']);
    expect(code).toBe(2);
    expect(said).toContain(`emta: ${message}`);
    expect(said).not.toMatch(/^\s+at /m);
  });

  test('refuses a port in use, and leaves nothing behind when it refuses later', async () => {
    const port = await freePort();
    file('emta.config.json', '{ "faults": [{ "fault": "id_token.nonce_wron", "mobile": "09070000101" }] }');
    const refused = await run(['serve', '--port', String(port)]);
    expect(refused.code).toBe(2);
    expect(refused.said).toContain('emta: unknown fault "id_token.nonce_wron", did you mean "id_token.nonce_wrong"?');
    file('emta.config.json', '{}');
    const emta = start(['serve', '--port', String(port)]);
    await emta.says('ready');
    const second = await run(['serve', '--port', String(port)]);
    expect(second.code).toBe(2);
    expect(second.said).toContain(`emta: expected "port" to be free, got ${port}, which is in use`);
    await emta.stop();
  });

  test('refuses more workers than the store can serve, once and before it starts them', async () => {
    const { code, said } = await run(['serve', '--workers', '2']);
    expect(code).toBe(2);
    expect(said.match(/expected "store" to be a Redis address/g)).toHaveLength(1);
  });

  test('takes over people, clients and faults when the file changes, and nothing of a file with a mistake', async () => {
    const client = { client_id: 'shop', client_secret: 'made-up', redirect_uris: ['http://127.0.0.1:8080/cb'] };
    file('emta.config.json', '{}');
    const emta = start(['serve', '--port', '0']);
    const issuer = issuerIn(await emta.says('ready'));
    file('emta.config.json', '{ "clients": [{ "client_id": "broken" }] }');
    expect(await emta.says('was not taken over')).toContain('expected a member "redirect_uris", got none');
    const faults = [{ fault: 'token.slow', client_id: 'shop' }];
    file('emta.config.json', JSON.stringify({ clients: [client], faults }));
    await emta.says('took over emta.config.json');
    const ids = (await control(issuer, '/clients')) as { readonly clients: readonly { readonly client_id: string }[] };
    expect(ids.clients.map((one) => one.client_id)).toEqual(['shop']);
    expect(await control(issuer, '/armed')).toMatchObject({ armed: [{ fault: 'token.slow', client_id: 'shop' }] });
    await emta.stop();
  });

  test('forgets a client that is taken out of the file, and keeps what came by other ways', async () => {
    const client = (client_id: string) => ({ client_id, redirect_uris: ['http://127.0.0.1:8080/cb'] });
    const write = (...ids: readonly string[]) => file('emta.config.json', JSON.stringify({ clients: ids.map(client) }));
    write('kept', 'changed', 'taken-out');
    const emta = start(['serve', '--port', '0']);
    const issuer = issuerIn(await emta.says('ready'));
    const put = (one: object) =>
      fetch(`${issuer}/_emta/v1/clients`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(one),
      });
    await put({ ...client('changed'), client_name: 'Changed in the console' });
    await put(client('added'));
    write('kept');
    await emta.says('took over emta.config.json');
    const { clients } = (await control(issuer, '/clients')) as {
      readonly clients: readonly { readonly client_id: string }[];
    };
    expect(clients.map(({ client_id }) => client_id).sort()).toEqual(['added', 'changed', 'kept']);
    await emta.stop();
  });

  test('forgets people that are taken out of the file, and keeps what came by other ways', async () => {
    const person = (national_code: string, given_name: string) => ({
      ...{ national_code, given_name, family_name: 'نمونه' },
      ...{ birth_date: '1369/08/17', gender: 'female' },
    });
    const write = (...citizens: readonly object[]) => file('emta.config.json', JSON.stringify({ citizens }));
    const nameOf = async (code: string) => {
      const answer = await fetch(`${issuer}/_emta/v1/citizens/${code}`);
      return ((await answer.json()) as { readonly given_name?: string }).given_name;
    };
    const [kept, changed, takenOut, rewritten] = ['9991004017', '9991004025', '9991004033', '9991004041'];
    write(person(kept, 'نگین'), person(changed, 'آذر'), person(takenOut, 'بهمن'), person(rewritten, 'دی'));
    const emta = start(['serve', '--port', '0']);
    const issuer = issuerIn(await emta.says('ready'));
    const before = await nameOf(takenOut);
    for (const code of [changed, rewritten]) {
      await fetch(`${issuer}/_emta/v1/citizens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ citizens: [person(code, 'اسفند')] }),
      });
    }
    write(person(kept, 'نگین'), person(changed, 'آذر'), person(rewritten, 'خرداد'));
    await emta.says('took over emta.config.json');
    expect([before, await nameOf(takenOut)]).toEqual(['بهمن', undefined]);
    expect([await nameOf(kept), await nameOf(changed), await nameOf(rewritten)]).toEqual(['نگین', 'اسفند', 'خرداد']);
    await emta.stop();
  });
});

describe('commands for a running Emta', () => {
  let emta: Running;
  let env: Readonly<Record<string, string>>;
  beforeEach(async () => {
    emta = start(['serve', '--port', '0']);
    env = { EMTA_URL: issuerIn(await emta.says('ready')) };
  });
  afterEach(() => emta.stop());

  test('finds it by EMTA_URL', async () => {
    expect((await run(['citizens', '--find', '9991001018'], env)).said).toContain('1369/08/17');
    expect((await run(['citizens'], { EMTA_URL: 'http://127.0.0.1:9' })).said).toContain(
      'expected Emta at http://127.0.0.1:9, got ECONNREFUSED',
    );
  });

  test('arms a fault, shows it, and takes it back', async () => {
    expect((await run(['faults', '--find', 'nonce_wrong'], env)).said).toContain('id_token.nonce_wrong');
    const slow = [
      'arm',
      'token.slow',
      '--mobile',
      '09070000101',
      '--uses',
      '2',
      '--parameter',
      'milliseconds=4000',
      '--json',
    ];
    const { code, said } = await run(slow, env);
    expect(code).toBe(0);
    expect(said).toContain('"parameters":{"milliseconds":4000}');
    const { id } = JSON.parse(/\{.*\}/.exec(said)?.[0] ?? '{}');
    expect((await run(['faults', '--armed'], env)).said).toContain(
      `${id}  token.slow  for +989070000101  delivered 0 of 2`,
    );
    expect((await run(['disarm', id], env)).said).toContain(`disarmed ${id}`);
    expect((await run(['faults', '--armed'], env)).said).not.toContain('token.slow');
    await run(['arm', 'token.slow', '--issuer'], env);
    expect((await run(['disarm', '--all'], env)).said).toContain('disarmed all');
    expect((await run(['faults', '--armed'], env)).said).not.toContain('token.slow');
  });

  test.each([
    [['arm', 'token.slo', '--issuer'], 'unknown fault "token.slo", did you mean "token.slow"?'],
    [['arm', 'token.slow'], 'expected one of --mobile, --client and --issuer'],
    [['arm', 'token.slow', '--issuer', '--mobile', '09070000101'], 'expected one of --mobile, --client and --issuer'],
    [['arm', 'token.slow', '--mobile', '12'], 'expected "mobile" to be an Iranian mobile number, got "12"'],
    [
      ['arm', 'token.slow', '--issuer', '--parameter', '4'],
      'expected "--parameter" to be like milliseconds=4000, got "4"',
    ],
    [['disarm'], 'expected the id of an armed fault, or --all'],
    [['disarm', 'nothing'], 'got 404'],
  ])('refuses %j', async (args, message) => {
    const { code, said } = await run(args, env);
    expect(said).toContain(message);
    expect(code).toBe(2);
  });

  test('finds no fault for a text that stands nowhere', async () => {
    expect(await run(['faults', '--find', 'zzz'], env)).toMatchObject({ code: 1 });
  });
});
