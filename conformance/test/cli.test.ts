import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCommandLine, wantsColours } from '../cli.ts';
import type { Io } from '../commands/io.ts';
import { htmlReport } from '../report/html-report.ts';
import { packageReport } from '../report/package-report.ts';
import { makeReport, serializeReport } from '../report/report.ts';
import { openSigningKey, signReport } from '../report/signature.ts';
import { leastFile, madeRun } from './made-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'emta-cli-'));
const fileIn = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: readonly string[];
}

async function run(...args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  let time = 0;
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    colours: { out: false, err: false },
    now: () => time,
    home: folder,
    controlToken: undefined,
    env: {},
    folder,
    stopped: new Promise(() => {}),
    pause: async (milliseconds) => {
      time += milliseconds;
    },
  };
  const code = await runCommandLine(args, io);
  return { code, out, err: err.split('\n').filter((line) => line !== '') };
}

/** A server that answers paths from a table, as Emta's control interface or a site would. */
async function serveTable(
  table: Readonly<Record<string, (url: URL) => Answer>>,
): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const answer = table[url.pathname]?.(url) ?? { status: 404, body: { error: 'not_found', message: 'nothing here' } };
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, {
      'content-type': typeof answer.body === 'string' ? 'text/html' : 'application/json',
      ...answer.headers,
    });
    response.end(body);
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function journalEntry(seq: number, previous: string) {
  const entry = {
    chain: 'a',
    seq,
    at: '2026-02-28T10:00:00Z',
    kind: 'step',
    journey: null,
    clientId: 'shop',
    data: { step: 'mobile' },
    previous,
  };
  const { chain, at, kind, journey, clientId, data } = entry;
  const hash = createHash('sha256')
    .update(JSON.stringify([chain, seq, at, kind, journey, clientId, data, previous]))
    .digest('hex');
  const { journey: _none, ...wire } = entry;
  return { ...wire, hash, position: seq };
}
const first = journalEntry(1, '0'.repeat(64));
const entries = [first, journalEntry(2, first.hash)];

let asked = 0;
let emta = { server: createServer(), origin: '' };
let site = { server: createServer(), origin: '' };

beforeAll(async () => {
  emta = await serveTable({
    '/_emta/v1/messages': (url) => {
      asked += 1;
      const isLate = url.searchParams.get('mobile') === '09120000002' && asked < 4;
      const isKnown = url.searchParams.get('mobile') !== '09120000009' && !isLate;
      const next = { id: 'c', text: 'کد احراز امتا: 13579', code: '13579', status: 'delivered' };
      return {
        body: {
          messages: isKnown
            ? [
                { id: 'a', text: 'old', code: '11111', status: 'delivered' },
                { id: 'b', text: 'کد احراز امتا: 24680', code: '24680', status: 'delivered' },
                ...(url.searchParams.get('mobile') === '09120000003' && asked > 3 ? [next] : []),
              ]
            : [],
        },
      };
    },
    '/_emta/v1/personas': () => ({
      body: {
        personas: [
          {
            id: 'married-woman',
            mobile: '09070000101',
            national_code: '9991001018',
            birth: '1369/8/17',
            reason: 'all is well',
          },
        ],
      },
    }),
    '/_emta/v1/citizens': (url) => ({
      body: {
        citizens:
          url.searchParams.get('find') === 'nobody'
            ? []
            : [
                {
                  mobile: '+989120000001',
                  national_code: '0012345679',
                  birth_date: { jalali: '1369/08/17' },
                  given_name: 'مریم',
                  family_name: 'احمدی',
                },
              ],
      },
    }),
    '/_emta/v1/journal': (url) => ({
      body: { entries: entries.filter((entry) => entry.position > Number(url.searchParams.get('after'))) },
    }),
  });
  site = await serveTable({
    '/': () => ({
      body: '<!doctype html><title>Demo shop</title><a href="/enter">ورود</a> <a href="/account">حساب کاربری</a> <a href="/signout">خروج</a> <a href="mailto:a@b.c">x</a>',
    }),
    '/enter': () => ({
      status: 302,
      headers: {
        location:
          'http://localhost:4299/oauth/authorize?client_id=shop&response_type=code&scope=openid+user%3Aidentity%3Ageneral&redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fcb&state=x',
      },
      body: '',
    }),
    '/api/me': () => ({ status: 401, body: { error: 'anonymous' } }),
  });
});

