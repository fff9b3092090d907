import fc from 'fast-check';
import { startEmbeddedEmta } from '../../conformance/embedded.ts';
import type { Log } from '../../provider/kernel/ports.ts';
import { type Finding, judgeAnswer } from './judge-answer.ts';
import { clients, filled, fillIn, findLiving, type Living, readOpenApi } from './living.ts';
import { openRaw, type RawConnection } from './raw-connection.ts';
import { type Shot, shots } from './spoil.ts';
import { controlTemplates, type Template, templates } from './templates.ts';
import type { Watchdog } from './watchdog.ts';

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  /** Told after every thousand requests. */
  readonly onProgress?: (done: number, findings: number) => void;
  /** Told of the first finding of each kind. */
  readonly onFinding?: (finding: Finding) => void;
  /** Told what is under way, for who watches from outside. */
  readonly watchdog?: Pick<Watchdog, 'underWay'>;
}

export interface FuzzReport {
  readonly requests: number;
  /** How many answers had each status; `0` stands for a connection that was closed instead. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowest: { readonly milliseconds: number; readonly aim: string };
  /** Sound walks through all of Emta between the hostile requests. */
  readonly soundWalks: number;
  readonly findings: readonly Finding[];
  /** Troubles of one kind beyond the first of it. */
  readonly repeated: number;
}

const BATCH = 500;
export const AT_ONCE = 12;
const PATIENCE = 20_000;
/** What breaks the rules of HTTP may rightly be waited on for more. */
const MALFORMED_PATIENCE = 300;
const MOST_FINDINGS = 50;

/** Strict as it starts, and as open as it can be made. */
const manners = [{}, { anyClient: true, dynamicRegistration: true, claimsInIdToken: true, rememberLogin: true }];

/** Sends hostile requests to an Emta in this process and tells what went wrong. */
export async function fuzz({ requests, seed, onProgress, onFinding, watchdog }: FuzzOptions): Promise<FuzzReport> {
  const tally = new Tally(onFinding);
  const crash = (kind: string) => (error: unknown) =>
    tally.note({ what: kind, aim: '', sent: '', detail: stackOf(error) });
  const onException = crash('uncaught exception');
  const onRejection = crash('unhandled rejection');
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  try {
    for (const [index, manner] of manners.entries()) {
      const share = index === 0 ? Math.ceil(requests / 2) : Math.floor(requests / 2);
      await fuzzOne({
        manner,
        requests: share,
        seed: seed + index * 1_000_003,
        tally,
        ...(onProgress && { onProgress }),
        ...(watchdog && { watchdog }),
      });
    }
  } finally {
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
  }
  const polluted = Object.keys(Object.prototype);
  if (polluted.length > 0 || 'polluted' in {}) {
    tally.note({ what: 'prototype pollution', aim: '', sent: '', detail: polluted.join(' ') });
  }
  return tally.report();
}

