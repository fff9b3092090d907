// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${port}` is a placeholder of the owner's file
import type { BaselineEntry } from '../baseline.ts';
import type { CapabilityReading } from '../capabilities.ts';
import type { Row } from '../catalogue.ts';
import type { Counts, Decision, Outcome } from '../certification.ts';
import type { Fingerprint, RunFacts, Spent } from '../facts.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { Told } from '../told.ts';
import type { Face, Profile, RowVerdict } from '../verdict.ts';
import { type Chained, canonical, chain, genesis } from './canonical.ts';
import { type Asked, commandOf } from './command.ts';
import { maskAll } from './mask.ts';

export const reportSchema = 'urn:emta-mock:report';
export const reportVersion = 1;

/** What was certified, by what and how; names as in the file. */
export interface ReportHeader {
  readonly relying_party: {
    readonly name: string;
    readonly version: string;
    readonly start_url: string;
    readonly client_id: string;
    readonly https: boolean;
  };
  /** Who ran it, in their own words; left out where nobody was named. */
  readonly run_by?: string;
  readonly emta: RunFacts['emta'];
  readonly harness: { readonly name: string; readonly version: string; readonly rows: number };
  readonly profile: Profile;
  readonly seed: string;
  /** The rows chosen by `--only`; null for a whole run. */
  readonly only: readonly string[] | null;
  readonly started_at: string;
  readonly finished_at: string;
  /** How long each part of the run took, one after the other. */
  readonly spent: readonly Spent[];
  /** The key cool-downs of K02-K04 were left out by `--skip-waits`. */
  readonly waits_left_out: boolean;
  readonly face: Face;
  readonly driver: string;
  readonly capabilities: readonly CapabilityReading[];
  readonly contradictions: readonly Told[];
  readonly fingerprints: Readonly<Record<string, Fingerprint | null>>;
  readonly order: readonly string[];
  readonly baseline: readonly BaselineEntry[];
  /** The command that repeats the run. */
  readonly command: string;
}

/** A row's verdict beside what the row demands. */
export type ReportRow = RowVerdict & {
  readonly group: string;
  readonly title: string;
  /** What Emta does; a dash where nothing is asked of it. */
  readonly idp: string;
  readonly stimulus: string;
  readonly required: string;
  readonly excused: boolean;
  /** The command that repeats the row; empty where it was not run. */
  readonly reproduce: string;
};

export interface ReportFooter {
  readonly rows: number;
  readonly counts: Counts;
  readonly verdict: Outcome;
  readonly exit_code: Decision['exitCode'];
  readonly reasons: readonly Told[];
}

export interface Report {
  readonly schema: typeof reportSchema;
  readonly version: typeof reportVersion;
  readonly header: Chained<ReportHeader>;
  readonly rows: readonly Chained<ReportRow>[];
  readonly footer: Chained<ReportFooter>;
}

export interface ReportInput {
  readonly rp: RelyingParty;
  /** The rows of the run, in the order of the catalogue. */
  readonly rows: readonly Row[];
  readonly verdicts: readonly RowVerdict[];
  readonly facts: RunFacts;
  readonly decision: Decision;
  readonly profile: Profile;
  readonly only: readonly string[] | null;
  readonly baseline: readonly BaselineEntry[];
  readonly harnessVersion: string;
  /** Number of rows in the catalogue. */
  readonly catalogueSize: number;
  /** The relying party's file as it was named, for the commands that repeat a run. */
  readonly fileName: string;
  readonly runBy?: string | undefined;
  readonly asked: Asked;
}

/** Puts a run together as a report: masked, in the order of the catalogue, chained from header to footer. */
export function makeReport(input: ReportInput): Report {
  const { rp, facts, decision } = input;
  const repeat = { ...input, seed: facts.seed };
  const header = chain<ReportHeader>(
    {
      relying_party: {
        name: rp.name,
        version: rp.version,
        // A launched copy takes a port of its own, which says nothing.
        start_url: rp.start.url.replaceAll('${port}', '*'),
        client_id: rp.client.client_id,
        https: rp.start.url.startsWith('https:'),
      },
      ...(input.runBy === undefined ? {} : { run_by: input.runBy }),
      emta: facts.emta,
      harness: { name: 'emta-mock', version: input.harnessVersion, rows: input.catalogueSize },
      profile: input.profile,
      seed: facts.seed,
      only: input.only === null ? null : input.rows.map(({ id }) => id),
      started_at: facts.startedAt,
      finished_at: facts.finishedAt,
      spent: facts.spent,
      waits_left_out: facts.waitsLeftOut,
      face: facts.face,
      driver: facts.driver,
      capabilities: facts.capabilities,
      contradictions: maskAll(facts.contradictions),
      fingerprints: maskAll(facts.fingerprints),
      order: facts.order,
      baseline: input.baseline,
      command: commandOf(repeat, input.only),
    },
    genesis,
  );
  let previous = header.hash;
  const rows = input.rows.flatMap((row) => {
    const verdict = input.verdicts.find((candidate) => candidate.id === row.id);
    if (verdict === undefined) return [];
    const record = chain<ReportRow>(
      {
        ...maskAll(verdict),
        group: row.group,
        title: row.title,
        idp: row.idp,
        stimulus: row.stimulus,
        required: row.required,
        excused: decision.excused.includes(row.id),
        reproduce: verdict.verdict === 'not-applicable' ? '' : commandOf(repeat, [row.id]),
      },
      previous,
    );
    previous = record.hash;
    return [record];
  });
  const footer = chain<ReportFooter>(
    {
      rows: rows.length,
      counts: decision.counts,
      verdict: decision.outcome,
      exit_code: decision.exitCode,
      reasons: maskAll(decision.reasons),
    },
    previous,
  );
  return { schema: reportSchema, version: reportVersion, header, rows, footer };
}

/** The report as a file: JSON with one record to a line, so that two reports can be compared line by line. */
export function serializeReport(report: Report): string {
  const rows = report.rows.map(canonical).join(',\n');
  return [
    `{"schema":${canonical(report.schema)},"version":${canonical(report.version)},`,
    `"header":${canonical(report.header)},`,
    `"rows":[\n${rows}\n],`,
    `"footer":${canonical(report.footer)}}\n`,
  ].join('\n');
}
