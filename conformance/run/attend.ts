import type { Row } from '../catalogue.ts';
import type { ControlKeeper, ControlResult } from '../control.ts';
import { isSoft, type JudgedCase, judgeCase, judgeRow, notRun } from '../judge/judge.ts';
import { evidenceOf } from '../observe/evidence.ts';
import type { Seen } from '../observe/seen.ts';
import { whereabouts } from '../observe/whereabouts.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { type Told, told } from '../told.ts';
import type { CaseEvidence, Control, Face, Profile, RowVerdict } from '../verdict.ts';
import { armsOf, feedsGathered, type Job } from './plan.ts';

/** What a run of cases needs, and whom it tells. */
export interface Attendance {
  readonly jobs: readonly Job[];
  readonly context: { readonly face: Face; readonly profile: Profile };
  /** Cases that run at the same time. */
  readonly concurrency: number;
  /** Copies of the relying party run beside it and each other. */
  readonly copiesBeside: boolean;
  readonly keeper: ControlKeeper;
  readonly watch: (job: Job, isAlone: boolean) => Promise<Seen>;
  /** Watches a case on a copy that is given an Emta of its own, with nobody else in it; where there can be one. */
  readonly watchApart?: (job: Job) => Promise<Seen>;
  /** Starts the relying party anew where the harness started it and it has ended since. */
  readonly revive: () => Promise<void>;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly settled: (row: Row, verdict: RowVerdict) => void;
  readonly contradicted: (about: Told) => void;
  readonly spentOn: (part: 'beside' | 'alone' | 'waits') => void;
  /** A case that ended by an error: whether the run must end for it. */
  readonly broken: (job: Job, error: unknown) => 'go-on' | 'end';
}

interface Done {
  readonly judged: JudgedCase;
  readonly evidence: CaseEvidence;
  readonly milliseconds: number;
}

/** A case that ran among others. */
interface Beside {
  readonly job: Job;
  readonly seen: Seen;
  readonly judged: JudgedCase;
  readonly milliseconds: number;
  /** The site answered before it and not after it. */
  readonly isRepeat: boolean;
  /** Its verdict may be somebody else's doing. */
  readonly wantsAgain: boolean;
}

const controlName = (result: ControlResult | undefined): Control =>
  result === undefined ? 'not-run' : result.isGood ? 'good' : 'failed';

/** Milliseconds of one answer after which a site that serves others too may have run out of its own time. */
const LONG_WAIT = 3000;

/** So many of the cases that run at the same time are long ones, while there are any. */
const BUSY_WITH_LONG = 2;

/** A case in which Emta keeps the relying party waiting, for seconds that nothing else can shorten. */
const isLong = ({ kase: { drive } }: Job): boolean => armsOf(drive).some(({ fault }) => /\.(?:slow|hang)$/.test(fault));

/** A case on a copy of the relying party, with no fault armed that anybody else meets. */
const keepsToItself = ({ kase: { drive } }: Job): boolean =>
  drive.some((step) => step.do === 'relaunch') &&
  !armsOf(drive).some((step) => step.for === 'issuer' || step.for === 'client');

/**
 * A case on a copy of the relying party under a fault that everybody would meet who uses the same Emta; what is done to
 * the certificate is done to every Emta of the server.
 */
const isForApart = ({ scenario, kase: { drive } }: Job): boolean =>
  scenario.runs === 'last' &&
  drive.some((step) => step.do === 'relaunch') &&
  !armsOf(drive).some(({ fault }) => fault.startsWith('tls.'));

/** Fewer cases are not worth an Emta of their own. */
const FEWEST_APART = 3;

/** Whether anybody was signed in, wherever that was looked at. */
const signedIn = (seen: Seen): boolean =>
  Object.values(seen.looks).some((reading) => whereabouts(seen, reading).state === 'in');

/** Whether something of the relying party went unanswered in a case, or was long in coming. */
const keptWaiting = (seen: Seen): boolean => {
  const traces = [...Object.values(seen.traces), ...Object.values(seen.looks).map(({ page }) => page)];
  return (
    traces.some(
      ({ ending, hops }) =>
        ending.kind === 'silence' ||
        ending.kind === 'broken' ||
        hops.some(({ milliseconds }) => milliseconds > LONG_WAIT),
    ) || Object.values(seen.looks).some(({ probe }) => probe.kind === 'unclear')
  );
};

/** Whether a case did not go well and was kept waiting, so that somebody else may be to blame. */
const isDisturbed = (judged: JudgedCase, seen: Seen): boolean =>
  ['against', 'warn', 'unclear'].includes(judged.points) && keptWaiting(seen);

