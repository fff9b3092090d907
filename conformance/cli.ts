#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock.ts';
import type { ExitCode, Io } from './commands/io.ts';
import { makeProgram } from './commands/program.ts';
import { refusalOf } from './commands/refusal.ts';

const paperWidth = 100;

/** A terminal gets colours, unless `NO_COLOR` forbids them; anything else where `FORCE_COLOR` asks for them. */
export function wantsColours(
  { NO_COLOR, FORCE_COLOR }: Readonly<Record<string, string | undefined>>,
  { isTTY }: { readonly isTTY?: boolean },
): boolean {
  if (NO_COLOR || FORCE_COLOR === '0') return false;
  return FORCE_COLOR ? true : isTTY === true;
}

function ioOfProcess(): Io {
  const { env, stdout, stderr } = process;
  let stopped: Promise<void> | undefined;
  // A reader such as `head` may leave before everything is written; that is no failure of ours.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    columns: stdout.isTTY === true ? Math.max(60, stdout.columns) : paperWidth,
    colours: { out: wantsColours(env, stdout), err: wantsColours(env, stderr) },
    now: systemClock.now,
    home: homedir(),
    env,
    folder: process.cwd(),
    controlToken: env.EMTA_CONTROL_TOKEN === '' ? undefined : env.EMTA_CONTROL_TOKEN,
    get stopped() {
      // a command that never asks ends at once, as a process does
      stopped ??= new Promise((settle) => {
        process.once('SIGINT', () => settle());
        process.once('SIGTERM', () => settle());
      });
      return stopped;
    },
    pause: (milliseconds) => pause(milliseconds),
  };
}

/** Runs one command line and answers its exit code; every refusal is told in words, none as a stack. */
export async function runCommandLine(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = makeProgram(io, {
    defaultKey: join(io.home, '.emta-mock', 'report-key.pem'),
    defaultSeed: () => randomBytes(4).toString('hex'),
    done: (exitCode) => {
      code = exitCode;
    },
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    const refusal = refusalOf(error);
    for (const line of refusal.lines) io.err(`${line}\n`);
    return refusal.exitCode;
  }
}

/** Runs the command line of this process. */
export async function main(): Promise<void> {
  process.exitCode = await runCommandLine(process.argv.slice(2), ioOfProcess());
}

const isEntry = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isEntry) await main();
