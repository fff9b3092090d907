// The suite that `emta certify` runs under Jest; what to certify stands in the globals of its configuration.
import { writeFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { chosenRows } from '../choose-rows.ts';
import { isConformanceError } from '../errors.ts';
import { commandOf } from '../report/command.ts';
import { loadRelyingParty } from '../rp-file.ts';
import { defineTests, type RunResult } from './define-tests.ts';
import { type Job, type JobResult, jobName } from './job.ts';
import { openRun } from './open-run.ts';

function jobOfGlobals(): Job {
  const globals: Readonly<Record<string, unknown>> = { ...globalThis };
  const job = globals[jobName];
  if (typeof job !== 'object' || job === null) throw new Error(`run by \`emta certify\`, which sets ${jobName}`);
  return job as Job;
}

function resultOf(result: RunResult): JobResult {
  if (result.kind === 'finished') return result;
  const { error } = result;
  if (isConformanceError(error)) {
    return { kind: 'stopped', code: error.code, message: error.message, lines: error.lines, stack: null };
  }
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return {
    kind: 'stopped',
    code: 'harness_defect',
    message: isError ? String(error.message) : String(error),
    lines: [],
    stack: isError && 'stack' in error ? String(error.stack) : null,
  };
}

/** The process itself: the one that Jest puts before its tests has no channel. */
const outside: NodeJS.Process = runInThisContext('process');

const job = jobOfGlobals();
const rp = loadRelyingParty(job.file);
const rows = chosenRows(job.profile, job.only);

defineTests({
  rp,
  rows,
  profile: job.profile,
  reproduce: (id) => commandOf(job, [id]),
  open: () =>
    openRun({
      rp,
      emta: job.emta,
      emtaIsOurs: job.emtaIsOurs,
      seed: job.seed,
      profile: job.profile,
      skipWaits: job.skipWaits,
      progress(line) {
        const [id = ''] = line.split(' ');
        if (rows.some((row) => row.id === id)) outside.send?.({ emtaSettled: id });
      },
      ...(job.controlToken === null ? {} : { controlToken: job.controlToken }),
      ...(job.only === null ? {} : { only: job.only }),
      ...(job.concurrency === null ? {} : { concurrency: job.concurrency }),
    }),
  done: async (result) => writeFileSync(job.resultFile, JSON.stringify(resultOf(result)), { mode: 0o600 }),
});
