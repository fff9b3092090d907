import { Command, InvalidArgumentError } from 'commander';
import { profiles } from '../catalogue.ts';
import { ConformanceError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Profile } from '../verdict.ts';
import { version } from '../version.ts';
import { addressOf, exampleText, namedParty, wholeNumber } from './arguments.ts';
import { addAskCommands } from './ask-commands.ts';
import { defaultIssuer } from './ask-emta.ts';
import type { CertifyOptions } from './certify.ts';
import type { ExitCode, Io } from './io.ts';
import { addServeOptions, serve } from './serve.ts';
import { verifyReportFile } from './verify-report.ts';

export interface ProgramOptions {
  readonly defaultKey: string;
  readonly defaultSeed: () => string;
  readonly done: (code: ExitCode) => void;
}

function profileOf(text: string): Profile {
  const known = profiles.find((profile) => profile === text);
  if (known !== undefined) return known;
  const near = nearest(text, profiles);
  throw new InvalidArgumentError(
    `expected one of ${profiles.join(', ')}${near === undefined ? '' : `, did you mean "${near}"?`}`,
  );
}

/** Ids as they are listed; an option that is given again adds to what came before. */
function idsOf(text: string, before: readonly string[] = []): readonly string[] {
  const ids = text.split(/[\s,]+/).filter((id) => id !== '');
  if (ids.length === 0) throw new InvalidArgumentError('expected ids of rows like C01,F04, or groups like C,D');
  return [...before, ...ids];
}

