import { EmtaError } from './kernel/errors.ts';
import { nearest } from './kernel/nearest.ts';
import type { ListenOptions } from './options.ts';
import { type SettingName, settingNames } from './settings.ts';
import { defaultRules } from './steps/rules.ts';

/** What only the entry hands in; a caller's own people would take the place of the personas. */
type OfTheEntry = 'citizens' | 'lines' | 'personas' | 'magicBlocks';

const options = {
  port: true,
  host: true,
  issuer: true,
  authority: true,
  clients: true,
  configured: true,
  rules: true,
  relax: true,
  seed: true,
  population: true,
  safeNumbers: true,
  claimsInIdToken: true,
  dynamicRegistration: true,
  rememberLogin: true,
  rememberConsent: true,
  controlToken: true,
  anyClient: true,
  helperStrip: true,
  registryFile: true,
  otherCounts: true,
  store: true,
  clock: true,
  random: true,
  log: true,
  logLevel: true,
} as const satisfies Readonly<Record<Exclude<keyof ListenOptions | 'logLevel', OfTheEntry>, true>>;

const known = Object.keys(options);
const rules = Object.keys(defaultRules);

/** What `startEmta` calls an option of `emta serve`; undefined where it has none. */
export function nameInStartEmta(name: SettingName): string | undefined {
  if (known.includes(name)) return name;
  return rules.includes(name) ? `rules.${name}` : undefined;
}

/** Throws `bad_option` with every member that nobody would read, for callers whose compiler does not look. */
export function refuseUnknownOptions(given: object & { readonly rules?: object }): void {
  const problems = [
    ...Object.keys(given).flatMap((name) => (known.includes(name) ? [] : [aboutOption(name)])),
    ...Object.keys(given.rules ?? {}).flatMap((name) => (rules.includes(name) ? [] : [aboutRule(name)])),
  ];
  if (problems.length > 0) throw new EmtaError('bad_option', problems.join('\n'));
}

function aboutOption(name: string): string {
  if (rules.includes(name)) return `expected "${name}" in "rules", got it beside them`;
  const serves: readonly string[] = settingNames;
  if (serves.includes(name)) return `"${name}" is an option of emta serve alone`;
  return `unknown option "${name}"${meant(name, [...known, ...rules])}`;
}

function aboutRule(name: string): string {
  if (known.includes(name)) return `expected "${name}" beside "rules", got it in them`;
  return `unknown member "${name}" of "rules"${meant(name, rules)}`;
}

function meant(name: string, among: readonly string[]): string {
  const near = nearest(name, among);
  if (near === undefined) return `, known are ${among.join(', ')}`;
  return `, did you mean "${near}"${rules.includes(near) && among !== rules ? ' in "rules"' : ''}?`;
}
