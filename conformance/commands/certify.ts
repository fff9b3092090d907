import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type BaselineEntry, parseBaseline } from '../baseline.ts';
import { findRow, loadCatalogue } from '../catalogue.ts';
import { decide } from '../certification.ts';
import { chosenRows } from '../choose-rows.ts';
import { ConformanceError } from '../errors.ts';
import type { JobResult } from '../jest/job.ts';
import { runSuite } from '../jest/run-suite.ts';
import type { Asked } from '../report/command.ts';
import { earlReport } from '../report/earl.ts';
import { htmlReport } from '../report/html-report.ts';
import { junitReport } from '../report/junit.ts';
import { packageReport } from '../report/package-report.ts';
import { makeReport, type Report, serializeReport } from '../report/report.ts';
import { type DetachedSignature, openSigningKey, signReport } from '../report/signature.ts';
import { textReport } from '../report/text-report.ts';
import { loadRequirements } from '../requirements.ts';
import { loadRelyingParty, type RelyingParty } from '../rp-file.ts';
import type { Profile } from '../verdict.ts';

import { version } from '../version.ts';
import { checkCommandDriver } from './check-driver.ts';
import { framesOf } from './frames.ts';
import type { ExitCode, Io } from './io.ts';
import { explainRow, listRows } from './list-rows.ts';
import { type OpenEmta, openEmta } from './open-emta.ts';
import { signatureFileOf } from './verify-report.ts';

export interface CertifyOptions {
  readonly only: readonly string[] | undefined;
  readonly list: boolean;
  readonly explain: string | undefined;
  readonly checkDriver: boolean;
  readonly profile: Profile | undefined;
  readonly seed: string;
  readonly baseline: string | undefined;
  readonly emta: string | undefined;
  readonly concurrency: number | undefined;
  readonly skipWaits: boolean;
  readonly json: boolean;
  readonly report: string | undefined;
  readonly junit: string | undefined;
  readonly html: string | undefined;
  readonly earl: string | undefined;
  readonly package: string | undefined;
  readonly runBy: string | undefined;
  readonly key: string;
}

/** The rows that only find out whether harness and relying party can talk to each other. */
const plugRows = ['A01', 'A02', 'A03', 'A04', 'A05', 'A06'];

/** Certifies a relying party, or tells of the rows; answers the exit code. */
export async function certify(file: string | undefined, asked: CertifyOptions, io: Io): Promise<ExitCode> {
  const options = asked.checkDriver ? { ...asked, only: plugRows } : asked;
  const catalogue = loadCatalogue();
  if (options.explain !== undefined) {
    explainRow(findRow(catalogue, options.explain), loadRequirements(), io);
    return 0;
  }
  if (options.list) {
    const profile = options.profile ?? (file === undefined ? 'audit' : loadRelyingParty(file).profile);
    listRows(chosenRows(profile, options.only ?? null), options.json, io);
    return 0;
  }
  if (file === undefined) {
    throw new ConformanceError('usage', 'expected the file of a relying party, got none', {
      lines: ['`emta init URL` writes a draft by looking at a running site'],
    });
  }
  const rp = loadRelyingParty(file);
  if (options.checkDriver) {
    if (rp.driver.kind === 'command') return checkCommandDriver(file, { emta: options.emta }, io);
    io.err(
      `emta: the ${rp.driver.kind} driver has no messages of its own; rows ${plugRows.join(', ')} try every address it uses\n`,
    );
  }
  const profile = options.profile ?? rp.profile;
  const rows = chosenRows(profile, options.only ?? null);
  const baseline = options.baseline === undefined ? [] : readBaseline(options.baseline, io);
  refuseUnwritable(options);
  const result = await run(rp, file, profile, options, io);
  if (result.kind === 'stopped') {
    // A defect says where it happened; everything else is for the caller to mend, and its stack would not help.
    const where = result.code === 'harness_defect' ? framesOf(result.stack) : [];
    throw new ConformanceError(result.code, result.message, { lines: [...result.lines, ...where] });
  }
  const decision = decide({
    profile,
    verdicts: result.verdicts,
    demanded: rows.map(({ id }) => id),
    partial: options.only !== undefined,
    baseline,
    defects: result.facts.defects,
  });
  const report = makeReport({
    rp,
    rows,
    verdicts: result.verdicts,
    facts: result.facts,
    decision,
    profile,
    only: options.only ?? null,
    baseline,
    harnessVersion: version,
    catalogueSize: catalogue.length,
    fileName: file,
    runBy: options.runBy,
    asked: askedOf(options, io),
  });
  if (options.json) io.out(serializeReport(report));
  else io.out(textReport(report, { colours: io.colours.out, columns: io.columns }));
  writeFiles(report, rp, options, io);
  // Asked whether the two can talk, and not for a certificate: rows that pass are the answer.
  return asked.checkDriver && decision.outcome === 'partial' ? 0 : decision.exitCode;
}

const askedOf = ({ emta, baseline, concurrency, skipWaits }: CertifyOptions, { env }: Io): Asked => ({
  emta,
  emtaUrl: env.EMTA_URL,
  baseline,
  concurrency,
  skipWaits,
});

