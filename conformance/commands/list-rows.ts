import { groups, type Row } from '../catalogue.ts';
import { counted } from '../counted.ts';
import { wrap } from '../report/text-report.ts';
import type { Io } from './io.ts';

/** Prints the rows, one to a line, by group. */
export function listRows(rows: readonly Row[], json: boolean, io: Io): void {
  if (json) {
    io.out(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  for (const [id, title] of Object.entries(groups)) {
    const inGroup = rows.filter((row) => row.group === id);
    if (inGroup.length === 0) continue;
    io.out(`\n${id}  ${title}\n`);
    for (const row of inGroup)
      io.out(`  ${row.id}  ${row.severity.padEnd(8)}  ${row.profile.padEnd(11)}  ${row.title}\n`);
  }
  io.out(counted`\n${rows.length} row(s); \`emta certify --explain ID\` tells more of one\n`);
}

/** Prints all that the catalogue says of a row. */
export function explainRow(
  row: Row,
  requirements: readonly { readonly id: string; readonly requirement: string }[],
  io: Io,
): void {
  const line = (name: string, text: string) => io.out(`  ${name.padEnd(14)}${wrap(text, io.columns, 16)}\n`);
  io.out(`${row.id}  ${row.title}\n\n`);
  line('group', groups[row.group as keyof typeof groups] ?? row.group);
  line(
    'severity',
    row.severity === 'scheme' ? 'scheme (a rule of this scheme, no breach of a standard)' : row.severity,
  );
  line('profile', row.profile);
  line('Emta does', row.idp);
  line('stimulus', row.stimulus);
  line('required', row.required);
  line('seen by', row.oracles.map((kind) => oracleWords[kind]).join('; '));
  line('applies when', row.applies_when ?? 'always');
  for (const clause of row.clauses) {
    const requirement = requirements.find(({ id }) => id === clause);
    line('clause', requirement === undefined ? clause : `${clause}: ${requirement.requirement}`);
  }
}

const oracleWords = {
  L: "Emta's journal",
  L2: 'the log of hosts it must never talk to',
  U: "the browser's trace",
  P: 'the session probe',
  N: 'personal values on the pages',
} as const;
