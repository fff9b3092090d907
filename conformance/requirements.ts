import { readFileSync } from 'node:fs';

/** What the standards demand of a relying party, as far as an outsider can see, and the rows that look. */
export interface Requirement {
  readonly id: string;
  readonly requirement: string;
  readonly level: string;
  readonly clauses: readonly string[];
  readonly rows: readonly string[];
}

/** Reads the requirements that ship with the package. */
export function loadRequirements(): readonly Requirement[] {
  return JSON.parse(readFileSync(new URL('./requirements.json', import.meta.url), 'utf8')) as readonly Requirement[];
}
