import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { personas } from '../../fixtures/personas.ts';
import { clockAt } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { createPopulation } from './population.ts';
import { createRegistry } from './registry.ts';
import { openRegistryFile } from './registry-file.ts';

const population = createPopulation();
const people = Array.from({ length: 20 }, (_, index) => population.at(index));
const linesOf = (index: number) => population.linesOf(population.at(index).nationalCode);

let folder = '';
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emta-registry-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function newPath(): string {
  files += 1;
  return join(folder, `${files}`, 'registry.json');
}

async function pathWith(text: string): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.json`);
  await writeFile(path, text);
  return path;
}

test('keeps people, lines and clients over a restart', async () => {
  const path = newPath();
  const file = await openRegistryFile(path);
  await file.put({ citizens: people, lines: [...linesOf(0), ...linesOf(1)] });
  await file.put({
    lines: linesOf(1).map((line) => ({
      ...line,
      ownershipRegister: 'unknown',
      firstSmsLost: true,
      fixedCode: '12345',
    })),
  });
  await file.put({ citizens: personas(clockAt(0)).flatMap(({ citizen }) => (citizen === undefined ? [] : [citizen])) });
  await file.putClient({ client_id: 'dealer', redirect_uris: ['http://localhost/back'] });
  await file.putClient({ client_id: 'other', redirect_uris: [] });
  await file.putClient({ client_id: 'dealer', redirect_uris: [] });
  await file.removeClient('other');

  const again = await openRegistryFile(path);
  expect(again.citizens).toEqual(file.citizens);
  expect(again.lines).toEqual(file.lines);
  expect(again.clients).toEqual(new Map([['dealer', { client_id: 'dealer', redirect_uris: [] }]]));
  expect(again.citizens.size).toBe(20 + 21);
  expect([...again.lines.values()].filter(({ fixedCode }) => fixedCode === '12345')).toHaveLength(linesOf(1).length);
  expect(await readdir(join(path, '..'))).toEqual(['registry.json']);
});

test('makes no file before something is put', async () => {
  const path = newPath();
  const file = await openRegistryFile(path);
  expect(file.citizens.size).toBe(0);
  await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('stands above the population of a registry', async () => {
  const file = await openRegistryFile(newPath());
  const registry = createRegistry({ population, overlay: file });
  const [first] = people;
  if (first === undefined) {
    throw new RangeError('expected somebody');
  }
  await registry.put({ citizens: [{ ...first, deceased: true }] });
  expect(await registry.askCivilRegister(first.nationalCode, first.birthDate)).toEqual({ kind: 'deceased' });
});

test('writes many changes at once and loses none', async () => {
  const path = newPath();
  const file = await openRegistryFile(path);
  await Promise.all(people.map((citizen) => file.put({ citizens: [citizen] })));
  expect([...(await openRegistryFile(path)).citizens.values()]).toEqual(people);
});

test('reads what a developer writes by hand', async () => {
  const path = await pathWith(`\ufeff{
    "citizens": [
      { "national_code": "9991001018", "given_name": "مریم", "family_name": "رستگار", "gender": "female",
        "birth_date": "1369/08/17", "mobile": "0907 000 0101" },
      { "national_code": "9991001026", "given_name": "رضا", "family_name": "فرهمند", "gender": "male",
        "birth_date": { "iso": "1998-09-29", "jalali": "1377/07/07" } }
    ],
    "lines": [{ "mobile": "09070000102", "owner": "9991001026", "state": "inactive", "fixed_code": "11111" }]
  }`);
  const file = await openRegistryFile(path);
  expect([...file.citizens.values()]).toEqual([
    {
      nationalCode: '9991001018',
      givenName: 'مریم',
      familyName: 'رستگار',
      birthDate: '1990-11-08',
      gender: 'female',
    },
    {
      nationalCode: '9991001026',
      givenName: 'رضا',
      familyName: 'فرهمند',
      birthDate: '1998-09-29',
      gender: 'male',
    },
  ]);
  expect([...file.lines.values()]).toEqual([
    { mobile: '+989070000102', owner: '9991001026', state: 'inactive', fixedCode: '11111' },
    { mobile: '+989070000101', owner: '9991001018', state: 'active' },
  ]);
});

test.each([
  ['', ['1:1: expected value, got the end of the file']],
  ['{\n  "citizens": [\n', ['3:1: expected close bracket, got the end of the file']],
  ['{\n  "lines": []\n  "citizens": []\n}', ['3:3: expected comma, got """']],
  ['{ "lines": [,] }', ['1:13: expected value, got ","']],
  ['[]', ['1:1: expected an object, got []']],
  ['{"version": 2}', ['1:2: version: expected "version" to be 1, got 2']],
  ['{\n "citizen": []}', ['2:2: citizen: unknown member "citizen", did you mean "citizens"?']],
  ['{"lines": [],\n\n  "lines": []}', ['1:2: lines: expected "lines" once, got it twice']],
  [
    '{"citizens": [\n  {"national_code": "9991001019", "given_name": "x", "family_name": "y",\n    "gendre": "male", "birth_date": "1371/12/30"}]}',
    [
      '2:4: citizens[0].national_code: expected "national_code" to be a text of 10 digits whose check digit is right, got "9991001019"',
      '3:5: citizens[0].gendre: unknown member "gendre", did you mean "gender"?',
      '3:23: citizens[0].birth_date: expected "birth_date" to be a date such as "1990-11-08", "1369/08/17" or both as {"iso", "jalali"}, got "1371/12/30"',
      '2:3: citizens[0]: expected a member "gender", got none',
    ],
  ],
  [
    '{"lines": [{"mobile": "02112345678", "owner": 9991001018, "state": "off", "fixed_code": "x"}]}',
    [
      '1:13: lines[0].mobile: expected "mobile" to be an Iranian mobile number, such as "+989070000101", got "02112345678"',
      '1:38: lines[0].owner: expected "owner" to be a text of 10 digits whose check digit is right, got 9991001018',
      '1:59: lines[0].state: expected "state" to be "active" or "inactive", got "off"',
      '1:75: lines[0].fixed_code: expected "fixed_code" to be a text of 4 to 8 digits, got "x"',
    ],
  ],
  [
    '{"lines": [{"mobile": "09070000101", "owner": "9991001018"},\n{"mobile": "+989070000101", "owner": "9991001026"}]}',
    ['2:1: lines[1]: expected one entry with "mobile" +989070000101, got another'],
  ],
  ['{"clients": [{"client_name": "x"}]}', ['1:14: clients[0]: expected a member "client_id" with a text, got none']],
] as const)('refuses %j with file, line, column and member, and leaves it alone', async (text, problems) => {
  const path = await pathWith(text);
  await expect(openRegistryFile(path)).rejects.toMatchObject({
    code: 'registry_file_unreadable',
    message: problems.map((problem) => `${path}:${problem}`).join('\n'),
    hint: 'the file was left as it is: mend it, or move it away to start with an empty one',
  });
  expect(await readFile(path, 'utf8')).toBe(text);
});

test('a file damaged by hand while open is not overwritten, and what was known stays', async () => {
  const path = newPath();
  const file = await openRegistryFile(path);
  await file.put({ citizens: people.slice(0, 2) });
  await writeFile(path, '{ "citizens": [ oops');
  await expect(file.put({ citizens: people.slice(2, 3) })).rejects.toMatchObject({ code: 'registry_file_unreadable' });
  await expect(file.reload()).rejects.toMatchObject({ code: 'registry_file_unreadable' });
  expect(await readFile(path, 'utf8')).toBe('{ "citizens": [ oops');
  expect(file.citizens.size).toBe(2);
});

test('takes over what was written by hand, at a reload or with the next change', async () => {
  const path = newPath();
  const file = await openRegistryFile(path);
  await file.put({ citizens: people.slice(0, 2) });
  const other = await openRegistryFile(path);
  await other.put({ citizens: people.slice(2, 3) });
  await file.reload();
  expect(file.citizens.size).toBe(3);
  await other.put({ citizens: people.slice(3, 4) });
  await file.put({ citizens: people.slice(4, 5) });
  expect([...file.citizens.values()]).toEqual(people.slice(0, 5));
});

test('a file that cannot be written is an error, and the change does not hold', async () => {
  const path = newPath();
  const file = await openRegistryFile(path);
  await file.put({ citizens: people.slice(0, 1) });
  const before = await readFile(path, 'utf8');
  const inTheWay = join(path, '..', '.registry.json.tmp');
  await mkdir(inTheWay);
  await expect(file.put({ citizens: people })).rejects.toMatchObject({
    code: 'registry_file_unwritable',
    message: `expected "${path}" to be a writable file`,
    cause: { code: 'EISDIR' },
  });
  expect([file.citizens.size, await readFile(path, 'utf8')]).toEqual([1, before]);
  await rm(inTheWay, { recursive: true });
  await file.put({ citizens: people });
  expect(file.citizens.size).toBe(20);
});

test('a file that cannot be read is an error', async () => {
  const path = join(await pathWith('not a folder'), 'registry.json');
  await expect(openRegistryFile(path)).rejects.toMatchObject({
    code: 'registry_file_unreadable',
    message: `expected "${path}" to be a readable file`,
    cause: { code: 'ENOTDIR' },
  });
});

test('loses nothing that it acknowledged when killed twenty times in the middle of writing', async () => {
  const here = fileURLToPath(new URL('../test/', import.meta.url));
  const random = seededRandom('kill');
  const path = newPath();
  // A long text, so that a write takes long enough to be met in its middle.
  await (await openRegistryFile(path)).putClient({ client_id: 'long', client_name: 'x'.repeat(8_000_000) });
  let next = 0;
  for (let round = 0; round < 20; round += 1) {
    const first = next;
    const child = spawn(process.execPath, [
      '--import',
      `${here}typescript-hooks.mjs`,
      `${here}keep-writing.ts`,
      path,
      String(first),
    ]);
    let stirs = Number(random.text(1, '1234'));
    const watcher = watch(join(path, '..'), () => {
      stirs -= next > first ? 1 : 0;
      if (stirs === 0) {
        child.kill('SIGKILL');
      }
    });
    for await (const line of createInterface({ input: child.stdout })) {
      next = Number(line) + 1;
    }
    watcher.close();
    if (child.signalCode === null) {
      await once(child, 'exit');
    }
    expect(child.signalCode).toBe('SIGKILL');
    const file = await openRegistryFile(path);
    const acknowledged = Array.from({ length: next }, (_, index) => population.at(index));
    expect([...file.citizens.values()].slice(0, next)).toEqual(acknowledged);
    expect(file.citizens.size - next).toBeLessThanOrEqual(1);
    expect(String(file.clients.get('long')?.client_name)).toHaveLength(8_000_000);
    next = file.citizens.size;
  }
  expect(next).toBeGreaterThanOrEqual(20);
}, 180_000);
