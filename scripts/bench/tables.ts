/** A table of Markdown, its columns as wide as they need to be. */
export function table(head: readonly string[], ...rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => [...(row[column] ?? '')].length), title.length),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** What it may be at most. */
  readonly budget: number;
}

const WIDTH = 40;

/** How each ratio stands to its budget: `│` is the budget. */
export function chart(bars: readonly Bar[]): string {
  const longest = Math.max(...bars.flatMap(({ value, budget }) => [value, budget]));
  const names = Math.max(...bars.map(({ name }) => name.length));
  const place = (value: number) => Math.max(1, Math.round((value / longest) * WIDTH));
  const lines = bars.map(({ name, value, budget }) => {
    const cells = [...'█'.repeat(place(value)).padEnd(WIDTH)];
    cells.splice(place(budget), 0, '│');
    return `${name.padEnd(names)}  ${cells.join('')}  ${value.toFixed(2)} of ${budget.toFixed(2)}`;
  });
  return ['```text', ...lines, '```'].join('\n');
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

export function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