afterAll(async () => {
  for (const { server } of [emta, site]) {
    server.closeAllConnections();
    await new Promise((settle) => server.close(settle));
  }
  rmSync(folder, { recursive: true });
});

describe('refuses, with exit code 2 and in words', () => {
  test.each([
    [
      ['certfy', 'x'],
      [
        'emta: unknown command "certfy", did you mean "certify"?',
        '      the commands are serve, certify, check-driver, verify-report, init, sms, citizens, faults, arm, disarm, journal',
      ],
    ],
    [
      ['certify', '--onyl', 'C01'],
      ['emta: unknown option "--onyl", did you mean "--only"?', '      --help tells what there is'],
    ],
    [
      ['certify', '--explain', 'Z9'],
      [
        'emta: expected the id of a row, got "Z9"',
        '      the groups are A B C D E F G H I J K L M R; `emta certify --list` prints them all',
      ],
    ],
    [
      ['certify', '--list', '--only', 'C01,C77,X1,C,C78'],
      [
        'emta: expected the id of a row, got "C77", did you mean "C07"?',
        '      expected the id of a row, got "X1"',
        '      expected the id of a row, got "C78", did you mean "C08"?',
        '      the rows of group C are C01 to C28; `emta certify --list` prints them all',
        '      the groups are A B C D E F G H I J K L M R; `emta certify --list` prints them all',
      ],
    ],
    [
      ['certify', '--profile', 'emta-strikt', 'x'],
      [
        'emta: option "--profile <name>" argument "emta-strikt" is invalid. expected one of core-must, emta-strict, audit, did you mean "emta-strict"?',
        '      --help tells what there is',
      ],
    ],
    [
      ['certify', '--run-by', 'Niloufar\nverdict certified', 'x'],
      [
        'emta: option "--run-by <name>" argument "Niloufar\\nverdict certified" is invalid. expected the name of a person or an organisation, on one line',
        '      --help tells what there is',
      ],
    ],
    [
      ['certify'],
      [
        'emta: expected the file of a relying party, got none',
        '      `emta init URL` writes a draft by looking at a running site',
      ],
    ],
    [
      ['certify', '/nowhere.json'],
      [
        'emta: expected the file of a relying party at "/nowhere.json", got nothing there',
        '      `emta init URL` writes a draft by looking at a running site',
      ],
    ],
    [
      ['sms', '0912', '--wait', '-1'],
      [
        'emta: option "--wait <seconds>" argument "-1" is invalid. expected a whole number of at least 0',
        '      --help tells what there is',
      ],
    ],
    [
      ['sms', '0912', '--emta', 'http://127.0.0.1:9'],
      [
        'emta: expected Emta at http://127.0.0.1:9, got ECONNREFUSED',
        '      start one with `npx emta serve`, or name another with --emta URL',
      ],
    ],
    [
      ['verify-report', '/nowhere.json'],
      ['emta: expected a report or a package at "/nowhere.json", got nothing that can be read there'],
    ],
    [['init', 'localhost:8080'], ['emta: expected an address like http://127.0.0.1:8080/login, got "localhost:8080"']],
    [
      ['init', 'http://127.0.0.1:9/', '--out', '-'],
      [
        'emta: expected a site at http://127.0.0.1:9/, got ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:9',
        '      start the relying party first',
      ],
    ],
    [
      ['citizens', 'extra'],
      ['emta: too many arguments for "citizens". Expected 0 arguments but got 1.', '      --help tells what there is'],
    ],
  ])('%j', async (args, err) => {
    expect(await run(...args)).toEqual({ code: 2, out: '', err });
  });

  test('a file with faults, all of them', async () => {
    const file = fileIn('faulty.json', JSON.stringify({ ...leastFile, nmae: 'x', client: { client_id: 'shop' } }));
    const { code, err } = await run('certify', file);
    expect(code).toBe(2);
    expect(err).toHaveLength(2);
    expect(err[0]).toMatch(/^emta: faulty\.json: unknown member "nmae", did you mean "name"\?/);
    expect(err[1]).toMatch(/^ {6}faulty\.json: missing member "client.redirect_uris"/);
  });

  test('a baseline that excuses a critical row', async () => {
    const file = fileIn('good.json', JSON.stringify(leastFile));
    const baseline = fileIn(
      'baseline.json',
      JSON.stringify([{ id: 'C01', until: '2999-01-01', reason: 'x', signed_by: 'y' }]),
    );
    expect(await run('certify', file, '--baseline', baseline)).toEqual({
      code: 2,
      out: '',
      err: [`emta: ${baseline}:1:2: C01 is critical, which no baseline excuses`],
    });
  });
});

