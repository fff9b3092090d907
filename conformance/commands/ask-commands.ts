import type { Command } from 'commander';
import { addressOf, exampleText, wholeNumber } from './arguments.ts';
import { defaultIssuer } from './ask-emta.ts';
import { citizens } from './citizens.ts';
import { arm, disarm, faults } from './faults.ts';
import type { ExitCode, Io } from './io.ts';
import { journal } from './journal.ts';
import { sms } from './sms.ts';

/** Seconds that somebody who asks for a message to come is ready to wait. */
const usualWait = 30;

/** Adds the commands that ask a running Emta. */
export function addAskCommands(program: Command, io: Io, done: (code: ExitCode) => void): void {
  const emtaOption = [
    '--emta <url>',
    'the Emta to talk to (EMTA_URL)',
    addressOf,
    io.env.EMTA_URL || defaultIssuer,
  ] as const;
  const again = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

  program
    .command('sms')
    .description('print the newest code sent to a mobile number')
    .argument('<mobile>', 'in any usual spelling')
    .option('--wait <seconds>', 'wait for one where there is none; 0 unless given, 30 with --new', wholeNumber(0))
    .option('--new', 'pass over those that are there, and wait for the next')
    .option('--json', 'print the whole message')
    .option(...emtaOption)
    .addHelpText(
      'after',
      exampleText(
        ['emta sms 09070000101', 'emta sms 09070000101 --wait 30', 'emta sms 09070000101 --new'],
        '0 printed; 1 no message; 2 usage, or no Emta there.',
      ),
    )
    .action(async (mobile: string, o: { wait?: number; new?: boolean; json?: boolean; emta: string }) => {
      const onlyNew = o.new === true;
      const wait = o.wait ?? (onlyNew ? usualWait : 0);
      done(await sms(mobile, { emta: o.emta, wait, onlyNew, json: o.json === true }, io));
    });

  program
    .command('citizens')
    .description('print the personas, or the people that a text finds')
    .option('--find <text>', 'part of a name, a national code or a number')
    .option('--limit <number>', 'how many at most', wholeNumber(1), 20)
    .option('--json', 'print all that is known of them')
    .option(...emtaOption)
    .addHelpText(
      'after',
      exampleText(
        ['emta citizens', 'emta citizens --find 0912 --limit 5 --json'],
        '0 printed; 1 nobody found; 2 usage, or no Emta there.',
      ),
    )
    .action(async (o: { find?: string; limit: number; json?: boolean; emta: string }) => {
      done(await citizens({ emta: o.emta, find: o.find, limit: o.limit, json: o.json === true }, io));
    });

  program
    .command('faults')
    .description('print what Emta can do wrong, or what is armed')
    .option('--find <text>', 'part of an id, a sentence or a row: nonce, H17')
    .option('--armed', 'those that are armed, with how often each was delivered')
    .option('--json', 'print all that is known of them')
    .option(...emtaOption)
    .addHelpText(
      'after',
      exampleText(
        ['emta faults --find nonce', 'emta faults --armed'],
        '0 printed; 1 none found; 2 usage, or no Emta there.',
      ),
    )
    .action(async (o: { find?: string; armed?: boolean; json?: boolean; emta: string }) => {
      done(await faults({ emta: o.emta, find: o.find, armed: o.armed === true, json: o.json === true }, io));
    });

  program
    .command('arm')
    .description('make Emta do something wrong, for one number, one client or everybody')
    .argument('<fault>', 'its id; `emta faults` lists them')
    .option('--mobile <number>', 'for the citizen with this number')
    .option('--client <id>', 'for the relying party with this client_id')
    .option('--issuer', 'for the whole issuer')
    .option('--uses <number>', 'how often; without end unless given', wholeNumber(1))
    .option('--parameter <name=value>', 'a parameter of the fault; may be given again', again)
    .option('--json', 'print what was armed')
    .option(...emtaOption)
    .addHelpText(
      'after',
      exampleText(
        [
          'emta arm id_token.nonce_wrong --mobile 09070000101 --uses 1',
          'emta arm token.slow --client shop --parameter milliseconds=4000',
          'emta disarm --all',
        ],
        '0 armed; 2 usage, or no Emta there.',
      ),
    )
    .action(async (fault: string, o: Readonly<Record<string, unknown>> & { emta: string }) => {
      const { mobile, client, uses, parameter } = o as {
        mobile?: string;
        client?: string;
        uses?: number;
        parameter?: readonly string[];
      };
      const { emta } = o;
      const to = { emta, mobile, client, issuer: o.issuer === true, uses };
      done(await arm(fault, { ...to, parameters: parameter ?? [], json: o.json === true }, io));
    });

  program
    .command('disarm')
    .description('take a fault back')
    .argument('[id]', 'as `emta faults --armed` prints it')
    .option('--all', 'take all of them back')
    .option(...emtaOption)
    .addHelpText('after', exampleText(['emta disarm --all'], '0 disarmed; 2 usage, or none of that id.'))
    .action(async (id: string | undefined, o: { all?: boolean; emta: string }) => {
      done(await disarm(id, { emta: o.emta, all: o.all === true }, io));
    });

  program
    .command('journal')
    .description("print, follow, export or check a running Emta's journal")
    .option('--journey <id>', 'only the entries of one journey')
    .option('--follow', 'go on until Ctrl-C')
    .option('--export <file>', 'write the entries into a new file, one JSON object a line')
    .option('--verify [file]', 'check the chain of an exported file, or of the running Emta')
    .option('--json', 'print the entries as JSON lines')
    .option(...emtaOption)
    .addHelpText(
      'after',
      exampleText(
        ['emta journal --follow', 'emta journal --export journal.jsonl', 'emta journal --verify journal.jsonl'],
        '0 printed, written or intact; 1 the chain is broken; 2 usage, or no Emta there.',
      ),
    )
    .action(
      async (o: {
        journey?: string;
        follow?: boolean;
        export?: string;
        verify?: string | true;
        json?: boolean;
        emta: string;
      }) => {
        const { emta, journey, verify } = o;
        const what = { emta, journey, follow: o.follow === true, export: o.export, verify, json: o.json === true };
        done(await journal(what, io));
      },
    );
}