function readBaseline(file: string, io: Io): readonly BaselineEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConformanceError(
      'baseline_invalid',
      `expected a baseline at "${file}", got nothing that can be read there`,
      { cause },
    );
  }
  const today = new Date(io.now()).toISOString().slice(0, 'yyyy-mm-dd'.length);
  return parseBaseline(text, file, { rows: loadCatalogue(), today });
}

async function run(
  rp: RelyingParty,
  file: string,
  profile: Profile,
  options: CertifyOptions,
  io: Io,
): Promise<JobResult> {
  const emta = await openEmta(options.emta, rp, io);
  try {
    tellStart(rp, profile, emta, options, io);
    return await runSuite({
      job: {
        file: rp.file,
        fileName: file,
        emta: emta.issuer,
        emtaIsOurs: emta.isOurs,
        controlToken: io.controlToken ?? null,
        profile,
        seed: options.seed,
        only: options.only ?? null,
        concurrency: options.concurrency ?? null,
        skipWaits: options.skipWaits,
        asked: askedOf(options, io),
      },
      progress: io.errIsTerminal ? 'line' : 'lines',
      colours: io.colours.err,
      rows: chosenRows(profile, options.only ?? null).length,
      write: io.err,
      stopped: io.stopped,
    });
  } finally {
    await emta.close();
  }
}

function tellStart(
  rp: RelyingParty,
  profile: Profile,
  emta: Pick<OpenEmta, 'issuer' | 'words'>,
  options: CertifyOptions,
  io: Io,
): void {
  io.err(`emta: ${rp.name} ${rp.version}, profile ${profile}, seed ${options.seed}\n`);
  const [which = '', ...more] = emta.words;
  io.err(`emta: ${which}; registering client "${rp.client.client_id}" there\n`);
  for (const line of more) io.err(`      ${line}\n`);
  if (rp.launch !== undefined) return;
  if (rp.secretWasMade) {
    io.err('emta: the file names no client_secret, so one was made; the relying party needs these:\n');
    io.err(`        issuer         ${emta.issuer}\n`);
    io.err(`        client_id      ${rp.client.client_id}\n`);
    io.err(`        client_secret  ${rp.client.client_secret}\n`);
    io.err(`        discovery      ${emta.issuer}/.well-known/openid-configuration\n`);
  }
}

const cannotBeWritten = (file: string): string => `expected "${file}" to be a file that can be written`;

/** Finds out before the run, and not when it is over and lost. */
function refuseUnwritable({ report, html, junit, earl, package: zip, key }: CertifyOptions): void {
  const files = [report, report && signatureFileOf(report), html, junit, earl, zip].filter(
    (file) => file !== undefined,
  );
  const faults = files.filter((file) => {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) return true;
    try {
      accessSync(there === undefined ? dirname(file) : file, constants.W_OK);
      return false;
    } catch {
      return true;
    }
  });
  const [first, ...more] = faults.map(cannotBeWritten);
  if (first !== undefined) throw new ConformanceError('usage', first, { lines: more });
  if ((report ?? zip) !== undefined && existsSync(key)) openSigningKey(key);
}

function writeFiles(report: Report, rp: RelyingParty, options: CertifyOptions, io: Io): void {
  const text = serializeReport(report);
  const save = (file: string, content: string | Uint8Array, what: string) => {
    try {
      writeFileSync(file, content);
    } catch (cause) {
      throw new ConformanceError('usage', cannotBeWritten(file), { cause });
    }
    io.err(`emta: ${what} written to ${file}\n`);
  };
  const signs = options.report !== undefined || options.package !== undefined;
  const signature = signs ? signed(text, options, io) : undefined;
  if (options.report !== undefined) {
    save(options.report, text, 'report');
    save(signatureFileOf(options.report), `${JSON.stringify(signature, null, 2)}\n`, 'signature');
  }
  if (options.junit !== undefined) save(options.junit, junitReport(report), 'JUnit report');
  if (options.html !== undefined)
    save(
      options.html,
      htmlReport(report, {
        ...(signature && { fingerprint: signature.key_fingerprint }),
        ...(options.report !== undefined && { reportFile: options.report }),
      }),
      'HTML report',
    );
  if (options.earl !== undefined) save(options.earl, earlReport(report, loadCatalogue()), 'EARL report');
  if (options.package !== undefined && report.footer.verdict === 'certified') {
    const ownerFile = readFileSync(rp.file, 'utf8');
    const sign = (one: string) => signed(one, options, io);
    save(options.package, packageReport({ report, text, sign, ownerFile }), 'package');
    // Else the verdict is the answer and keeps its exit code; the package is only not made.
  } else if (options.package !== undefined) io.err(`emta: no package: the verdict is ${report.footer.verdict}\n`);
  if (signature === undefined) return;
  io.err('emta: what ties copies and paper to the signed report:\n');
  io.err(`        last hash of its chain  ${report.footer.hash}\n`);
  io.err(`        key fingerprint         ${signature.key_fingerprint}\n`);
}

function signed(text: string, options: CertifyOptions, io: Io): DetachedSignature {
  const isFirst = !existsSync(options.key);
  const { key, file } = openSigningKey(options.key);
  const signature = signReport(text, key);
  if (isFirst) io.err(`emta: a signing key was made in ${file}; keep it\n`);
  return signature;
}
