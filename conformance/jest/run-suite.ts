import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConformanceError } from '../errors.ts';
import { type Job, type JobResult, jobName } from './job.ts';
import { createProgress, type Progress, type ProgressMode } from './progress-line.ts';

export interface SuiteOptions {
  readonly job: Omit<Job, 'resultFile'>;
  readonly progress: ProgressMode;
  readonly colours: boolean;
  /** How many rows the job judges. */
  readonly rows: number;
  /** Takes what the suite says while it runs. */
  readonly write: (text: string) => void;
  /** Somebody wants it to end before its end. */
  readonly stopped: Promise<void>;
}

/** Jest's own words, kept for the case that it breaks before the suite could write its result. */
const keptCharacters = 4000;

/** Runs the compiled suite under Jest in a process of its own, and answers what it found. */
export async function runSuite({ job, progress, colours, rows, write, stopped }: SuiteOptions): Promise<JobResult> {
  const folder = mkdtempSync(join(tmpdir(), 'emta-certify-'));
  try {
    const resultFile = join(folder, 'result.json');
    const configFile = join(folder, 'jest.config.json');
    const here = dirname(fileURLToPath(import.meta.url));
    const config = {
      rootDir: here,
      roots: [here],
      testMatch: [join(here, 'certify-rows.js')],
      testPathIgnorePatterns: [],
      // The package may lie in node_modules, which Jest does not look into by itself.
      haste: { retainAllFiles: true },
      transform: {},
      watchman: false,
      testEnvironment: 'node',
      reporters: [[join(here, 'progress-reporter.js'), { colours }]],
      globals: { [jobName]: { ...job, resultFile } },
    };
    // The configuration holds a client's secret, so it goes by a file of ours alone and not by the command line.
    writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
    const told = createProgress(progress, rows, () => performance.now());
    const ended = await runJest(configFile, told, write, stopped);
    write(told.end());
    if (ended.isStopped)
      throw new ConformanceError('interrupted', 'stopped before the last row, so nothing is certified');
    return readResult(resultFile, ended);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
  /** It was told to, before its end. */
  readonly isStopped: boolean;
}

/** Pages live briefly: with 64 MiB for what is young, a third less time goes into collecting it. */
const nodeFlags = ['--experimental-vm-modules', '--no-warnings', '--max-semi-space-size=64'];

function runJest(
  configFile: string,
  progress: Progress,
  write: (text: string) => void,
  stopped: Promise<void>,
): Promise<Ended> {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  return new Promise((settle, fail) => {
    const child = spawn(
      process.execPath,
      [...nodeFlags, jest, '--config', configFile, '--runInBand', '--no-cache'],
      // Jest looks for a configuration from its folder upwards, even when told of one, and there need not be any
      { cwd: dirname(configFile), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    let isStopped = false;
    // a signal may have come to this process alone
    void stopped.then(() => {
      isStopped = true;
      child.kill('SIGTERM');
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-keptCharacters);
      });
    }
    child.on('message', (message) => {
      if (typeof message !== 'object') return;
      if ('emtaFinding' in message) write(progress.finding(String(message.emtaFinding)));
      if ('emtaSettled' in message) write(progress.settled(String(message.emtaSettled)));
    });
    child.on('error', fail);
    child.on('close', (code, signal) => settle({ code, signal, said, isStopped }));
  });
}

function readResult(file: string, { code, signal, said }: Ended): JobResult {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) throw error;
    throw new ConformanceError(
      'harness_defect',
      `expected the suite to leave a result, got none; jest ended with ${signal ?? code}`,
      { lines: said.trim() === '' ? [] : said.trim().split('\n'), cause: error },
    );
  }
  return JSON.parse(text) as JobResult;
}
