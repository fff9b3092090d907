import type { Option } from 'commander';
import { loadCatalogue } from '../conformance/catalogue.ts';
import type { Io } from '../conformance/commands/io.ts';
import { makeProgram } from '../conformance/commands/program.ts';
import { magicBlocks } from '../fixtures/magic-numbers.ts';
import { personas } from '../fixtures/personas.ts';
import { describeFaults } from '../provider/faults/catalogue.ts';
import { operations } from '../provider/http/control/operations.ts';
import { errorKinds } from '../provider/kernel/errors.ts';
import { nameInStartEmta } from '../provider/known-options.ts';
import { relaxations } from '../provider/oidc/strictness.ts';
import {
  flagOf,
  type Setting,
  type SettingName,
  settingNames,
  settingTable,
  variableOf,
} from '../provider/settings.ts';
import type { Table } from './fill-tables.ts';

/** The README's tables, each from the place that the code itself goes by. */
export function documentedTables(): Readonly<Record<string, Table>> {
  return {
    options: [
      ['flag', 'variable', '`startEmta`', 'default', 'what'],
      ...settingNames.map((name) => optionRow(name, settingTable[name])),
    ],
    'certify-options': [
      ['option of `emta certify`', 'what'],
      ...optionsOf('certify').map(({ flags, description }) => [code(flags), description]),
    ],
    relaxations: [
      ['name', 'what is checked unless it is relaxed'],
      ...Object.entries(relaxations).map(([name, what]) => [code(name), what]),
    ],
    errors: [
      ['code', 'HTTP', 'when'],
      ...Object.entries(errorKinds).map(([name, { status, summary }]) => [code(name), String(status), summary]),
    ],
    personas: [
      ['id', 'mobile', 'national code', 'born', 'why', 'ends at the sale site on'],
      ...personas({ now: () => Date.UTC(2025, 0, 1) }).map(({ id, reason, typed, expected }) => [
        code(id),
        code(typed.mobile.replace('+98', '0')),
        code(typed.nationalCode),
        // The one birth date that moves from day to day.
        id === 'just-18' ? '18 years ago today' : Object.values(typed.birth).join('/'),
        reason,
        code(expected.site),
      ]),
    ],
    numbers: [
      ['first of the block', 'national code', 'born', 'SMS code', 'who', 'the relying party gets'],
      ...magicBlocks().map(({ numbers, birth, summary, returns }) => {
        const [first] = numbers;
        const cells = [first?.mobile.replace('+98', '0'), first?.nationalCode, birth, first?.code];
        return [...cells.map((cell) => code(cell ?? '')), summary, code(returns)];
      }),
    ],
    'short-options': [
      ['flag', 'default', 'what'],
      ...shortOptions.map((name) =>
        optionRow(name, settingTable[name]).filter((_cell, column) => column !== 1 && column !== 2),
      ),
    ],
    control: [
      ['request', 'what'],
      ...operations.map(({ method, path, summary }) => [code(`${method.toUpperCase()} /_emta/v1${path}`), summary]),
    ],
    faults: [
      ['id', 'what it does', 'breaks', 'rows'],
      ...describeFaults().map(({ id, summary, breaks, rows }) => [code(id), summary, breaks, rows.join(' ')]),
    ],
    rows: [
      ['row', 'requirement', 'severity', 'profile'],
      ...loadCatalogue().map(({ id, title, severity, profile }) => [id, title, severity, profile]),
    ],
  };
}

/** The options of a command as its `--help` has them. */
export function optionsOf(name: string): readonly Option[] {
  const nothing = () => undefined;
  const io: Io = {
    out: nothing,
    err: nothing,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 100,
    colours: { out: false, err: false },
    now: () => 0,
    home: '~',
    controlToken: undefined,
    env: {},
    folder: '.',
    stopped: Promise.resolve(),
    pause: () => Promise.resolve(),
  };
  const program = makeProgram(io, { defaultKey: '~/.emta-mock/report-key.pem', defaultSeed: () => '', done: nothing });
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`expected a command "${name}"`);
  return command.options;
}

/** The options that a newcomer asks for first. */
const shortOptions: readonly SettingName[] = [
  'port',
  'https',
  'anyClient',
  'captcha',
  'carrier',
  'relax',
  'store',
  'registryFile',
];

function optionRow(name: SettingName, { kind, about, unit, oneOf, default: value }: Setting): readonly string[] {
  const choices = oneOf === undefined ? '' : `: ${oneOf.map(code).join(', ')}`;
  const shown = value === undefined || (Array.isArray(value) && value.length === 0) ? '' : code(String(value));
  // Data can stand in the configuration file alone.
  const places = kind === 'data' ? [`\`${name}\` of the file`, ''] : [code(flagOf(name)), code(variableOf(name))];
  const turned = kind === 'switch' && value === true ? '; the flag turns this off' : '';
  const embedded = nameInStartEmta(name);
  return [
    ...places,
    embedded === undefined ? 'no' : code(embedded),
    unit === undefined || shown === '' ? shown : `${shown} ${unit}`,
    `${about}${choices}${turned}`,
  ];
}

function code(text: string): string {
  return `\`${text}\``;
}
