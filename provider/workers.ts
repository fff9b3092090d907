import cluster, { type Worker } from 'node:cluster';
import type { Counts } from './http/metrics.ts';
import type { Settings } from './settings.ts';

/** Between primary and workers: what each has counted. */
type Note =
  | { readonly emta: 'counts-of-others'; readonly id: number }
  | { readonly emta: 'counts'; readonly id: number }
  | { readonly emta: 'answer'; readonly id: number; readonly counts: readonly Counts[] };

const PATIENCE = 1_000;
const PAUSE = 500;

/** True in a process that only looks after the workers. */
export function isPrimaryOf(settings: Pick<Settings, 'number'>): boolean {
  return cluster.isPrimary && settings.number('workers') > 1;
}

/** Ends a worker's tie to the primary, which alone would keep it alive; called when nothing is left to answer. */
export function leaveCluster(): void {
  cluster.worker?.disconnect();
}

/** True in the one process that says and does what is to be said and done once. */
export function speaksForAll(): boolean {
  return cluster.isPrimary || cluster.worker?.id === 1;
}

/**
 * Starts the workers, which share the port, and replaces those that die. Settles with the exit code once all have
 * ended: after a signal, or because none could start.
 */
export function superviseWorkers(settings: Pick<Settings, 'number'>): Promise<number> {
  const wanted = settings.number('workers');
  let isStopping = false;
  let everReady = false;
  let asked = 0;
  return new Promise((resolve) => {
    // One that has died may still stand in the list, until its channel is closed too.
    const workers = (): readonly Worker[] =>
      Object.values(cluster.workers ?? {}).flatMap((worker) => (worker && !worker.isDead() ? worker : []));
    const stop = (): void => {
      isStopping = true;
      // SIGTERM, because Ctrl-C has sent SIGINT to the workers too, and a second one would cut them off.
      for (const worker of workers()) worker.process.kill('SIGTERM');
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);

    cluster.on('listening', () => {
      everReady = true;
    });
    cluster.on('exit', (_worker, code) => {
      if (!isStopping && everReady) {
        setTimeout(() => isStopping || cluster.fork(), PAUSE);
        return;
      }
      // Settings that one cannot use, none can.
      if (!isStopping) stop();
      if (workers().length === 0) resolve(code ?? 1);
    });
    cluster.on('message', (asking: Worker, note: unknown) => {
      if (isNote(note) && note.emta === 'counts-of-others') {
        asked += 1;
        const others = workers().filter((worker) => worker.id !== asking.id);
        void collect(others, asked).then((counts) =>
          asking.send({ emta: 'answer', id: note.id, counts } satisfies Note),
        );
      }
    });
    for (let worker = 0; worker < wanted; worker += 1) cluster.fork();
  });
}

/** Asks the workers; each question has a number of its own. */
async function collect(workers: readonly Worker[], id: number): Promise<readonly Counts[]> {
  const answers = workers.map(async (worker) => {
    const answer = replyTo(id, (listen) => {
      worker.on('message', listen);
      return () => worker.off('message', listen);
    });
    worker.send({ emta: 'counts', id } satisfies Note);
    return answer;
  });
  return (await Promise.all(answers)).flat();
}

/** What the other workers have counted, asked of them by way of the primary; nothing where there are none. */
export function countsOfOthers(own: () => Counts): (() => Promise<readonly Counts[]>) | undefined {
  const { worker } = cluster;
  if (!worker) return undefined;
  let asking = 0;
  process.on('message', (note: unknown) => {
    if (isNote(note) && note.emta === 'counts') {
      process.send?.({ emta: 'answer', id: note.id, counts: [own()] } satisfies Note);
    }
  });
  return async () => {
    asking += 1;
    const answer = replyTo(asking, (listen) => {
      process.on('message', listen);
      return () => process.off('message', listen);
    });
    process.send?.({ emta: 'counts-of-others', id: asking } satisfies Note);
    return answer;
  };
}

/** The answer with this id; none after a second, for whoever died has counted nothing. */
function replyTo(id: number, subscribe: (listen: (note: unknown) => void) => () => void): Promise<readonly Counts[]> {
  return new Promise((resolve) => {
    const end = (counts: readonly Counts[]): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve(counts);
    };
    const timer = setTimeout(() => end([]), PATIENCE);
    const unsubscribe = subscribe((note) => {
      if (isNote(note) && note.emta === 'answer' && note.id === id) end(note.counts);
    });
  });
}

function isNote(note: unknown): note is Note {
  return typeof note === 'object' && note !== null && 'emta' in note;
}
