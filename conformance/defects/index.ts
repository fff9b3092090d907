import type { DefectEntry } from './defect-entry.ts';
import { listedDefects } from './listed.ts';
import { ownDefects } from './own.ts';

export { type DefectEntry, isNeighbour, nameOf } from './defect-entry.ts';

/** Every defect of the reference sale site: those of the list, and one for each row that the list leaves out. */
export const defects: readonly DefectEntry[] = [...listedDefects, ...ownDefects];

/** Rows that no defect can turn red, each with the reason. */
export const withoutDefect: Readonly<Record<string, string>> = {
  A01: 'shown by the null relying parties',
  A04: 'shown by the null relying parties',
  A05: 'shown by the null relying parties',
  A06: 'shown by a missing token file on a private address',
  D16: 'reports whatever the policy is',
  E13: 'needs an address that is not loopback',
  H09: 'reports whatever the tolerance is',
  H27: 'reports whichever way the site chooses',
  J09: 'reports whatever the lifetime is',
};