test('a group of rows stands for those of the profile, a row for itself', async () => {
  const idsOf = async (...more: readonly string[]) => {
    const { out } = await run('certify', '--list', '--json', '--only', 'e,C28,B13', ...more);
    return JSON.parse(out).map(({ id }: { id: string }) => id);
  };
  const all = await idsOf();
  expect(all).toEqual(['B13', 'C28', ...all.slice(2)]);
  expect(all.slice(2).join()).toMatch(/^(E\d\d,?){13}$/);
  expect(await idsOf('--profile', 'core-must')).toHaveLength(8);
  expect(await idsOf('--only', 'D01')).toEqual([...all, 'D01'].toSorted());
});

test('what cannot be written is told before the run, all of it', async () => {
  const file = fileIn('writes.json', JSON.stringify(leastFile));
  const none = join(folder, 'none', 'r.json');
  expect(await run('certify', file, '--emta', emta.origin, '--report', none, '--html', folder)).toEqual({
    code: 2,
    out: '',
    err: [
      `emta: expected "${none}" to be a file that can be written`,
      `      expected "${none}.sig" to be a file that can be written`,
      `      expected "${folder}" to be a file that can be written`,
    ],
  });
  const key = fileIn('no.pem', 'no key');
  const { code, err } = await run('certify', file, '--report', join(folder, 'r.json'), '--key', key);
  expect([code, ...err]).toEqual([2, `emta: expected a private key in PEM at "${key}"`]);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
])('colours with %j on a terminal (%j): %j', (env, isTTY, painted) => {
  expect(wantsColours(env, { isTTY })).toBe(painted);
});

