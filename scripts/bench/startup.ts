import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SubjectName } from './child.ts';

/** Milliseconds from starting a process to its first good answer. */
export async function timeToFirstAnswer(name: SubjectName, port: number): Promise<number> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const begun = performance.now();
  const child = fork(fileURLToPath(new URL(`${name}.${extension}`, import.meta.url)), [JSON.stringify({ port })], {
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  for (;;) {
    if (child.exitCode !== null) throw new Error(`expected ${name} to start, it ended with ${child.exitCode}`);
    const status = await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      // Nobody listens yet.
      () => 0,
    );
    if (status === 200) break;
    await sleep(2);
  }
  const took = performance.now() - begun;
  child.kill();
  await gone;
  return took;
}