async function fuzzOne({
  manner,
  requests,
  seed,
  tally,
  onProgress,
  watchdog,
}: FuzzOptions & { readonly manner: object; readonly tally: Tally }): Promise<void> {
  const emta = await startEmbeddedEmta({
    port: 0,
    population: 10_000,
    clients,
    log: troubleLog(tally),
    rules: {
      captcha: 'aaaaaa',
      codesPerHour: 1_000_000_000,
      resendWait: 0,
      identityTries: 1_000_000,
      usedUpCodes: 1_000_000,
    },
    ...manner,
  });
  const base = emta.issuer;
  const person = emta.personas.find(({ id }) => id === 'plain-man');
  if (!person) throw new Error('expected the persona "plain-man"');
  const { typed } = person;
  const pool: RawConnection[] = [];
  const openApi = await readOpenApi(base);
  const all: readonly Template[] = [
    ...templates,
    ...controlTemplates(openApi as Parameters<typeof controlTemplates>[0]),
  ];
  try {
    for (let done = 0; done < requests; done += BATCH) {
      const living = await walkSoundly();
      if (!living) return;
      const batch = fc.sample(shots(all.map((template) => filled(template, living))), {
        seed: seed + done,
        numRuns: Math.min(BATCH, requests - done),
      });
      const queue = batch.values();
      await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => work(worker, queue, living)));
      if ((done / BATCH) % 2 === 1) onProgress?.(tally.requests, tally.count);
      if (tally.count >= MOST_FINDINGS) return;
    }
    await walkSoundly();
  } finally {
    for (const connection of pool) connection.close();
    await emta.close();
  }

  async function walkSoundly(): Promise<Living | undefined> {
    try {
      const living = await findLiving(base, typed);
      tally.walked();
      return living;
    } catch (error) {
      // Whatever it is that keeps a sound login from succeeding, it was the hostile requests that brought it about.
      tally.note({ what: 'no sound login any more', aim: '', sent: '', detail: stackOf(error) });
      return undefined;
    }
  }

  async function work(worker: number, queue: Iterable<Shot>, living: Living): Promise<void> {
    for (const shot of queue) {
      const bytes = fillIn(shot.bytes.replaceAll('{host}', `localhost:${emta.port}`), living);
      watchdog?.underWay(worker, bytes);
      const kept = shot.isMalformed ? undefined : pool.pop();
      const begun = performance.now();
      let connection = kept?.isOpen()
        ? kept
        : await openRaw(emta.port, shot.isMalformed ? MALFORMED_PATIENCE : PATIENCE);
      let answer = await connection.ask(Buffer.from(bytes, 'latin1'), shot.isHead);
      if (answer === 'closed' && kept && connection === kept) {
        // It was idle and closed while we wrote; asked again on a fresh one, silence means something.
        connection = await openRaw(emta.port, PATIENCE);
        answer = await connection.ask(Buffer.from(bytes, 'latin1'), shot.isHead);
      }
      tally.answered(shot, typeof answer === 'string' ? 0 : answer.status, performance.now() - begun);
      const isWaiting = shot.isMalformed && answer === 'silent';
      if (!isWaiting) for (const finding of judgeAnswer(shot, bytes, answer)) tally.note(finding);
      if (shot.isMalformed) connection.close();
      else if (connection.isOpen()) pool.push(connection);
    }
    watchdog?.underWay(worker, '');
  }
}

/** What Emta itself calls trouble belongs to the answer that was given for it. */
function troubleLog(tally: Tally): Log {
  return {
    info: () => undefined,
    warn: () => undefined,
    error(fields, message) {
      const { err } = fields as { readonly err?: unknown };
      tally.note({ what: `logged: ${message}`, aim: '', sent: '', detail: stackOf(err) });
    },
  };
}

function stackOf(error: unknown): string {
  if (!(typeof error === 'object' && error !== null && 'stack' in error)) return String(error);
  const { stack } = error;
  const cause = 'cause' in error && error.cause ? `\ncaused by ${stackOf(error.cause)}` : '';
  return String(stack).slice(0, 1500) + cause;
}

class Tally {
  readonly #onFinding: FuzzOptions['onFinding'];
  readonly #statuses = new Map<string, number>();
  readonly #findings = new Map<string, Finding>();
  #slowest = { milliseconds: 0, aim: '' };
  #repeated = 0;
  #walks = 0;
  requests = 0;

  constructor(onFinding: FuzzOptions['onFinding']) {
    this.#onFinding = onFinding;
  }

  get count(): number {
    return this.#findings.size;
  }

  walked(): void {
    this.#walks += 1;
  }

  answered({ aim }: Shot, status: number, milliseconds: number): void {
    this.requests += 1;
    this.#statuses.set(String(status), (this.#statuses.get(String(status)) ?? 0) + 1);
    if (milliseconds > this.#slowest.milliseconds) this.#slowest = { milliseconds: Math.round(milliseconds), aim };
  }

  note(finding: Finding): void {
    // Journeys differ in their ids alone.
    const aim = finding.aim.replaceAll(/\/[\w-]{30,}/g, '/*');
    const key = `${finding.what} ${aim} ${finding.what.startsWith('logged') || aim === '' ? finding.detail.slice(0, 300) : ''}`;
    if (this.#findings.has(key)) {
      this.#repeated += 1;
      return;
    }
    this.#findings.set(key, finding);
    this.#onFinding?.(finding);
  }

  report(): FuzzReport {
    return {
      requests: this.requests,
      statuses: Object.fromEntries([...this.#statuses].sort(([one], [other]) => Number(one) - Number(other))),
      slowest: this.#slowest,
      soundWalks: this.#walks,
      findings: [...this.#findings.values()],
      repeated: this.#repeated,
    };
  }
}
