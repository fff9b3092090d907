import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ConformanceError } from '../errors.ts';
import { parseJson } from '../json-text.ts';
import { checkOf, type FileFault, type Schema } from '../rp-file-faults.ts';

/** What a driver may take on beside `hello` and `stop`. */
const optionalMessages = [
  'start_login',
  'state',
  'logout',
  'register',
  'validation_code',
  'captcha',
  'sign_in',
] as const;

export type OptionalMessage = (typeof optionalMessages)[number];
export type MessageName = OptionalMessage | 'hello' | 'stop';

/** Members of a message or of its answer, without the number. */
export type Members = Readonly<Record<string, unknown>>;

/** A driver of the owner's own: a process that answers one JSON object a line. */
export interface CommandDriver {
  readonly name: string;
  readonly messages: ReadonlySet<OptionalMessage>;
  /** Everything that is not a right answer in time is refused as `driver_failed`. */
  ask(message: OptionalMessage, members: Members): Promise<Members>;
  /** Ends the process; answers what was wrong with its farewell. */
  stop(): Promise<ConformanceError | undefined>;
}

export interface CommandOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Members of `hello`. */
  readonly hello: Members;
  /** Milliseconds for the first answer, and for every other. */
  readonly patience?: { readonly hello: number; readonly other: number };
}

const KEPT_OUTPUT = 4000;
const LONGEST_LINE = 8_000_000;
const patienceOf = { hello: 15_000, other: 45_000 };

const isRecord = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

type Check = (value: unknown) => readonly FileFault[];

/** The checks of the protocol, by `ask_NAME` and `answer_NAME`. */
function loadProtocol(): (name: string) => Check {
  const root: unknown = JSON.parse(readFileSync(new URL('./protocol.schema.json', import.meta.url), 'utf8'));
  if (!isRecord(root) || !isRecord(root.$defs)) throw new Error('protocol.schema.json holds no schema');
  const { $defs: definitions } = root;
  const checks = new Map<string, Check>();
  return (name) => {
    const definition = isRecord(definitions) ? definitions[name] : undefined;
    if (!isRecord(definition)) throw new ConformanceError('harness_defect', `the protocol has no "${name}"`);
    const known = checks.get(name) ?? checkOf({ ...definition, $defs: definitions }, 'the message');
    checks.set(name, known);
    return known;
  };
}

const shortened = (line: string) => (line.length > 200 ? `${line.slice(0, 197)}...` : line);

interface Waiting {
  readonly message: MessageName;
  readonly settle: (answer: Members) => void;
  readonly fail: (cause: ConformanceError) => void;
}

