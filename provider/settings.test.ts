import { describe, expect, test } from '@jest/globals';
import { flagOf, readSettings, settingNames, settingTable, variableOf } from './settings.ts';

const thrown = (act: () => unknown): Error => {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected it to throw');
};

test('without anything given every setting has its default', () => {
  const settings = readSettings({});
  expect(settings.number('port')).toBe(4299);
  expect(settings.text('host')).toBe('127.0.0.1');
  expect(settings.isOn('https')).toBe(false);
  expect(settings.isOn('helperStrip')).toBe(true);
  expect(settings.list('relax')).toEqual([]);
  expect(settings.text('issuer')).toBeUndefined();
  expect(new Set(settings.origins.map(({ from }) => from))).toEqual(new Set(['default']));
});

test('flags go before variables, variables before the file', () => {
  const file = { name: 'emta.config.json', content: { port: 1, codeLength: 6, seed: 'file' } };
  const env = { EMTA_PORT: '2', EMTA_CODE_LENGTH: '7' };
  const settings = readSettings({ flags: { port: '3' }, env, file });
  expect([settings.number('port'), settings.number('codeLength'), settings.text('seed')]).toEqual([3, 7, 'file']);
  const from = Object.fromEntries(settings.origins.map((origin) => [origin.name, origin.from]));
  expect([from.port, from.codeLength, from.seed, from.host]).toEqual([
    '--port',
    'EMTA_CODE_LENGTH',
    'emta.config.json',
    'default',
  ]);
});

test('flag and variable follow from the name', () => {
  expect(flagOf('codesPerHour')).toBe('--codes-per-hour');
  expect(variableOf('codesPerHour')).toBe('EMTA_CODES_PER_HOUR');
  expect(flagOf('helperStrip')).toBe('--no-helper-strip');
  expect(variableOf('helperStrip')).toBe('EMTA_HELPER_STRIP');
});

describe('refuses', () => {
  test('unknown names with the nearest known one, all at once', () => {
    const error = thrown(() =>
      readSettings({
        flags: { prot: '1' },
        env: { EMTA_HOSTT: 'x' },
        file: { name: 'emta.config.json', content: { clints: [] } },
      }),
    );
    expect(error.message.split('\n')).toEqual([
      'unknown flag "prot", did you mean "port"?',
      'unknown environment variable "EMTA_HOSTT", did you mean "EMTA_HOST"?',
      'unknown member of emta.config.json "clints", did you mean "clients"?',
    ]);
  });

  test.each([
    ['port', '70000', 'expected a whole number from 0 to 65535, got "70000"'],
    ['codeLength', '3', 'expected a whole number from 4 to 8, got "3"'],
    ['carrier', 'pigeon', 'expected one of error, silent, page, claims, got "pigeon"'],
    ['https', 'maybe', 'expected true or false, got "maybe"'],
    ['relax', 'state', 'expected some of request-binding, pkce, redirect-uri, scope, client-auth-method, got "state"'],
  ] as const)('%s %s', (name, value, message) => {
    expect(thrown(() => readSettings({ flags: { [name]: value } })).message).toBe(
      `${flagOf(name)}: "${name}": ${message}`,
    );
  });
});

test('a list may be written with commas', () => {
  expect(readSettings({ env: { EMTA_RELAX: 'scope, request-binding' } }).list('relax')).toEqual([
    'scope',
    'request-binding',
  ]);
});

test('variables of other commands are no settings', () => {
  expect(() => readSettings({ env: { EMTA_URL: 'http://localhost:4299', EMTA_CONFIG: 'x' } })).not.toThrow();
});

test('each setting says what it is about, and its default fits', () => {
  for (const name of settingNames) expect(settingTable[name].about).toMatch(/^\S.{10,}[^.]$/);
});
