import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import {
  flagOf,
  isPrimaryOf,
  readSettings,
  refuseContradictions,
  type ServedEmta,
  type Setting,
  type SettingName,
  type Settings,
  serveEmta,
  settingNames,
  settingTable,
  speaksForAll,
  superviseWorkers,
} from '../embedded.ts';
import { ConformanceError } from '../errors.ts';
import { isObject } from './ask-emta.ts';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import type { ExitCode, Io } from './io.ts';

const all: Readonly<Record<SettingName, Setting>> = settingTable;
const SETTLE = 100;

/** Gives the command a flag for every setting that can stand on a command line. */
export function addServeOptions(command: Command): void {
  for (const name of settingNames) {
    const { kind, about, unit, oneOf, default: usual } = all[name];
    if (kind === 'data') continue;
    const choices = oneOf ? ` (${oneOf.join(', ')})` : '';
    const standard =
      usual === undefined || usual === false || (Array.isArray(usual) && usual.length === 0)
        ? ''
        : `; ${String(usual)} unless given`;
    const text = `${about}${unit ? `, in ${unit}` : ''}${choices}${standard}`;
    const flag = flagOf(name);
    if (kind === 'switch') command.option(flag, usual === true ? `turn off what is on unless given: ${about}` : text);
    else if (kind === 'list') command.option(`${flag} <name>`, `${text}; may be given again`, collect);
    else command.option(`${flag} <${kind === 'number' ? 'number' : 'text'}>`, text);
  }
  command
    .option('--config <file>', 'configuration file; emta.config.json, .ts, .js or .mjs of this folder unless given')
    .option('--print-config', 'print every setting, its value and where it came from, and stop')
    .option('--json', 'print one line of JSON when ready')
    .addHelpText(
      'after',
      '\nEvery flag has a variable, e.g. EMTA_PORT for --port, EMTA_CONFIG for --config. Flags go before variables,' +
        '\nvariables before the file. People, lines, clients and faults of the file are taken over when it changes.' +
        '\n\nExamples:\n  emta serve --any-client\n  emta serve --port 0 --json\n  emta serve --https --captcha off' +
        '\n  emta serve --store redis://127.0.0.1:6379/0 --workers 2\n  emta serve --config shop.config.json --print-config' +
        '\n\nExit codes: 0 stopped by Ctrl-C or SIGTERM; 2 usage or set-up; 3 a defect of emta-mock.',
    );
}

function collect(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

/** Starts Emta alone and keeps it up until it is stopped. */
export async function serve(command: Command, io: Io): Promise<ExitCode> {
  const given = command.opts<Readonly<Record<string, unknown>>>();
  const named = typeof given.config === 'string' ? given.config : io.env.EMTA_CONFIG || undefined;
  const file = await readConfigFile(named, io.folder);
  const settings = settingsOf(command, file, io);
  if (given.printConfig === true) {
    io.out(printed(settings, given.json === true));
    return 0;
  }
  await refusedInWords(async () => refuseContradictions(settings));
  if (isPrimaryOf(settings)) {
    const code = await superviseWorkers(settings);
    return code === 0 || code === 2 ? code : 3;
  }
  const emta = await refusedInWords(() => serveEmta(settings));
  const say = speaksForAll() ? io.out : () => undefined;
  say(
    given.json === true
      ? `${JSON.stringify({ ready: true, issuer: emta.issuer, ca_file: emta.caFile })}\n`
      : welcome(emta, settings),
  );
  const watcher = file && reloadOnChange(file, command, emta, io);
  await io.stopped;
  watcher?.close();
  await emta.close();
  return 0;
}

function settingsOf(command: Command, file: ConfigFile | undefined, io: Pick<Io, 'env'>): Settings {
  const given = command.opts<Readonly<Record<string, unknown>>>();
  const flags = Object.fromEntries(
    settingNames
      .filter((name) => command.getOptionValueSource(name) === 'cli')
      .map((name) => [name, given[name]] as const),
  );
  try {
    return readSettings({ flags, env: io.env, ...(file && { file }) });
  } catch (error) {
    throw inWords(error);
  }
}

async function refusedInWords<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw inWords(error);
  }
}

/** What Emta refuses by a code of its own is the caller's to mend; anything else is passed on. */
function inWords(error: unknown): unknown {
  if (!isObject(error) || error.name !== 'EmtaError') return error;
  const [first = '', ...more] = String(error.message).split('\n');
  const hint = typeof error.hint === 'string' ? [error.hint] : [];
  return new ConformanceError('usage', first, { lines: [...more, ...hint], cause: error });
}

/** Takes over people, lines, clients and faults whenever the file is written; a mistake in it is told and changes nothing. */
function reloadOnChange(file: ConfigFile, command: Command, emta: ServedEmta, io: Io): FSWatcher {
  let pending: NodeJS.Timeout | undefined;
  const reload = async () => {
    try {
      const read = await readConfigFile(file.path, io.folder);
      await emta.takeOver(settingsOf(command, read && { ...read, name: file.name }, io));
      io.err(`emta: took over ${file.name}\n`);
    } catch (error) {
      const told = inWords(error);
      io.err(`emta: ${file.name} was not taken over: ${told instanceof Error ? told.message : String(told)}\n`);
    }
  };
  // The folder, because editors replace the file.
  return watch(dirname(file.path), (_event, name) => {
    if (name !== basename(file.path)) return;
    clearTimeout(pending);
    pending = setTimeout(() => void reload(), SETTLE);
  });
}

function printed({ origins }: Settings, asJson: boolean): string {
  if (asJson)
    return `${JSON.stringify(
      origins.map(({ name, value, from }) => ({ name, value: shown(name, value), from })),
      null,
      2,
    )}\n`;
  const width = Math.max(...settingNames.map((name) => name.length));
  return origins
    .map(
      ({ name, value, from }) => `${name.padEnd(width)}  ${JSON.stringify(shown(name, value)) ?? 'none'}  (${from})\n`,
    )
    .join('');
}

/** A token is never printed. */
function shown(name: SettingName, value: unknown): unknown {
  return name === 'controlToken' && value !== undefined ? '(set)' : value;
}

function welcome(emta: ServedEmta, settings: Settings): string {
  const someone = emta.personas.find(({ id }) => id === 'married-woman');
  const lines = [
    `emta: ready at ${emta.issuer}`,
    `      metadata     ${emta.issuer}/.well-known/openid-configuration`,
    `      console      ${emta.issuer}/_emta/ (SMS arrive there)`,
    ...(someone
      ? [
          `      try          mobile ${someone.typed.mobile.replace('+98', '0')}, national code ${someone.typed.nationalCode}, born ${Object.values(someone.typed.birth).join('/')}`,
        ]
      : []),
    ...(emta.caFile ? [`      certificate  ${emta.caFile} (for NODE_EXTRA_CA_CERTS or --cacert)`] : []),
    ...(settings.isOn('anyClient') ? ['      any client_id with any redirect URI is taken'] : []),
    ...(settings.list('relax').length > 0 ? [`      checks off   ${settings.list('relax').join(', ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
