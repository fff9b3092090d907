import { createHash } from 'node:crypto';
import type { Row } from '../catalogue.ts';
import { isLoopback, isPrivate } from './site.ts';

/** What the owner puts at `/.well-known/emta-conformance` of his site to agree to be attacked. */
export const consentToken = (clientId: string, origin: string): string =>
  `emta-conformance=${createHash('sha256').update(`${clientId} ${origin}`).digest('base64url').slice(0, 32)}`;

const attackRows = new Set(['C05', 'C06', 'C08', 'C17', 'C18', 'E12', 'G10', 'G11', 'H28', 'I08', 'J02', 'R03', 'R05']);

/** Rows that attack, rather than misbehave as a provider may. */
export const isAttack = (row: Pick<Row, 'id' | 'group'>): boolean =>
  row.group === 'F' || row.group === 'M' || attackRows.has(row.id);

/** Whether a row may be run against a host whose owner has not agreed. */
export function mayRun(row: Pick<Row, 'id' | 'group'>, host: string, hasToken: boolean): boolean {
  if (isLoopback(host) || hasToken) return true;
  return isPrivate(host) && !isAttack(row);
}
