import { askEmta, type Fields, isObject, objectsIn, textOf } from './ask-emta.ts';
import type { ExitCode, Io } from './io.ts';

export interface CitizensOptions {
  readonly emta: string;
  readonly find: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

/** Prints the personas, or the people that a text finds. */
export async function citizens(options: CitizensOptions, io: Io): Promise<ExitCode> {
  const access = { issuer: options.emta, token: io.controlToken };
  if (options.find === undefined) {
    const people = objectsIn(await askEmta('/personas', access), 'personas');
    if (options.json) io.out(`${JSON.stringify(people, null, 2)}\n`);
    else io.out(table(people.map(personaLine)));
    return 0;
  }
  const query = new URLSearchParams({ find: options.find, limit: String(options.limit) });
  const people = objectsIn(await askEmta(`/citizens?${query}`, access), 'citizens');
  if (options.json) io.out(`${JSON.stringify(people, null, 2)}\n`);
  else io.out(table(people.map(citizenLine)));
  if (people.length === 0) {
    io.err(`emta: expected somebody for "${options.find}", got nobody\n`);
    return 1;
  }
  return 0;
}

const personaLine = (person: Fields): readonly string[] => [
  textOf(person, 'id'),
  textOf(person, 'mobile'),
  textOf(person, 'national_code'),
  textOf(person, 'birth'),
  textOf(person, 'reason'),
];

function citizenLine(person: Fields): readonly string[] {
  const birth = isObject(person.birth_date) ? textOf(person.birth_date, 'jalali') : '';
  return [
    textOf(person, 'mobile'),
    textOf(person, 'national_code'),
    birth,
    `${textOf(person, 'given_name')} ${textOf(person, 'family_name')}`.trim(),
  ];
}

/** Columns with two spaces between; the last one is left as long as it is. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map(
      (line) =>
        `${line.map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`,
    )
    .join('');
}