/**
 * Runs every case between two control logins and hands in the verdict of a row when its last case is done: those that
 * may have company first and side by side, those that must be alone one after the other, those that wait beside both.
 */
export async function attend(attendance: Attendance): Promise<void> {
  const { jobs, context, keeper, watch, wait, settled } = attendance;
  const done = new Map<string, Done[]>();
  const expected = new Map<string, number>();
  for (const { row } of jobs) expected.set(row.id, (expected.get(row.id) ?? 0) + 1);
  /** What the cases of other rows saw, for L02. */
  const gathered: Seen[] = [];
  /** Cases whose verdict asks for a second run, with nobody else about. */
  const again: { readonly job: Job; readonly isRepeat: boolean }[] = [];
  let isEnded = false;

  const finish = (job: Job, judged: JudgedCase, seen: Seen, milliseconds: number) => {
    const { row, scenario } = job;
    const list = [
      ...(done.get(row.id) ?? []),
      { judged, evidence: evidenceOf(job.kase.label, seen, job.kase.shown), milliseconds },
    ];
    done.set(row.id, list);
    for (const { contradiction } of judged.findings)
      if (contradiction !== undefined) attendance.contradicted(told`${row.id}: ${contradiction}`);
    if (feedsGathered(job)) gathered.push(seen);
    const wanted = expected.get(row.id);
    if (wanted === undefined || list.length < wanted) return;
    const place = ({ judged: { kase } }: Done) => scenario.cases.indexOf(kase);
    const verdict = judgeRow(
      row,
      scenario,
      list.map((one) => one.judged),
      {
        ...context,
        milliseconds: list.reduce((sum, one) => sum + one.milliseconds, 0),
        evidence: list.toSorted((a, b) => place(a) - place(b)).map((one) => one.evidence),
      },
    );
    settled(row, verdict);
  };

  /** Waits until the relying party signs in again, with a relaunch where the harness started it. */
  const recover = async (): Promise<ControlResult> => {
    let result = await keeper.now();
    for (const pause of [200, 1000, 3000]) {
      if (result.isGood) return result;
      await attendance.revive();
      await wait(pause);
      result = await keeper.now();
    }
    return result;
  };

  let isGivenUp = false;
  /** `isRepeat`: the site answered before this case and not after it; `isSecondLook`: the case was kept waiting before. */
  const runAlone = async (job: Job, isRepeat: boolean, isSecondLook = isRepeat): Promise<void> => {
    const started = performance.now();
    // the control after the case before is the one before this case
    const latest = keeper.latest();
    const before = isGivenUp || (latest?.isGood === true && !isRepeat) ? latest : await recover();
    if (before?.isGood !== true) isGivenUp = true;
    const seen = await watch(job, true);
    const after = isGivenUp ? before : await keeper.now();
    if (after?.isGood === false && before?.isGood === true && !isRepeat) return runAlone(job, true);
    const controls = { before: controlName(before), after: controlName(after) };
    const broughtDownTwice = isRepeat && before?.isGood === true && after?.isGood === false;
    const watched = { kase: job.kase, seen, controls, ...(broughtDownTwice ? { broughtDownTwice } : {}) };
    const judged = judgeCase(job.row, watched);
    // what many do at once on a busy machine may outlast the site's own patience: a defect is there the second time too
    if (isDisturbed(judged, seen) && !isSecondLook) return runAlone(job, false, true);
    finish(job, judged, seen, performance.now() - started);
  };

  /** Runs a case among others; judges it when a control that began after it is done. */
  const runBeside = async (job: Job, look: () => Promise<Seen>): Promise<{ readonly judging: Promise<Beside> }> => {
    const started = performance.now();
    const before = keeper.latest();
    const seen = await look();
    const milliseconds = performance.now() - started;
    const judge = async (): Promise<Beside> => {
      const after = await keeper.next();
      const controls = { before: controlName(before), after: controlName(after) };
      const judged = judgeCase(job.row, { kase: job.kase, seen, controls });
      const isDoubtful = controls.before === 'failed' || controls.after === 'failed';
      const isRepeat = before?.isGood === true && after.isGood === false;
      // a site that serves one request at a time may have kept this case waiting for another one's sake
      const wantsAgain = isDoubtful || isDisturbed(judged, seen) || judged.wantsAlone;
      return { job, seen, judged, milliseconds, isRepeat, wantsAgain };
    };
    return { judging: judge() };
  };

  const runAmongOthers = async (job: Job): Promise<{ readonly judging: Promise<void> }> => {
    const { judging } = await runBeside(job, () => watch(job, false));
    const settle = async () => {
      const { seen, judged, milliseconds, isRepeat, wantsAgain } = await judging;
      if (wantsAgain) again.push({ job, isRepeat });
      else finish(job, judged, seen, milliseconds);
    };
    return { judging: settle() };
  };

  const judgeGathered = ({ row, scenario, kase }: Job): RowVerdict => {
    const latest = controlName(keeper.latest());
    const judged = gathered.map((seen) =>
      judgeCase(row, { kase, seen: { ...seen, delivered: {} }, controls: { before: latest, after: latest } }),
    );
    const worst =
      judged.find(({ points }) => points === (isSoft(row) ? 'warn' : 'against')) ??
      judged.find(({ points }) => points === 'for') ??
      judged[0];
    return worst === undefined
      ? notRun(row, 'inconclusive', told`no page of a failure was seen`, context)
      : judgeRow(row, scenario, [worst], context);
  };

  const failed = (job: Job) => (error: unknown) => {
    expected.delete(job.row.id);
    if (attendance.broken(job, error) === 'end') isEnded = true;
  };
  const guarded = async (job: Job, act: () => Promise<unknown>): Promise<void> => {
    if (!isEnded) await act().catch(failed(job));
  };
  const { watchApart } = attendance;
  const movable = (job: Job) => attendance.copiesBeside && keepsToItself(job);
  const forApart = watchApart === undefined ? [] : jobs.filter((job) => isForApart(job) && !movable(job));
  const apart = new Set(forApart.length < FEWEST_APART ? [] : forApart);
  const runsOf = (job: Job): Scenario['runs'] | 'apart' =>
    apart.has(job) ? 'apart' : job.scenario.runs === 'last' && movable(job) ? 'beside' : job.scenario.runs;
  const inOrder = (runs: Scenario['runs']) => jobs.filter((job) => runsOf(job) === runs);
  const oneByOne = async (list: readonly Job[]) => {
    for (const job of list) await guarded(job, () => runAlone(job, false));
  };
  const onceMore = async () => {
    for (const { job, isRepeat } of again.splice(0)) await guarded(job, () => runAlone(job, isRepeat, true));
  };
  /** One after the other, so that each meets its own fault. */
  const onCopies = async (look: (job: Job) => Promise<Seen>) => {
    const judgings: Promise<Beside | undefined>[] = [];
    for (const job of apart)
      await guarded(job, async () => {
        const { judging } = await runBeside(job, () => look(job));
        judgings.push(judging.catch((error: unknown) => void failed(job)(error)));
      });
    const done = (await Promise.all(judgings)).filter((one) => one !== undefined);
    // who cannot use an issuer with a path would pass wherever nobody must be let in
    const isProven = done.some(({ seen }) => signedIn(seen));
    for (const { job, judged, seen, milliseconds, wantsAgain } of done) {
      if (isProven && judged.points === 'for' && !wantsAgain) finish(job, judged, seen, milliseconds);
      else again.push({ job, isRepeat: false });
    }
  };
  const sideBySide = async () => {
    const all = inOrder('beside');
    const [long, short] = [all.filter(isLong), all.filter((job) => !isLong(job))];
    const judgings: Promise<void>[] = [];
    const worker = async (first: Job[], then: Job[]) => {
      for (let job = first.shift() ?? then.shift(); job !== undefined; job = first.shift() ?? then.shift()) {
        const current = job;
        await guarded(current, async () => {
          const { judging } = await runAmongOthers(current);
          judgings.push(judging.catch(failed(current)));
        });
      }
    };
    const copies = watchApart === undefined ? undefined : onCopies(watchApart);
    // begun last, a long case would keep everybody waiting; all of them at once would stop a site that serves one at a time
    await Promise.all(
      Array.from({ length: attendance.concurrency }, (_, place) =>
        place < BUSY_WITH_LONG ? worker(long, short) : worker(short, long),
      ),
    );
    keeper.hurry();
    await Promise.all([...judgings, copies]);
  };

  if (jobs.length > 0) await recover();
  await oneByOne(inOrder('first'));
  const slow = Promise.all(inOrder('slow').map((job) => guarded(job, async () => (await runAmongOthers(job)).judging)));
  await sideBySide();
  attendance.spentOn('beside');
  await onceMore();
  await oneByOne([...inOrder('alone'), ...inOrder('last')]);
  attendance.spentOn('alone');
  await slow;
  attendance.spentOn('waits');
  await onceMore();
  // those that wait sign in meanwhile, and their fetches of the key set look like anybody's
  await oneByOne(inOrder('quiet'));
  attendance.spentOn('alone');
  for (const job of inOrder('gathered')) settled(job.row, judgeGathered(job));
}
