import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { applicability, settleCapabilities } from '../capabilities.ts';
import type { Row } from '../catalogue.ts';
import type { Run } from '../engine.ts';
import { isConformanceError } from '../errors.ts';
import type { RunFacts } from '../facts.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { Profile, RowVerdict } from '../verdict.ts';
import { failureText, isRed } from './failure-text.ts';
import { notJudged } from './progress-reporter.ts';

/** Two hours: the engine has budgets of its own for every step, so no test of ours may cut one short. */
const patience = 2 * 60 * 60 * 1000;

export interface TestsOptions {
  readonly rp: RelyingParty;
  /** The rows to judge, in the order of the catalogue. */
  readonly rows: readonly Row[];
  readonly profile: Profile;
  readonly open: () => Promise<Run>;
  /** Called once, after the last row; also when the run could not start. */
  readonly done: (result: RunResult) => Promise<void>;
  /** The command that repeats a row. */
  readonly reproduce: (id: string) => string;
}

export type RunResult =
  | { readonly kind: 'finished'; readonly verdicts: readonly RowVerdict[]; readonly facts: RunFacts }
  | { readonly kind: 'stopped'; readonly error: unknown };

/** Rows that the file alone shows not to apply; what only a run can see is settled by the run. */
export function ruledOutByFile(rp: RelyingParty, rows: readonly Row[]): readonly Row[] {
  const oidc = rp.client.scope.split(' ').includes('openid');
  // Anything that may yet be observed is taken as there, so that only the file's own word rules a row out.
  const readings = settleCapabilities({}, { oidc }, oidc ? 'oidc' : 'resources').map((reading) =>
    reading.source === 'observed' || reading.name === 'registration' ? reading : { ...reading, taken: true },
  );
  const settled = readings.map((reading) =>
    reading.name === 'registration' ? { ...reading, taken: rp.capabilities.registration ?? false } : reading,
  );
  return rows.filter((row) => !applicability(row.applies_when, settled, rp.present).applies);
}

/** An error whose message is all there is to say: a stack would only show the harness. */
function finding(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

/** Defines one Jest test per row that may apply, under the relying party's name. */
export function defineTests(options: TestsOptions): void {
  const { rp, rows, profile } = options;
  const ruledOut = ruledOutByFile(rp, rows);
  describe(`${rp.name} ${rp.version}, ${profile}`, () => {
    let opened: { readonly run: Run } | { readonly error: unknown } = { error: new Error('the run was not opened') };
    const verdicts: RowVerdict[] = [];

    const verdictOf = async (run: Run, row: Row): Promise<RowVerdict> => {
      const verdict = await run.verdictOf(row.id);
      verdicts.push(verdict);
      return verdict;
    };

    beforeAll(async () => {
      try {
        opened = { run: await options.open() };
      } catch (error) {
        // Kept for the first test, which shows it once; Jest would show it beside every row.
        opened = { error };
      }
    }, patience);

    test('the run starts: the relying party answers and can be told apart', () => {
      if ('error' in opened) throw opened.error;
    });

    for (const row of rows) {
      if (ruledOut.includes(row)) continue;
      test(
        `${row.id} ${row.title}`,
        async () => {
          if ('error' in opened) throw finding(`${notJudged}: the run did not start, see the first test`);
          const verdict = await verdictOf(opened.run, row).catch((error: unknown) => {
            if (!isConformanceError(error)) throw error;
            throw finding(`${notJudged}: ${[error.message, ...error.lines].join('\n')}`);
          });
          if (isRed(verdict, profile)) throw finding(failureText(row, verdict, options.reproduce(row.id)));
        },
        patience,
      );
    }

    afterAll(async () => {
      if ('error' in opened) {
        await options.done({ kind: 'stopped', error: opened.error });
        return;
      }
      const { run } = opened;
      const finish = async (): Promise<RunResult> => {
        // A name filter of Jest leaves rows out; those ruled out by the file still belong into the report.
        const others = Promise.all(ruledOut.map((row) => verdictOf(run, row)));
        const [told] = await Promise.allSettled([others]);
        const facts = await run.close();
        if (told.status === 'rejected') throw told.reason;
        return { kind: 'finished', verdicts, facts };
      };
      await options.done(await finish().catch((error: unknown) => ({ kind: 'stopped', error }) as const));
    }, patience);
  });
}