/** Starts the driver's process and exchanges `hello` with it. */
export async function startCommandDriver(options: CommandOptions): Promise<CommandDriver> {
  const { command, cwd, env, hello } = options;
  const patience = options.patience ?? patienceOf;
  const named = command.join(' ');
  const check = loadProtocol();
  const waiting = new Map<number, Waiting>();
  let said = '';
  let count = 0;
  let ended: ConformanceError | undefined;
  let isStopping = false;

  const failed = (what: string, more: readonly string[] = []): ConformanceError =>
    new ConformanceError('driver_failed', `driver "${named}": ${what}`, {
      lines: [
        ...more,
        ...(said.trim() === '' ? [] : ['it said on its standard error:', ...said.trim().split('\n').slice(-12)]),
      ],
    });
  const end = (cause: ConformanceError) => {
    ended ??= cause;
    for (const one of waiting.values()) one.fail(cause);
    waiting.clear();
  };

  const [program = '', ...args] = command;
  const child: ChildProcessWithoutNullStreams = spawn(program, args, { cwd, env: { ...env }, stdio: 'pipe' });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_OUTPUT);
  });
  // what cannot be written is told by the end of the process
  child.stdin.on('error', () => undefined);
  const isOver = new Promise<void>((over) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      end(
        failed(`expected a program that can be started, got ${error.code ?? error.message}`, [`in the folder ${cwd}`]),
      );
      over();
    });
    child.on('close', (code, signal) => {
      if (!isStopping || waiting.size > 0) {
        const [pending] = waiting.values();
        const during =
          pending === undefined ? 'between two messages' : `while "${pending.message}" waited for its answer`;
        end(failed(`expected it to keep running, got its end (${signal ?? `exit code ${code}`}) ${during}`));
      }
      over();
    });
  });

  const take = (line: string) => {
    if (line.trim() === '') return;
    const answer = line.length > LONGEST_LINE ? undefined : parseJson(line);
    if (!isRecord(answer) || Array.isArray(answer))
      return end(
        failed(`expected one JSON object a line on its standard output, got ${shortened(JSON.stringify(line))}`, [
          'print everything else to standard error',
        ]),
      );
    const one = typeof answer.id === 'number' ? waiting.get(answer.id) : undefined;
    if (one === undefined) {
      const numbers = [...waiting.keys()];
      const expected = numbers.length === 0 ? 'no answer now' : `an answer with "id" ${numbers.join(' or ')}`;
      return end(failed(`expected ${expected}, got ${shortened(line)}`));
    }
    waiting.delete(Number(answer.id));
    const faults = check('error' in answer ? 'answer_error' : `answer_${one.message}`)(answer);
    if (faults.length > 0) {
      const [first, ...more] = faults.map(({ message }) => message);
      return one.fail(failed(`answer to "${one.message}": ${first}`, [...more, `it answered ${shortened(line)}`]));
    }
    if ('error' in answer) return one.fail(failed(`it could not do "${one.message}": ${String(answer.error)}`));
    const { id: _, ...members } = answer;
    one.settle(members);
  };
  createInterface({ input: child.stdout.setEncoding('utf8'), crlfDelay: Number.POSITIVE_INFINITY }).on('line', take);

  const ask = (message: MessageName, members: Members, within: number): Promise<Members> => {
    if (ended !== undefined) return Promise.reject(ended);
    count += 1;
    const id = count;
    const sent = { id, message, ...members };
    const [fault] = check(`ask_${message}`)(sent);
    if (fault !== undefined)
      return Promise.reject(
        new ConformanceError('harness_defect', `message "${message}" to the driver: ${fault.message}`),
      );
    return new Promise((settle, fail) => {
      const deadline = setTimeout(() => {
        waiting.delete(id);
        fail(failed(`expected an answer to "${message}" within ${within / 1000} s, got none`));
      }, within);
      const over =
        <T>(act: (value: T) => void) =>
        (value: T) => {
          clearTimeout(deadline);
          act(value);
        };
      waiting.set(id, { message, settle: over(settle), fail: over(fail) });
      child.stdin.write(`${JSON.stringify(sent)}\n`);
    });
  };

  const stop = async (): Promise<ConformanceError | undefined> => {
    let wrong = ended;
    if (ended === undefined && !isStopping) {
      const farewell = ask('stop', {}, 5000);
      isStopping = true;
      wrong = await farewell.then(
        () => undefined,
        (error: ConformanceError) => error,
      );
    }
    isStopping = true;
    child.stdin.end();
    const lastCall = setTimeout(() => {
      wrong ??= failed('expected it to end after "stop", got a process that goes on');
      child.kill('SIGKILL');
    }, 3000);
    await isOver;
    clearTimeout(lastCall);
    return wrong;
  };

  try {
    const answer = await ask('hello', { protocol: 1, ...hello }, patience.hello);
    const messages = new Set(
      (Array.isArray(answer.messages) ? answer.messages : []).flatMap(
        (name: unknown) => optionalMessages.find((known) => known === name) ?? [],
      ),
    );
    return {
      name: String(answer.name),
      messages,
      ask: (message, members) => ask(message, members, patience.other),
      stop,
    };
  } catch (error) {
    isStopping = true;
    child.kill('SIGKILL');
    await isOver;
    throw error;
  }
}
