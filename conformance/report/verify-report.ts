import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { loadCatalogue } from '../catalogue.ts';
import { countVerdicts, decide, defectsIn } from '../certification.ts';
import { chosenRows } from '../choose-rows.ts';
import { counted } from '../counted.ts';
import { ConformanceError } from '../errors.ts';
import { parseJsonWithPlaces } from '../json-places.ts';
import { version } from '../version.ts';
import { genesis, isIntact } from './canonical.ts';
import { type Report, reportSchema, reportVersion } from './report.ts';
import { checkSignature } from './signature.ts';

/** What a check of a report found; a report with any fault certifies nothing. */
export interface ReportCheck {
  readonly faults: readonly string[];
  /** The report, where it can be read at all. */
  readonly report: Report | undefined;
  readonly signature: 'valid' | 'missing' | 'invalid';
  readonly fingerprint: string | undefined;
  /** How many files the package holds that it lay in. */
  readonly files?: number;
}

export interface ReportFiles {
  /** The report's text as it is on disk. */
  readonly text: string;
  /** The text of the signature file; undefined when there is none. */
  readonly signature: string | undefined;
  /** The public key that must have signed it. */
  readonly publicKeyPem?: string;
}

/** Checks schema, chain, footer, verdict and signature; all faults at once. */
export const verifyReport = (files: ReportFiles): ReportCheck => reportVerifier()(files);

/** The same check for many reports, with the schema read once. */
export function reportVerifier(): (files: ReportFiles) => ReportCheck {
  const schema: unknown = JSON.parse(readFileSync(new URL('./report.schema.json', import.meta.url), 'utf8'));
  if (typeof schema !== 'object' || schema === null)
    throw new ConformanceError('harness_defect', 'report.schema.json holds no schema');
  const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
  return (files) => check(files, validate);
}

const unreadable = (fault: string): ReportCheck => ({
  faults: [fault],
  report: undefined,
  signature: 'missing',
  fingerprint: undefined,
});

function check({ text, signature, publicKeyPem }: ReportFiles, validate: ValidateFunction): ReportCheck {
  if (/^\ufeff?\s*</.test(text))
    return unreadable('this is a page, and a page is a copy: hand over the JSON report that it was made from');
  const parsed = parseJsonWithPlaces(text);
  if (parsed.kind === 'fault') {
    const { line, column, message } = parsed.fault;
    return unreadable(`line ${line}, column ${column}: ${message}`);
  }
  const shape = shapeFaults(parsed.value, validate);
  const report = shape.length === 0 ? (parsed.value as Report) : undefined;
  const checked =
    signature === undefined
      ? undefined
      : checkSignature(text, readSignature(signature), publicKeyPem === undefined ? undefined : { publicKeyPem });
  const faults = [
    ...parsed.doubled.map((fault) => `line ${fault.line}, column ${fault.column}: ${fault.message}`),
    ...shape,
    ...(report === undefined ? [] : chainFaults(report)),
    ...(report === undefined ? [] : footerFaults(report)),
    ...(report === undefined ? [] : verdictFaults(report)),
    ...(checked === undefined ? ['the signature file is missing; nothing shows who made the report'] : []),
    ...(checked?.kind === 'invalid' ? [`signature: ${checked.because}`] : []),
  ];
  return {
    faults,
    report,
    signature: checked?.kind ?? 'missing',
    fingerprint: checked?.kind === 'valid' ? checked.fingerprint : undefined,
  };
}

function readSignature(text: string): unknown {
  const parsed = parseJsonWithPlaces(text);
  return parsed.kind === 'value' && parsed.doubled.length === 0 ? parsed.value : undefined;
}

function shapeFaults(value: unknown, validate: ValidateFunction): readonly string[] {
  if (typeof value !== 'object' || value === null || !('schema' in value) || value.schema !== reportSchema) {
    return [`expected a report of schema ${reportSchema}`];
  }
  if (!('version' in value) || value.version !== reportVersion) {
    return [
      `expected version ${reportVersion} of the schema, got ${'version' in value ? String(value.version) : 'none'}`,
    ];
  }
  if (!('footer' in value)) return ['the footer is missing: the run did not end, and certifies nothing'];
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || '/'}: ${error.message ?? error.keyword}`);
}

function chainFaults(report: Report): readonly string[] {
  const records = [
    { name: 'the header', record: report.header },
    ...report.rows.map((record) => ({ name: `row ${record.id}`, record })),
    { name: 'the footer', record: report.footer },
  ];
  const faults: string[] = [];
  let previous = genesis;
  for (const { name, record } of records) {
    if (!isIntact({ ...record })) faults.push(`${name} was changed after it was written`);
    if (record.previous !== previous)
      faults.push(`${name} does not follow the record before it: one was taken out, put in or moved`);
    previous = record.hash;
  }
  return faults;
}

function footerFaults({ rows, footer }: Report): readonly string[] {
  const counts = countVerdicts(rows);
  const faults: string[] = [];
  if (footer.rows !== rows.length)
    faults.push(counted`the footer speaks of ${footer.rows} row(s), the file holds ${rows.length}`);
  for (const [verdict, count] of Object.entries(counts)) {
    const said = Object.entries(footer.counts).find(([name]) => name === verdict)?.[1];
    if (said !== count) faults.push(`the footer counts ${said} ${verdict}, the rows are ${count}`);
  }
  return faults;
}

/** Decides once more, by the rows that the file holds, and says where the footer or a row says something else. */
function verdictFaults({ header, rows, footer }: Report): readonly string[] {
  // which rows a profile demands is known of this version alone
  const isOfThisVersion = header.harness.version === version && header.harness.rows === loadCatalogue().length;
  const decided = decide({
    profile: header.profile,
    verdicts: rows,
    demanded: header.only === null && isOfThisVersion ? chosenRows(header.profile, null).map(({ id }) => id) : [],
    partial: header.only !== null,
    baseline: header.baseline,
    defects: defectsIn(footer.reasons),
  });
  const faults = rows
    .filter(({ id, excused }) => excused !== decided.excused.includes(id))
    .map(
      ({ id, excused }) => `row ${id} stands as ${excused ? '' : 'not '}excused, by the baseline it is the contrary`,
    );
  if (footer.verdict !== decided.outcome || footer.exit_code !== decided.exitCode)
    faults.push(
      `the footer says ${footer.verdict} (${footer.exit_code}), its rows make it ${decided.outcome} (${decided.exitCode})`,
    );
  return faults;
}
