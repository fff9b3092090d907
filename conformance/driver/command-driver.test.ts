import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { isConformanceError } from '../errors.ts';
import { type CommandDriver, startCommandDriver } from './command-driver.ts';

const folder = mkdtempSync(join(tmpdir(), 'emta-driver-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hello = {
  issuer: 'http://localhost:4299',
  locale: 'fa',
  relying_party: { name: 'shop', start_url: 'http://127.0.0.1:1/login', protected_url: 'http://127.0.0.1:1/account' },
};

let count = 0;

/** A driver that says hello, and of whose other answers the test writes the code. */
async function start(
  answer: string,
  greeting = `{ id, protocol: 1, name: 'made', messages: ['state', 'captcha'] }`,
): Promise<CommandDriver> {
  count += 1;
  const file = join(folder, `${count}.mjs`);
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline';
const tell = (told) => process.stdout.write(JSON.stringify(told) + '\\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, message, jar } = JSON.parse(line);
  if (message === 'hello') tell(${greeting});
  else if (message === 'stop') { tell({ id }); break; }
  else { ${answer} }
}
`,
  );
  return startCommandDriver({
    command: [process.execPath, file],
    cwd: folder,
    env: { PATH: process.env.PATH },
    hello,
    patience: { hello: 20_000, other: 1500 },
  });
}

const jar = { name: 'jar-1', cookies: [] };

/** What a failure says, the program's own path left out. */
async function failureOf(promise: Promise<unknown>): Promise<readonly string[]> {
  try {
    await promise;
  } catch (error) {
    if (!isConformanceError(error)) throw error;
    expect(error.code).toBe('driver_failed');
    return [error.message, ...error.lines].map((line) => line.replace(/driver ".*?\.mjs": /, ''));
  }
  throw new Error('expected a failure, got an answer');
}

const asked = async (answer: string): Promise<readonly string[]> => {
  const driver = await start(answer);
  try {
    return await failureOf(driver.ask('state', { jar }));
  } finally {
    await driver.stop();
  }
};

test('answers come back by their numbers, whatever their order', async () => {
  const driver = await start(
    `globalThis.first ??= id; const told = { id, signed_in: id === globalThis.first }; if (told.signed_in) setTimeout(() => tell(told), 100); else tell(told);`,
  );
  expect([...driver.messages]).toEqual(['state', 'captcha']);
  const both = await Promise.all([driver.ask('state', { jar }), driver.ask('state', { jar })]);
  expect(both).toEqual([{ signed_in: true }, { signed_in: false }]);
  expect(await driver.stop()).toBeUndefined();
});

test('a member that is missing, or another than it must be, is named with the message', async () => {
  expect((await asked('tell({ id });'))[0]).toBe('answer to "state": missing member "signed_in"; whether somebody is');
  expect((await asked(`tell({ id, signed_in: 'yes' });`))[0]).toBe(
    'answer to "state": expected "signed_in" to be true or false, got "yes"; whether somebody is',
  );
  expect((await asked('tell({ id, signed_in: true, acount: "7" });'))[0]).toBe(
    'answer to "state": unknown member "acount", did you mean "account"?',
  );
});

test('a line that is no JSON is shown', async () => {
  expect(await asked(`console.log('state asked');`)).toEqual([
    'expected one JSON object a line on its standard output, got "state asked"',
    'print everything else to standard error',
  ]);
});

test('an answer to a number that nobody asked for is refused', async () => {
  expect((await asked('tell({ id: 99, signed_in: true });'))[0]).toBe(
    'expected an answer with "id" 2, got {"id":99,"signed_in":true}',
  );
});

test('a driver that ends is told with what it said last', async () => {
  expect(await asked(`console.error('no browser here'); process.exit(3);`)).toEqual([
    'expected it to keep running, got its end (exit code 3) while "state" waited for its answer',
    'it said on its standard error:',
    'no browser here',
  ]);
});

test('a driver that is silent is not waited for without end', async () => {
  expect(await asked('')).toEqual(['expected an answer to "state" within 1.5 s, got none']);
});

test('a driver that cannot do what it is asked says why', async () => {
  expect(await asked(`tell({ id, error: 'no button' });`)).toEqual(['it could not do "state": no button']);
});

test('a driver that speaks another version, or takes nothing, is refused at once', async () => {
  const other = `{ id, protocol: 2, name: 'made', messages: ['stat'] }`;
  expect(await failureOf(start('', other))).toEqual([
    'answer to "hello": expected "protocol" to satisfy the schema (must be equal to constant), got 2; version of this protocol',
    expect.stringContaining('expected "messages[0]" to be one of start_login, state,'),
    expect.stringContaining('it answered {"id":1'),
  ]);
});

test('a program that is not there is named', async () => {
  const missing = startCommandDriver({ command: ['./no-such-driver'], cwd: folder, env: {}, hello });
  await expect(missing).rejects.toThrow(
    'driver "./no-such-driver": expected a program that can be started, got ENOENT',
  );
});
