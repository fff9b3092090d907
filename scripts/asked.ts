import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * The options and names that a script was called with. `--help` prints its help and ends it with 0; an option that it
 * does not know ends it with 2.
 */
export function asked<const Config extends ParseArgsConfig>(
  help: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  if (process.argv.includes('--help', 2)) {
    process.stdout.write(help);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    // What `parseArgs` throws names the option and says what to do; anything else is a defect.
    const isOfCaller = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
    if (isOfCaller) refuse(`${error.message}\n\n${help.trimEnd()}`);
    throw error;
  }
}

/** A whole number above 0. */
export function countOf(option: string, given: string): number {
  const value = Number(given);
  return Number.isSafeInteger(value) && value > 0
    ? value
    : refuse(`expected "${option}" to be a whole number above 0, got "${given}"`);
}

/** Names of a list, parted by commas, each of which is known. */
export function namesOf<Name extends string>(option: string, given: string, known: readonly Name[]): readonly Name[] {
  return given.split(',').map((name) => {
    const found = known.find((one) => one === name);
    return found ?? refuse(`expected "${option}" to be some of ${known.join(', ')}, got "${name}"`);
  });
}

/** Ends the script with 2: it cannot do what it was asked. */
export function refuse(problem: string, hint?: string): never {
  process.stderr.write(`emta: ${problem}\n${hint === undefined ? '' : `      ${hint}\n`}`);
  process.exit(2);
}
