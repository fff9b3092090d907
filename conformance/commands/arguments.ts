import { InvalidArgumentError } from 'commander';
import { defaultIssuer } from './ask-emta.ts';

/** Reads a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || text.trim() === '') {
      throw new InvalidArgumentError(`expected a whole number of at least ${least}`);
    }
    return value;
  };
}

/** Reads the address of an Emta. */
export function addressOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError(`expected an address like ${defaultIssuer}`);
  }
  return text;
}

/** Reads a person or an organisation, as the report will name them; a terminal must be able to print it as it stands. */
export function namedParty(text: string): string {
  const name = text.trim();
  if (name === '' || /\p{Cc}/u.test(name)) {
    throw new InvalidArgumentError('expected the name of a person or an organisation, on one line');
  }
  return name;
}

/** What stands below the options of a command's help. */
export function exampleText(commands: readonly string[], exitCodes?: string): string {
  const codes = exitCodes === undefined ? '' : `\nExit codes: ${exitCodes}`;
  return `\nExamples:\n${commands.map((command) => `  ${command}\n`).join('')}${codes}`;
}
