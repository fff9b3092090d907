/** Colours for a terminal; plain text where there is none. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubt: (text: string) => string;
}

const same = (text: string): string => text;
const start = String.fromCharCode(27);
const code = (on: number, off: number) => (text: string) => `${start}[${on}m${text}${start}[${off}m`;

/** Paints when asked to, by SGR codes that every terminal knows. */
export function paint(colours: boolean): Paint {
  if (!colours) return { bold: same, dim: same, good: same, bad: same, doubt: same };
  return { bold: code(1, 22), dim: code(2, 22), good: code(32, 39), bad: code(31, 39), doubt: code(33, 39) };
}
