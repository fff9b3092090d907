import { format } from 'node:util';

/** What a guard saw since it was last asked, one sentence each. */
export interface Guard {
  take(): readonly string[];
}

const methods = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;
const knownLine = 'oidc-provider WARNING: Unsupported runtime. Use Node.js v22.x LTS, or a later LTS release.';

/** Replaces the console's methods: nothing is printed, everything but one known line is kept for `take`. */
export function guardConsole(console: Pick<Console, (typeof methods)[number]>): Guard {
  let seen: string[] = [];
  for (const method of methods) {
    console[method] = (...values: unknown[]) => {
      const text = format(...values);
      if (!isKnown(text)) seen.push(`expected no output from a test, got console.${method}: ${text}`);
    };
  }
  return {
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
}

/** oidc-provider says this once when imported on a Node below 22, in bold red on a terminal. */
function isKnown(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours are control characters
  return text.replace(/\u001b\[[\d;]*m/g, '') === knownLine;
}
