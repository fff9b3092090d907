import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadCatalogue } from '../catalogue.ts';
import { decide } from '../certification.ts';
import { chosenRows } from '../choose-rows.ts';
import { environment } from '../driver/launch.ts';
import type { Run } from '../engine.ts';
import { commandOf } from '../report/command.ts';
import { makeReport, serializeReport } from '../report/report.ts';
import { loadRelyingParty } from '../rp-file.ts';
import type { Profile } from '../verdict.ts';
import { version } from '../version.ts';
import { defineTests, type RunResult } from './define-tests.ts';

/** How Jest is to certify; everything has a default. */
export interface CertifyOptions {
  /**
   * Issuer of an Emta that runs. Left out, it is the one at `EMTA_URL`; else one of this run alone, where `launch` hands
   * `${issuer}` and `${port}` to the site; else `http://localhost:4299`, started for the run where none answers.
   */
  readonly emta?: string;
  /** For an Emta whose control interface asks for one. Default: `EMTA_CONTROL_TOKEN`. */
  readonly controlToken?: string;
  /** Which rows count. Default: the file's own, else `core-must`. */
  readonly profile?: Profile;
  /** Ids of the rows to judge, or letters of groups; a run of chosen rows certifies nothing. */
  readonly only?: readonly string[];
  /** Seed of the order and the citizens. Default `jest`, so that two runs do the same. */
  readonly seed?: string;
  /** Leaves out the waits of more than a minute; their rows end inconclusive. */
  readonly skipWaits?: boolean;
  /** Writes the report here, as JSON; `emta certify --report` writes a signed one. */
  readonly report?: string;
}

/**
 * Defines one Jest test per row that may apply to a relying party; the text of a red test is the finding. The tests of
 * rows that turn out not to apply while they run pass and say nothing: Jest has no word for them.
 */
export function certifyRelyingParty(file: string, options: CertifyOptions = {}): void {
  const rp = loadRelyingParty(resolve(file));
  const profile = options.profile ?? rp.profile;
  const only = options.only ?? null;
  const rows = chosenRows(profile, only);
  const seed = options.seed ?? 'jest';
  const env = environment();
  const controlToken = options.controlToken ?? (env.EMTA_CONTROL_TOKEN || undefined);
  const repeat = {
    fileName: file,
    profile,
    seed,
    asked: { emta: options.emta, emtaUrl: env.EMTA_URL, skipWaits: options.skipWaits },
  };
  let closeEmta = async () => {};

  const open = async (): Promise<Run> => {
    const { openRun } = await import('./open-run.ts');
    const { openEmta } = await import('../commands/open-emta.ts');
    const emta = await openEmta(options.emta, rp, { controlToken, env });
    closeEmta = emta.close;
    return openRun({
      rp,
      emta: emta.issuer,
      emtaIsOurs: emta.isOurs,
      seed,
      profile,
      ...(controlToken === undefined ? {} : { controlToken }),
      ...(only === null ? {} : { only }),
      ...(options.skipWaits === undefined ? {} : { skipWaits: options.skipWaits }),
    });
  };

  const writeReport = (result: Extract<RunResult, { kind: 'finished' }>, to: string) => {
    const decision = decide({
      profile,
      verdicts: result.verdicts,
      demanded: rows.map(({ id }) => id),
      partial: only !== null,
      baseline: [],
      defects: result.facts.defects,
    });
    const report = makeReport({
      ...repeat,
      ...result,
      rp,
      rows,
      decision,
      only,
      baseline: [],
      harnessVersion: version,
      catalogueSize: loadCatalogue().length,
    });
    writeFileSync(to, serializeReport(report));
  };

  defineTests({
    rp,
    rows,
    profile,
    open,
    reproduce: (id) => commandOf(repeat, [id]),
    done: async (result) => {
      await closeEmta();
      if (result.kind === 'finished' && options.report !== undefined) writeReport(result, options.report);
    },
  });
}
