import { readFileSync } from 'node:fs';
import { ConformanceError } from './errors.ts';
import { nearest } from './nearest.ts';
import type { OracleKind, Profile, Severity } from './verdict.ts';

/** One line of the catalogue, as `catalogue.json` holds it. */
export interface Row {
  readonly id: string;
  readonly group: string;
  /** The relying party's duty in one sentence. */
  readonly title: string;
  /** What Emta does. */
  readonly idp: string;
  readonly stimulus: string;
  readonly required: string;
  readonly oracles: readonly OracleKind[];
  readonly severity: Severity;
  readonly clauses: readonly string[];
  /** An expression over capabilities and optional members; null: always. */
  readonly applies_when: string | null;
  readonly profile: Profile;
}

export const severities = ['critical', 'high', 'medium', 'scheme', 'info'] as const satisfies readonly Severity[];
export const profiles = ['core-must', 'emta-strict', 'audit'] as const satisfies readonly Profile[];
const oracleKinds = ['L', 'L2', 'U', 'P', 'N'] as const satisfies readonly OracleKind[];

/** What each group of rows is about. */
export const groups = {
  A: 'Plug and control',
  B: 'Success path',
  C: 'Consent refusal and authorization errors',
  D: 'Mobile-ownership mismatch',
  E: 'Authorization request',
  F: 'Callback: forgery, injection, mix-up, redirects',
  G: 'Token endpoint',
  H: 'ID token',
  I: 'UserInfo',
  J: 'Session and browser',
  K: 'Discovery and keys',
  L: 'Robustness the citizen feels',
  M: 'Resources face (plain OAuth 2.0)',
  R: 'Registration on the sale site',
} as const satisfies Readonly<Record<string, string>>;

const members = [
  'id',
  'group',
  'title',
  'idp',
  'stimulus',
  'required',
  'oracles',
  'severity',
  'clauses',
  'applies_when',
  'profile',
];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isOneOf = <T extends string>(known: readonly T[], value: unknown): value is T => known.some((k) => k === value);

function faultsOfRow(row: Readonly<Record<string, unknown>>, place: string): readonly string[] {
  const faults: string[] = [];
  for (const member of Object.keys(row))
    if (!members.includes(member)) faults.push(`${place}: unknown member "${member}"`);
  for (const member of ['id', 'group', 'title', 'idp', 'stimulus', 'required']) {
    if (!isText(row[member])) faults.push(`${place}: expected "${member}" to be text`);
  }
  if (isText(row.id) && !/^[A-Z]\d\d$/.test(row.id)) faults.push(`${place}: expected "id" like C01, got "${row.id}"`);
  if (isText(row.group) && !(row.group in groups)) faults.push(`${place}: unknown group "${row.group}"`);
  if (isText(row.id) && isText(row.group) && !row.id.startsWith(row.group)) {
    faults.push(`${place}: expected "id" to begin with its group "${row.group}"`);
  }
  if (!isOneOf(severities, row.severity))
    faults.push(`${place}: expected "severity" to be one of ${severities.join(', ')}`);
  if (!isOneOf(profiles, row.profile)) faults.push(`${place}: expected "profile" to be one of ${profiles.join(', ')}`);
  if (!isTexts(row.clauses) || row.clauses.length === 0)
    faults.push(`${place}: expected "clauses" to name at least one`);
  if (!isTexts(row.oracles) || row.oracles.length === 0 || !row.oracles.every((kind) => isOneOf(oracleKinds, kind))) {
    faults.push(`${place}: expected "oracles" to be some of ${oracleKinds.join(', ')}`);
  }
  if (row.applies_when !== null && !isText(row.applies_when)) {
    faults.push(`${place}: expected "applies_when" to be null or an expression`);
  }
  return faults;
}

/** Checks the rows and answers them typed; all faults at once. */
export function parseCatalogue(value: unknown): readonly Row[] {
  if (!Array.isArray(value))
    throw new ConformanceError('catalogue_invalid', 'expected the catalogue to be an array of rows');
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [index, row] of value.entries()) {
    const place = typeof row?.id === 'string' ? `catalogue row ${row.id}` : `catalogue row number ${index + 1}`;
    if (typeof row !== 'object' || row === null) faults.push(`${place}: expected an object`);
    else faults.push(...faultsOfRow(row, place));
    if (typeof row?.id === 'string' && seen.has(row.id)) faults.push(`${place}: the id stands twice`);
    seen.add(row?.id);
  }
  if (faults.length > 0) {
    throw new ConformanceError('catalogue_invalid', faults[0] ?? '', { lines: faults.slice(1) });
  }
  return value as readonly Row[];
}

/** Reads the catalogue that ships with the package. */
export function loadCatalogue(): readonly Row[] {
  return parseCatalogue(JSON.parse(readFileSync(new URL('./catalogue.json', import.meta.url), 'utf8')));
}

/** The row of an id; an unknown one is refused with the nearest and the known ones of its group. */
export function findRow(rows: readonly Row[], id: string): Row {
  const row = rows.find((candidate) => candidate.id === id.toUpperCase());
  if (row !== undefined) return row;
  const ids = rows.map((candidate) => candidate.id);
  const sameGroup = ids.filter((known) => known[0] === id[0]?.toUpperCase());
  const known =
    sameGroup.length > 0
      ? `the rows of group ${sameGroup[0]?.[0]} are ${sameGroup[0]} to ${sameGroup.at(-1)}`
      : `the groups are ${[...new Set(ids.map((known) => known[0]))].join(' ')}`;
  const near = sameGroup.length > 0 ? nearest(id, sameGroup) : undefined;
  throw new ConformanceError(
    'unknown_row',
    `expected the id of a row, got "${id}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    { lines: [`${known}; \`emta certify --list\` prints them all`] },
  );
}

/** Whether a row belongs to a profile; each profile contains the ones before it. */
export function belongsTo(row: Pick<Row, 'profile'>, profile: Profile): boolean {
  return profiles.indexOf(row.profile) <= profiles.indexOf(profile);
}
