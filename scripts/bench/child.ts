import { type ChildProcess, fork } from 'node:child_process';
import { type Profiler, Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/** What a process under measurement has used so far. */
export interface Usage {
  /** CPU time of all its threads, milliseconds. */
  readonly cpu: number;
  /** Bytes on the heap after a collection. */
  readonly heap: number;
  /** Bytes of memory that the process holds. */
  readonly rss: number;
}

export type Profile = Profiler.Profile;

export interface Subject {
  readonly name: string;
  /** Where it answers. */
  readonly issuer: string;
  usage(): Promise<Usage>;
  /** Begins to note what its processor does, and gives back what it did, as the inspector of Node tells it. */
  startProfile(): Promise<void>;
  profile(): Promise<Profile>;
  stop(): Promise<void>;
}

export type SubjectName = 'bare' | 'emta';

export interface SubjectOptions {
  readonly port: number;
  /** Address of a Redis; without one everything is kept in memory. */
  readonly store?: string;
  /** Processes that share the port. */
  readonly workers?: number;
  readonly population?: number;
}

type Question = 'usage' | 'start-profile' | 'profile' | 'stop';

/** Starts a server in a process of its own and waits until it listens. */
export async function startSubject(name: SubjectName, options: SubjectOptions, execArgv: readonly string[] = []) {
  const script = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? `${name}.ts` : `${name}.js`, import.meta.url));
  const child = fork(script, [JSON.stringify(options)], {
    execArgv: ['--expose-gc', '--no-warnings', ...execArgv],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const issuer = await answerOf<string>(child, name);
  const subject: Subject = {
    name,
    issuer,
    usage: () => ask<Usage>(child, 'usage', name),
    startProfile: () => ask<void>(child, 'start-profile', name),
    profile: () => ask<Profile>(child, 'profile', name),
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.send('stop' satisfies Question);
      await gone;
    },
  };
  return subject;
}

async function ask<Answer>(child: ChildProcess, question: Question, name: string): Promise<Answer> {
  const answer = answerOf<Answer>(child, name);
  child.send(question);
  return answer;
}

function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`expected ${name} to answer, it ended with ${code}`));
    child.once('exit', fail);
    child.once('message', (message) => {
      child.off('exit', fail);
      resolve(message as Answer);
    });
  });
}

/** The child's side: answers the questions of whoever measures. */
export function beSubject(
  issuer: string,
  close: () => Promise<void>,
  usage: () => Promise<Usage> | Usage = usageOfThisProcess,
): void {
  const inspector = new Session();
  inspector.connect();
  process.on('message', async (question: Question) => {
    switch (question) {
      case 'usage':
        return process.send?.(await usage());
      case 'start-profile':
        await inspector.post('Profiler.enable');
        await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
        await inspector.post('Profiler.start');
        return process.send?.('started');
      case 'profile':
        return process.send?.((await inspector.post('Profiler.stop')).profile);
      case 'stop':
        await close();
        return process.exit(0);
    }
  });
  // Nobody is left to stop it.
  process.on('disconnect', () => process.exit(1));
  process.send?.(issuer);
}

export function usageOfThisProcess(): Usage {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { cpu: (user + system) / 1000, heap: heapUsed, rss };
}
