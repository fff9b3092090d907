/** What a command may touch beside its arguments; the entry makes it from the process. */
export interface Io {
  /** Result of the command, for people and pipes. */
  readonly out: (text: string) => void;
  /** Progress, hints and refusals. */
  readonly err: (text: string) => void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal, or of paper. */
  readonly columns: number;
  /** Whether each of the two is painted. */
  readonly colours: { readonly out: boolean; readonly err: boolean };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The user's own folder, where the signing key lives by default. */
  readonly home: string;
  /** Bearer token of a control interface that asks for one (`EMTA_CONTROL_TOKEN`). */
  readonly controlToken: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command was called. */
  readonly folder: string;
  /** Settles when the user asks to stop (Ctrl-C). */
  readonly stopped: Promise<void>;
  /** A pause, for commands that ask again. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What a command's exit code means: 0 done or certified, 1 not certified or not found, 2 usage, 3 inconclusive. */
export type ExitCode = 0 | 1 | 2 | 3;
