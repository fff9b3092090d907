/** The site's only source of time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The site's only source of chance. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** Sends an SMS; rejects when the gateway did not take it. */
export type SendSms = (to: string, text: string) => Promise<void>;

/** Takes note of what the citizen is not told: an error with what the site was doing. */
export type Log = (doing: string, error: unknown) => void;
