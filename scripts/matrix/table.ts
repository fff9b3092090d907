import { type DefectEntry, defects, isNeighbour, nameOf } from '../../conformance/defects/index.ts';
import type { Trial } from './try-defect.ts';

/** One line of the kept table: what a defect turned red, held against its lists. */
export interface Line {
  readonly name: string;
  /** Rows that the defect must turn red, and did. */
  readonly killed: readonly string[];
  /** Rows that may turn red as well, and did. */
  readonly neighbours: readonly string[];
  /** Rows outside both lists that turned red. */
  readonly unexpected: readonly string[];
  /** Rows that the defect must turn red, and did not. */
  readonly survived: readonly string[];
  readonly inDoubt: number;
}

/** The sale site without a defect must turn nothing red. */
const rightSite: DefectEntry = { id: 'none', title: 'the sale site as it is', rows: [] };

export const entries: readonly DefectEntry[] = [rightSite, ...defects];

export const entryOf = (name: string): DefectEntry | undefined => entries.find((entry) => nameOf(entry) === name);

/** Holds a trial against what its defect is known for. */
export function lineOf({ name, red, doubtful }: Trial): Line {
  const entry = entryOf(name);
  if (entry === undefined) throw new Error(`expected the name of a defect, got "${name}"`);
  return {
    name,
    killed: red.filter((id) => entry.rows.includes(id)),
    neighbours: red.filter((id) => !entry.rows.includes(id) && isNeighbour(entry, id)),
    unexpected: red.filter((id) => !entry.rows.includes(id) && !isNeighbour(entry, id)),
    survived: entry.rows.filter((id) => !red.includes(id)),
    inDoubt: doubtful.length,
  };
}

/** A kept line with some rows measured anew; of the doubts, which are kept as a number, the greater one. */
export function renewed(line: Line, trial: Trial, rows: readonly string[]): Line {
  const red = [...line.killed, ...line.neighbours, ...line.unexpected].filter((id) => !rows.includes(id));
  const isMeasured = (id: string) => rows.includes(id);
  const fresh = lineOf({ ...trial, red: [...red, ...trial.red.filter(isMeasured)].toSorted() });
  return { ...fresh, inDoubt: Math.max(line.inDoubt, trial.doubtful.filter(isMeasured).length) };
}

/** `C01 C02 C03 D01` as `C01-C03 D01`. */
export function shortened(ids: readonly string[]): string {
  const parts: string[] = [];
  for (let at = 0; at < ids.length; ) {
    let end = at;
    while (isNext(ids[end], ids[end + 1])) end += 1;
    if (end - at >= 2) parts.push(`${ids[at]}-${ids[end]}`);
    else parts.push(...ids.slice(at, end + 1));
    at = end + 1;
  }
  return parts.join(' ');
}

const isNext = (one: string | undefined, two: string | undefined): boolean =>
  one !== undefined && two !== undefined && one[0] === two[0] && Number(two.slice(1)) === Number(one.slice(1)) + 1;

/** The ids that `shortened` made short. */
export const lengthened = (text: string): readonly string[] =>
  text.split(' ').flatMap((part) => {
    const [from = '', to] = part.split('-');
    if (from === '' || to === undefined) return from === '' ? [] : [from];
    const first = Number(from.slice(1));
    return Array.from(
      { length: Number(to.slice(1)) - first + 1 },
      (_, index) => `${from[0]}${String(first + index).padStart(2, '0')}`,
    );
  });

const head = ['defect', 'killed', 'neighbours', 'unexpected', 'survived', 'in doubt', 'what the site does wrong'];

const introduction = `# Every defect against every row

Made by \`npm run matrix\`; nobody edits it by hand. Each line is the reference sale site with one defect built in, certified
by every row in the profile \`audit\`; \`none\` is the site as it is. *Killed*: rows that the defect must turn red, and did.
*Neighbours*: rows that rightly turn red as well. *Unexpected* and *survived* must be empty. *In doubt*: rows that ended
inconclusive: K02-K04 where their waits were left out, and more where the defect spoils the logins before and after.
\`npm run matrix -- NAME…\` runs some defects again, \`--missing\` those without a line, \`--skip-waits\` all without the waits of
K02-K04; \`--rows C01,D01\` measures these rows anew and keeps what the lines say of the others. To see the report of one:
\`SALE_SITE_DEFECTS=X16 npx emta certify conformance/sale-site/emta-rp.json --html bad.html\`.
`;

/** The kept file: a line to a defect, in the order of the lists. */
export function documentOf(lines: readonly Line[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const known = entries.flatMap((entry) => lines.find(({ name }) => name === nameOf(entry)) ?? []);
  return [
    introduction,
    `${known.length} of ${entries.length} have a line.\n`,
    row(head),
    row(head.map(() => '---')),
    ...known.map((line) =>
      row([
        line.name,
        ...[line.killed, line.neighbours, line.unexpected, line.survived].map(shortened),
        String(line.inDoubt),
        entryOf(line.name)?.title ?? '',
      ]),
    ),
    '',
  ].join('\n');
}

/** The lines of a kept file, held anew against what each defect is known for now. */
export function linesIn(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', ...cells] = line.split('|').map((cell) => cell.trim());
    if (entryOf(name) === undefined) return [];
    const [killed = [], neighbours = [], unexpected = []] = cells.map(lengthened);
    const red = [...killed, ...neighbours, ...unexpected].toSorted();
    const doubtful = Array.from({ length: Number(cells[4]) }, () => '');
    return [lineOf({ name, red, doubtful, because: {}, defects: [] })];
  });
}
