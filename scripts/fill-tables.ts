/** Rows of a table, the head first. */
export type Table = readonly (readonly string[])[];

const block = /(<!-- table: (\S+) -->\n)[\s\S]*?(<!-- end of table -->)/g;
const quote = /(<!-- (file|settings): (.+?) -->\n```\S+\n)[\s\S]*?(```\n<!-- end of \2 -->)/g;

/** Puts each table between its two marks in one of the texts. A mark without a table, and a table without a mark, are both refused. */
export function fillTables(texts: readonly string[], tables: Readonly<Record<string, Table>>): readonly string[] {
  const missing = new Set(Object.keys(tables));
  const filled = texts.map((text) =>
    text.replace(block, (_whole, start: string, name: string, end: string) => {
      const table = tables[name];
      if (table === undefined) throw new Error(`expected a table of ${Object.keys(tables).join(', ')}, got "${name}"`);
      missing.delete(name);
      return `${start}${markdownOf(table)}${end}`;
    }),
  );
  if (missing.size > 0) throw new Error(`expected a place for the tables ${[...missing].join(', ')}, got none`);
  return filled;
}

/** Puts each quoted file, and the settings of each library, between its two marks. */
export function fillQuotes(
  text: string,
  textOf: Readonly<Record<'file' | 'settings', (name: string) => string>>,
): string {
  return text.replace(quote, (_whole, start: string, kind: 'file' | 'settings', name: string, end: string) => {
    return `${start}${textOf[kind](name).trimEnd()}\n${end}`;
  });
}

function markdownOf([head = [], ...rows]: Table): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |\n`).join('');
}

function escapeCell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
}
