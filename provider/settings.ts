import { EmtaError } from './kernel/errors.ts';
import { nearest } from './kernel/nearest.ts';
import { relaxations } from './oidc/strictness.ts';
import { defaultRules } from './steps/rules.ts';

type Kind = 'text' | 'number' | 'switch' | 'list' | 'data';

/**
 * One setting: its flag is `--kebab-case`, or `--no-kebab-case` where it is on by default, its variable
 * `EMTA_UPPER_CASE`, its member of the file `camelCase`.
 */
export interface Setting {
  readonly kind: Kind;
  /** One sentence for `--help` and the README. */
  readonly about: string;
  readonly unit?: string;
  readonly default?: string | number | boolean | readonly string[];
  readonly oneOf?: readonly string[];
  readonly least?: number;
  readonly most?: number;
}

const seconds = (about: string, value: number): Setting => ({
  kind: 'number',
  about,
  unit: 'seconds',
  default: value,
  least: 1,
});
const count = (about: string, value: number, most = 1_000_000): Setting => ({
  kind: 'number',
  about,
  default: value,
  least: 1,
  most,
});
const off = (about: string): Setting => ({ kind: 'switch', about, default: false });
const on = (about: string): Setting => ({ kind: 'switch', about, default: true });

/** Every setting of `emta serve`. `data` can stand in the configuration file alone. */
export const settingTable = {
  port: { kind: 'number', about: 'TCP port; 0 takes a free one', default: 4299, least: 0, most: 65_535 },
  host: {
    kind: 'text',
    about: 'address to bind to; anything but loopback needs a control token',
    default: '127.0.0.1',
  },
  issuer: { kind: 'text', about: 'issuer identifier; made of scheme, localhost and port unless given' },
  https: off('serves TLS from a certificate authority made on first use'),
  dataFolder: { kind: 'text', about: 'folder of the certificate authority and the registry file', default: '.emta' },
  registryFile: {
    kind: 'text',
    about: 'JSON file of people, lines and clients added or changed; `off` keeps them in memory',
    default: 'off',
  },
  store: { kind: 'text', about: '`memory`, or the address of a Redis server: redis://host:6379/0', default: 'memory' },
  workers: count('processes that share the port; more than one needs Redis', 1, 64),
  seed: { kind: 'text', about: 'the same seed makes the same people everywhere', default: 'emta' },
  population: count('how many people there are', 90_000_000, 90_000_000),
  safeNumbers: off('national codes and numbers that belong to nobody; strict validators refuse them'),
  carrier: {
    kind: 'text',
    about: 'how a relying party learns of a refusal or mismatch',
    oneOf: ['error', 'silent', 'page', 'claims'],
    default: defaultRules.carrier,
  },
  relax: { kind: 'list', about: 'checks that are off for all clients', oneOf: Object.keys(relaxations), default: [] },
  anyClient: off('takes every client_id with any redirect URI, for a quick start'),
  dynamicRegistration: off('anybody may register a client at /oauth/register'),
  claimsInIdToken: off('puts the claims into the ID token too'),
  rememberLogin: off('a browser that signed in before goes straight to consent'),
  rememberConsent: off('a client that was granted before is not asked about again'),
  enrolledShortcut: on('people who have an Emta account give the SMS code alone'),
  repeatedDigits: off('takes national codes of one digit ten times, which pass the sum'),
  zeroMiddle: off('takes national codes whose middle six digits are zero'),
  unknownPrefixes: on('takes national codes that begin with the digits of no known office, as those of personas do'),
  helperStrip: on('shows the short cuts for developers below the pages'),
  captcha: { kind: 'text', about: '`solve`, `off`, or the fixed answer', default: defaultRules.captcha },
  captchaTtl: seconds('how long a captcha is good', defaultRules.captchaTtl),
  codeLength: { kind: 'number', about: 'digits of the SMS code', default: defaultRules.codeLength, least: 4, most: 8 },
  codeTtl: seconds('how long an SMS code is good', defaultRules.codeTtl),
  resendWait: seconds('wait before another code may be asked for', defaultRules.resendWait),
  codeTries: count('wrong codes allowed for one SMS code', defaultRules.codeTries),
  codesPerHour: count('codes sent to one number within an hour', defaultRules.codesPerHour),
  usedUpCodes: count('codes used up before the number has to wait', defaultRules.usedUpCodes),
  identityTries: count('wrong identities before the number has to wait', defaultRules.identityTries),
  block: seconds('how long a number has to wait', defaultRules.block),
  journeyTtl: seconds('from the authorization request to the end', defaultRules.journeyTtl),
  controlToken: { kind: 'text', about: 'token of the control interface, needed beyond loopback' },
  logLevel: {
    kind: 'text',
    about: 'least important lines to write',
    oneOf: ['silent', 'error', 'warn', 'info', 'debug'],
    default: 'warn',
  },
  logFormat: {
    kind: 'text',
    about: 'lines for people (`text`) or programs (`json`); `auto` is text on a terminal',
    oneOf: ['auto', 'text', 'json'],
    default: 'auto',
  },
  clients: { kind: 'data', about: 'list of relying parties, as in OIDC Registration' },
  citizens: { kind: 'data', about: 'list of people above the population' },
  lines: { kind: 'data', about: 'list of lines above the population' },
  faults: { kind: 'data', about: 'list of faults armed at the start' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof settingTable;

/** The value of every setting, and where it came from. */
export interface Settings {
  text(name: SettingName): string | undefined;
  number(name: SettingName): number;
  isOn(name: SettingName): boolean;
  list(name: SettingName): readonly string[];
  data(name: SettingName): readonly unknown[];
  /** For `--print-config`. */
  readonly origins: readonly { readonly name: SettingName; readonly value: unknown; readonly from: string }[];
}

export interface SettingSources {
  /** Camel-case names; what was not given is absent. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly name: string; readonly content: Readonly<Record<string, unknown>> };
}

export const settingNames = Object.keys(settingTable) as readonly SettingName[];
const all: Readonly<Record<SettingName, Setting>> = settingTable;

/** The flag that says something else than the default: what is on can only be turned off. */
export function flagOf(name: SettingName): string {
  const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return all[name].default === true ? `--no-${kebab}` : `--${kebab}`;
}

export function variableOf(name: SettingName): string {
  return `EMTA_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Reads flags before environment before file before defaults. Throws `bad_option` with every problem at once. */
export function readSettings({ flags = {}, env = {}, file }: SettingSources): Settings {
  const problems: string[] = [];
  for (const name of Object.keys(flags)) refuseUnknown(name, settingNames, 'flag', problems);
  for (const name of Object.keys(env).filter((key) => key.startsWith('EMTA_') && !OTHER_VARIABLES.has(key))) {
    refuseUnknown(name, settingNames.map(variableOf), 'environment variable', problems);
  }
  for (const name of Object.keys(file?.content ?? {})) {
    refuseUnknown(name, settingNames, `member of ${file?.name}`, problems);
  }
  const origins = settingNames.map((name) => {
    const setting = all[name];
    const variable = env[variableOf(name)];
    const [given, from] =
      flags[name] !== undefined
        ? [flags[name], flagOf(name)]
        : variable !== undefined && setting.kind !== 'data'
          ? [variable, variableOf(name)]
          : file?.content[name] !== undefined
            ? [file.content[name], file.name]
            : [setting.default, 'default'];
    return {
      name,
      value: given === undefined ? undefined : parse(setting, given, `${from}: "${name}"`, problems),
      from,
    };
  });
  if (problems.length > 0) throw new EmtaError('bad_option', problems.join('\n'));
  const values = new Map(origins.map(({ name, value }) => [name, value]));
  return {
    text: (name) => values.get(name) as string | undefined,
    number: (name) => values.get(name) as number,
    isOn: (name) => values.get(name) === true,
    list: (name) => (values.get(name) ?? []) as readonly string[],
    data: (name) => (values.get(name) ?? []) as readonly unknown[],
    origins,
  };
}

/** Variables of that prefix that are no settings. */
const OTHER_VARIABLES = new Set(['EMTA_CONFIG', 'EMTA_URL']);

function refuseUnknown(name: string, known: readonly string[], what: string, problems: string[]): void {
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  problems.push(`unknown ${what} "${name}"${meant ? `, did you mean "${meant}"?` : ''}`);
}

function parse(setting: Setting, given: unknown, where: string, problems: string[]): unknown {
  const wrong = (wanted: string): undefined => {
    problems.push(`${where}: expected ${wanted}, got ${JSON.stringify(given)}`);
    return undefined;
  };
  switch (setting.kind) {
    case 'text':
      if (typeof given !== 'string' || given === '') return wrong('a text');
      return setting.oneOf && !setting.oneOf.includes(given) ? wrong(`one of ${setting.oneOf.join(', ')}`) : given;
    case 'number': {
      const value = typeof given === 'string' && /^[0-9]+$/.test(given) ? Number(given) : given;
      const { least = 0, most = Number.MAX_SAFE_INTEGER } = setting;
      const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
      return fits ? value : wrong(`a whole number from ${least} to ${most}`);
    }
    case 'switch':
      if (given === true || given === 'true' || given === '1') return true;
      return given === false || given === 'false' || given === '0' ? false : wrong('true or false');
    case 'list': {
      const items =
        typeof given === 'string'
          ? given
              .split(',')
              .map((item) => item.trim())
              .filter(Boolean)
          : given;
      if (!Array.isArray(items) || items.some((item) => typeof item !== 'string')) return wrong('a list of texts');
      const { oneOf } = setting;
      return oneOf && items.some((item) => !oneOf.includes(item)) ? wrong(`some of ${oneOf.join(', ')}`) : items;
    }
    case 'data':
      return Array.isArray(given) ? given : wrong('a list');
  }
}