test('every command has its help, with examples and exit codes', async () => {
  const { out: help } = await run('--help');
  const commands = [...help.matchAll(/^ {2}([a-z-]+) .*(?:\[options\]|<|\[)/gm)].map(([, name = '']) => name);
  expect(commands).toHaveLength(11);
  for (const command of commands) {
    const { code, out } = await run(command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: emta ${command}`);
    expect(out).toContain(`\nExamples:\n  emta ${command}`);
    expect(out).toMatch(/\nExit codes: 0 /);
  }
});

test('lists the rows of a profile and explains one', async () => {
  const list = await run('certify', '--list', '--profile', 'core-must');
  expect(list.code).toBe(0);
  expect(list.out).toContain('\n136 rows;');
  const explained = await run('certify', '--explain', 'c08');
  expect(explained.out).toContain(
    'C08  The relying party MUST let the error win when an answer holds both an error and a code.',
  );
  expect(explained.out).toContain('applies when  always');
});

describe('asks a running Emta', () => {
  test('for the newest code', async () => {
    expect(await run('sms', '09120000001', '--emta', emta.origin)).toEqual({ code: 0, out: '24680\n', err: [] });
  });

  test('for a code that is still to come', async () => {
    asked = 0;
    expect(await run('sms', '09120000002', '--emta', emta.origin, '--wait', '30')).toEqual({
      code: 0,
      out: '24680\n',
      err: [],
    });
    expect(asked).toBe(4);
  });

  test('for the next code, and not for the one that is there', async () => {
    asked = 0;
    const ran = await run('sms', '09120000003', '--emta', emta.origin, '--new');
    expect(ran).toEqual({ code: 0, out: '13579\n', err: [] });
    expect(asked).toBe(4);
    expect(await run('sms', '09120000001', '--emta', emta.origin, '--new', '--wait', '1')).toEqual({
      code: 1,
      out: '',
      err: ['emta: expected a new message to 09120000001, got none in 1 s'],
    });
  });

  test('and says when none came', async () => {
    expect(await run('sms', '09120000009', '--emta', emta.origin, '--wait', '1')).toEqual({
      code: 1,
      out: '',
      err: ['emta: expected a message to 09120000009, got none in 1 s'],
    });
  });

  test('for personas, and for people', async () => {
    expect((await run('citizens', '--emta', emta.origin)).out).toBe(
      'married-woman  09070000101  9991001018  1369/8/17  all is well\n',
    );
    expect((await run('citizens', '--emta', emta.origin, '--find', 'احمدی')).out).toBe(
      '+989120000001  0012345679  1369/08/17  مریم احمدی\n',
    );
    expect(await run('citizens', '--emta', emta.origin, '--find', 'nobody')).toMatchObject({ code: 1, out: '' });
  });

  test('for the journal, and checks its chain', async () => {
    expect((await run('journal', '--emta', emta.origin)).out.split('\n')[0]).toBe(
      '2026-02-28T10:00:00Z  step      shop  {"step":"mobile"}',
    );
    expect((await run('journal', '--emta', emta.origin, '--verify')).out).toBe(
      `intact: 2 entries in 1 chain\nchain a: entries 1 to 2, ends with ${entries[1]?.hash}\n`,
    );
    const file = join(folder, 'journal.jsonl');
    await run('journal', '--emta', emta.origin, '--export', file);
    expect((await run('journal', '--verify', file)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    for (const [member, value] of Object.entries({ ...first, chain: 'b', seq: 3, at: '', kind: 'fault', data: {} })) {
      const changed = { ...first, [member]: value === first[member as keyof typeof first] ? `${value}0` : value };
      const altered = [changed, entries[1]].map((entry) => JSON.stringify(entry)).join('\n');
      expect((await run('journal', '--verify', fileIn('altered.jsonl', altered))).code).toBe(1);
    }
    const added = JSON.stringify({ ...first, note: 'all was well' });
    expect((await run('journal', '--verify', fileIn('added.jsonl', added))).out).toBe(
      'broken: entry 1 of chain a has a member "note", which Emta does not write\n',
    );
    const beheaded = JSON.stringify(journalEntry(1, 'f'.repeat(64)));
    expect((await run('journal', '--verify', fileIn('beheaded.jsonl', beheaded))).out).toBe(
      'broken: entry 1 of chain a names one before it, and is the first\n',
    );
    const swapped = [
      { ...first, position: 2 },
      { ...entries[1], position: 1 },
    ];
    expect(
      (await run('journal', '--verify', fileIn('swapped.jsonl', swapped.map((one) => JSON.stringify(one)).join('\n'))))
        .out,
    ).toBe('broken: entry 2 of chain a stands after one that was written later\n');
    expect(await run('journal', '--verify', fileIn('changed.jsonl', text.replace('mobile', 'consent')))).toMatchObject({
      code: 1,
      out: 'broken: entry 1 of chain a was changed after it was written\n',
    });
    const [, , ...rest] = [...text.split('\n'), JSON.stringify(journalEntry(4, '0'.repeat(64)))];
    expect(
      (await run('journal', '--verify', fileIn('cut.jsonl', [JSON.stringify(first), ...rest].join('\n')))).out,
    ).toBe('broken: entry 4 of chain a does not follow entry 1: one was taken out, put in or moved\n');
  });
});

test('writes a draft by looking at a site, and says what is seen and what is a guess', async () => {
  const file = join(folder, 'draft.json');
  const { code, err } = await run('init', site.origin, '--out', file);
  expect(code).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    name: 'Demo shop',
    version: '0.0.0',
    start_url: `${site.origin}/enter`,
    protected_url: `${site.origin}/account`,
    client: {
      client_id: 'shop',
      client_secret: expect.stringMatching(/^made-[\w-]{32}$/),
      redirect_uris: ['http://127.0.0.1:8080/cb'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid user:identity:general',
    },
    session_url: `${site.origin}/api/me`,
    logout_url: `${site.origin}/signout`,
  });
  expect(err[1]).toBe(
    `  - seen: start_url, client_id, redirect_uris, scope, by the authorization request of ${site.origin}/enter`,
  );
  expect(await run('init', site.origin, '--out', file)).toMatchObject({
    code: 2,
    err: [`emta: "${file}" exists already`, expect.any(String)],
  });
});

test('verifies a report, and says why it does not', async () => {
  const text = serializeReport(makeReport(madeRun()));
  const file = fileIn('report.json', text);
  const { key } = openSigningKey(join(folder, 'key.pem'));
  fileIn('report.json.sig', JSON.stringify(signReport(text, key)));
  const good = await run('verify-report', file);
  expect(good.code).toBe(0);
  expect(good.out).toMatch(/^unchanged since it was signed: /);
  expect(good.out).toContain(`last hash ${JSON.parse(text).footer.hash}`);
  expect(good.out).toContain('verdict    certified: Demo shop 1.4.2, core-must\n');
  expect(good.out).toContain('run        started 2026-02-28T10:00:00.000Z, ended 2026-02-28T10:00:21.000Z\n');
  expect(good.out).toContain('run by     nobody was named\n');
  const named = serializeReport(makeReport(madeRun({}, { runBy: 'موسسه ممیزی نمونه' })));
  const theirs = fileIn('named.json', named);
  fileIn('named.json.sig', JSON.stringify(signReport(named, key)));
  expect((await run('verify-report', theirs)).out).toContain('run by     موسسه ممیزی نمونه\n');
  fileIn('named.json', named.replace('موسسه ممیزی نمونه', 'موسسه دیگر'));
  expect(await run('verify-report', theirs)).toMatchObject({
    code: 1,
    out: expect.stringContaining('the header was changed after it was written'),
  });
  const page = await run('verify-report', fileIn('report.html', htmlReport(makeReport(madeRun()))));
  expect(page.code).toBe(1);
  expect(page.out).toContain(
    '  - this is a page, and a page is a copy: hand over the JSON report that it was made from\n',
  );
  const ownerFile = JSON.stringify(leastFile);
  const sign = (one: string) => signReport(one, key);
  const zip = join(folder, 'report.zip');
  writeFileSync(zip, packageReport({ report: makeReport(madeRun()), text, sign, ownerFile }));
  expect((await run('verify-report', zip)).out).toMatch(/package {4}\d+ files, all as they were signed/);
  fileIn('report.json', text.replace('Demo shop', 'Other shop'));
  const bad = await run('verify-report', file);
  expect(bad.code).toBe(1);
  expect(bad.out).toContain('the header was changed after it was written');
  fileIn(
    'report.json',
    text.replace(/("rows":\[\n)(\{.*?)(,?\n)/s, (_all, start, row) => start + `${row},\n`.repeat(40)),
  );
  const many = (await run('verify-report', file)).out.split('\n');
  expect(many).toHaveLength(13);
  expect(many.at(-3)).toMatch(/^ {2}- and [0-9]+ more$/);
  expect(many.at(-2)).toMatch(/^ {2}- signature: /);
});
