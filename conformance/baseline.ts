import { findRow, type Row } from './catalogue.ts';
import { ConformanceError, isConformanceError } from './errors.ts';
import { parseJsonWithPlaces, pointerTo } from './json-places.ts';
import { nearest } from './nearest.ts';
import type { Severity } from './verdict.ts';

/** Severities that a baseline may excuse. */
export const excusable: readonly Severity[] = ['high', 'scheme'];

/** A failure that somebody answers for, until a day. */
export interface BaselineEntry {
  readonly id: string;
  /** The last day on which the entry holds, as a calendar date. */
  readonly until: string;
  readonly reason: string;
  readonly signed_by: string;
}

/** What an entry says, beside its row. */
export const excuseOf = ({ until, reason, signed_by }: BaselineEntry): string =>
  `until ${until}, signed by ${signed_by}: ${reason}`;

const members = ['id', 'until', 'reason', 'signed_by'] as const;

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

/** Reads a baseline; unknown, critical, doubled and outdated entries are refused, all faults at once. */
export function parseBaseline(
  text: string,
  file: string,
  { rows, today }: { readonly rows: readonly Row[]; readonly today: string },
): readonly BaselineEntry[] {
  const parsed = parseJsonWithPlaces(text);
  if (parsed.kind === 'fault') {
    const { line, column, message } = parsed.fault;
    throw new ConformanceError('baseline_invalid', `${file}:${line}:${column}: ${message}`);
  }
  if (!Array.isArray(parsed.value)) {
    throw new ConformanceError('baseline_invalid', `${file}: expected an array of {id, until, reason, signed_by}`);
  }
  const faults: string[] = parsed.doubled.map((fault) => `${file}:${fault.line}:${fault.column}: ${fault.message}`);
  const entries: BaselineEntry[] = [];
  for (const [index, value] of parsed.value.entries()) {
    const place = parsed.places.get(pointerTo('', index));
    const found = faultsOfEntry(value, { rows, today });
    faults.push(...found.map((fault) => `${file}:${place?.line ?? 1}:${place?.column ?? 1}: ${fault}`));
    if (found.length > 0) continue;
    if (entries.some((entry) => entry.id === value.id)) {
      faults.push(`${file}:${place?.line ?? 1}:${place?.column ?? 1}: ${value.id} stands twice`);
    }
    entries.push(value);
  }
  if (faults.length > 0) throw new ConformanceError('baseline_invalid', faults[0] ?? '', { lines: faults.slice(1) });
  return entries;
}

function faultsOfEntry(
  value: unknown,
  { rows, today }: { readonly rows: readonly Row[]; readonly today: string },
): readonly string[] {
  if (typeof value !== 'object' || value === null) return ['expected an object {id, until, reason, signed_by}'];
  const entry: Readonly<Record<string, unknown>> = { ...value };
  const faults: string[] = [];
  for (const member of Object.keys(entry)) {
    if (members.some((known) => known === member)) continue;
    const near = nearest(member, members);
    faults.push(`unknown member "${member}"${near === undefined ? '' : `, did you mean "${near}"?`}`);
  }
  for (const member of members) {
    const text = entry[member];
    if (typeof text !== 'string' || text.trim() === '') faults.push(`missing member "${member}"`);
  }
  if (typeof entry.until === 'string' && entry.until !== '') {
    if (!isDay(entry.until)) faults.push(`expected "until" to be a date like 2026-03-01, got "${entry.until}"`);
    else if (entry.until < today)
      faults.push(`${entry.id}: the entry of ${entry.signed_by} ended on ${entry.until}; mend the row, or decide anew`);
  }
  if (typeof entry.id === 'string' && entry.id !== '') faults.push(...faultsOfId(entry.id, rows));
  return faults;
}

function faultsOfId(id: string, rows: readonly Row[]): readonly string[] {
  try {
    const row = findRow(rows, id);
    if (row.id !== id) return [`expected "id" to be "${row.id}", got "${id}"`];
    if (row.severity === 'critical') return [`${id} is critical, which no baseline excuses`];
    if (!excusable.includes(row.severity))
      return [`${id} is ${row.severity}, whose failure denies nothing and needs no excuse`];
    return [];
  } catch (error) {
    if (isConformanceError(error) && error.code === 'unknown_row') return [error.message];
    throw error;
  }
}
