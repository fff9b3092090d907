const most = 3;

/** The innermost places of ours in a stack: enough to report a defect by, and no wall of text. */
export function framesOf(stack: string | null | undefined): readonly string[] {
  return (stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at ') && !line.includes('node:') && !line.includes('node_modules'))
    .slice(0, most);
}