/** The command line `emta`, with every command and option. What `certify` and `init` need is loaded for them alone. */
export function makeProgram(io: Io, options: ProgramOptions): Command {
  const program = new Command('emta');
  program
    .description(
      "A stand-in for Emta, Iran's e-commerce identity service, and a harness that certifies relying parties.",
    )
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'tell what there is')
    .helpCommand(false)
    .allowExcessArguments(true)
    .argument('[command]')
    .usage('COMMAND [options]')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => {} })
    .action((command: string | undefined) => {
      if (command === undefined) program.help();
      const known = program.commands.map((one) => one.name());
      const near = nearest(String(command), known);
      throw new ConformanceError(
        'usage',
        `unknown command "${command}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
        {
          lines: [`the commands are ${known.join(', ')}`],
        },
      );
    });
  const runningOption = [
    '--emta <url>',
    `an Emta that runs; else EMTA_URL; else one of this run alone, where "launch" has \${issuer} and \${port}; else ${defaultIssuer}, started if need be`,
    addressOf,
  ] as const;
  program.addHelpText(
    'after',
    exampleText([
      'emta serve',
      'emta init http://localhost:8080/login',
      'emta certify emta-rp.json --html report.html',
    ]) +
      '\n`emta COMMAND --help` tells more. EMTA_URL stands for --emta, EMTA_CONTROL_TOKEN for the token that Emta may ask for.',
  );

  const serveCommand = program.command('serve').description('start Emta alone, and keep it up until Ctrl-C');
  addServeOptions(serveCommand);
  serveCommand.action(async () => options.done(await serve(serveCommand, io)));

  program
    .command('certify')
    .description('certify a relying party as its file describes it')
    .argument('[file]', 'the file of the relying party, emta-rp.json')
    .option('--profile <name>', `which rows count: ${profiles.join(', ')}; the file's own, else core-must`, profileOf)
    .option('--only <ids>', 'run these rows, or groups of rows, alone, which certifies nothing: C01,F04 or C,D', idsOf)
    .option('--list', 'print the rows and stop')
    .option('--explain <id>', 'print all about a row and stop')
    .option('--seed <text>', 'seed of the order and the citizens; printed, new for each run when left out')
    .option('--baseline <file>', 'failures that somebody answers for: [{id, until, reason, signed_by}]')
    .option(...runningOption)
    .option('--check-driver', 'only find out whether harness and relying party can talk to each other')
    .option('--concurrency <number>', 'cases that run at the same time', wholeNumber(1))
    .option('--skip-waits', 'leave out the waits of more than a minute; their rows end inconclusive')
    .option('--json', 'print the report as JSON')
    .option('--report <file>', 'write the report as JSON, and its signature beside it')
    .option('--html <file>', 'write the report as one page, in Persian and English')
    .option('--junit <file>', 'write the report as JUnit XML')
    .option('--earl <file>', 'write the report as EARL JSON-LD')
    .option('--package <file>', 'write all of it as a zip; refused while not certified')
    .option('--run-by <name>', 'who runs it, a person or an organisation; the signed report names them', namedParty)
    .option('--key <file>', 'the Ed25519 key that signs, made on first use', options.defaultKey)
    .addHelpText(
      'after',
      exampleText(
        [
          'emta certify emta-rp.json',
          'emta certify emta-rp.json --only C01,D01',
          'emta certify emta-rp.json --profile emta-strict --report report.json --html report.html --junit junit.xml',
          'emta certify --list --profile core-must',
          'emta certify --explain C08',
        ],
        '0 certified; 1 not certified; 2 usage or set-up; 3 inconclusive, stopped before the end, or a defect of the harness.',
      ),
    )
    .action(async (file: string | undefined, o: Readonly<Record<string, unknown>>) => {
      const { certify } = await import('./certify.ts');
      options.done(await certify(file, certifyOptions(o, options), io));
    });

  program
    .command('check-driver')
    .description('try every message of the driver that a file names, and say what is right and what is wrong')
    .argument('<file>', 'the file of the relying party, emta-rp.json')
    .option(...runningOption)
    .addHelpText(
      'after',
      exampleText(['emta check-driver emta-rp.json'], '0 every answer is right; 2 usage, set-up or a wrong answer.'),
    )
    .action(async (file: string, o: Readonly<Record<string, unknown>>) => {
      const { certify } = await import('./certify.ts');
      options.done(await certify(file, { ...certifyOptions(o, options), checkDriver: true }, io));
    });

  program
    .command('verify-report')
    .description('check that a report, or all files of a package, are as they were signed')
    .argument('<file>', 'the report as JSON, or the zip of --package')
    .option('--signature <file>', 'its signature; FILE.sig when left out')
    .option('--public-key <file>', 'the key that must have signed it, as PEM')
    .addHelpText(
      'after',
      exampleText(
        [
          'emta verify-report report.json',
          'emta verify-report report.zip',
          'emta verify-report report.json --public-key auditor.pem',
        ],
        '0 unchanged since it was signed; 1 changed, or not signed; 2 usage.',
      ),
    )
    .action((file: string, o: { signature?: string; publicKey?: string }) => {
      options.done(verifyReportFile(file, { signature: o.signature, publicKey: o.publicKey }, io));
    });

  program
    .command('init')
    .description('write a draft of emta-rp.json by looking at a running site')
    .argument('<url>', 'where its login starts, or any of its pages')
    .option('--out <file>', 'where to write it; - prints it', 'emta-rp.json')
    .option('--force', 'write over a file that is there')
    .addHelpText(
      'after',
      exampleText(
        ['emta init http://localhost:8080/login', 'emta init http://localhost:8080 --out -'],
        '0 written; 2 usage, or no site there.',
      ),
    )
    .action(async (url: string, o: { out: string; force?: boolean }) => {
      const { init } = await import('./init.ts');
      options.done(await init(url, { out: o.out, force: o.force === true }, io));
    });

  addAskCommands(program, io, options.done);

  for (const command of program.commands) {
    command
      .exitOverride()
      .allowExcessArguments(false)
      .configureOutput({ writeOut: io.out, writeErr: io.err, outputError: () => {} });
  }
  return program;
}

/** Commander's bag of options, typed. */
function certifyOptions(o: Readonly<Record<string, unknown>>, { defaultSeed }: ProgramOptions): CertifyOptions {
  const text = (name: string): string | undefined => {
    const value = o[name];
    return typeof value === 'string' ? value : undefined;
  };
  const { only, concurrency } = o;
  const profile = text('profile');
  return {
    only: Array.isArray(only) ? only.map(String) : undefined,
    list: o.list === true,
    explain: text('explain'),
    checkDriver: o.checkDriver === true,
    profile: profile === undefined ? undefined : profileOf(profile),
    seed: text('seed') ?? defaultSeed(),
    baseline: text('baseline'),
    emta: text('emta'),
    concurrency: typeof concurrency === 'number' ? concurrency : undefined,
    skipWaits: o.skipWaits === true,
    json: o.json === true,
    report: text('report'),
    html: text('html'),
    junit: text('junit'),
    earl: text('earl'),
    package: text('package'),
    runBy: text('runBy'),
    key: text('key') ?? '',
  };
}
