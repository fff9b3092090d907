import { writeSync } from 'node:fs';
import { Worker, workerData } from 'node:worker_threads';

// A request that keeps the event loop busy for ever stops the fuzzer with it, as both live in one process. So somebody
// else watches: a thread that ends the process once the loop has stood still too long, and tells what was under way.

const BEAT = 250;
const TEXT_AT = 8;
const SLOT = 2000;
const STDERR = 2;

export interface Watchdog {
  /** Notes what a worker is about to send; an empty text when it has its answer. */
  underWay(worker: number, bytes: string): void;
  stop(): Promise<void>;
}

/** Watches this thread's event loop; ends the process with code 1 when it stands still for so many milliseconds. */
export function watch(patience: number, workers: number): Watchdog {
  const shared = new SharedArrayBuffer(TEXT_AT + workers * SLOT);
  const beats = new Int32Array(shared, 0, 1);
  const texts = Buffer.from(shared);
  const thread = new Worker(new URL(import.meta.url), { workerData: { shared, patience, workers } });
  const heart = setInterval(() => Atomics.add(beats, 0, 1), BEAT);
  return {
    underWay(worker, bytes) {
      const from = TEXT_AT + worker * SLOT;
      texts.fill(0, from, from + SLOT);
      texts.write(bytes.slice(0, SLOT), from, 'latin1');
    },
    async stop() {
      clearInterval(heart);
      await thread.terminate();
    },
  };
}

interface Watched {
  readonly shared: SharedArrayBuffer;
  readonly patience: number;
  readonly workers: number;
}

function isWatched(data: unknown): data is Watched {
  return typeof data === 'object' && data !== null && 'shared' in data && 'patience' in data;
}

if (isWatched(workerData)) guard(workerData);

function guard({ shared, patience, workers }: Watched): void {
  const beats = new Int32Array(shared, 0, 1);
  const texts = Buffer.from(shared);
  let known = -1;
  let since = performance.now();
  setInterval(() => {
    const now = Atomics.load(beats, 0);
    if (now !== known) {
      known = now;
      since = performance.now();
    } else if (performance.now() - since > patience) {
      const lines = Array.from({ length: workers }, (_, index) => {
        const from = TEXT_AT + index * SLOT;
        return texts.toString('latin1', from, from + SLOT).replace(/\0+$/, '');
      });
      const underWay = lines.filter((line) => line !== '').map((line) => `  ${JSON.stringify(line)}`);
      writeSync(
        STDERR,
        `emta: the event loop stood still for ${patience} ms; under way were:\n${underWay.join('\n')}\n`,
      );
      process.kill(process.pid, 'SIGKILL');
    }
  }, BEAT);
}
