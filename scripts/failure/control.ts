import { setTimeout as sleep } from 'node:timers/promises';
import { isUnanswered } from './programs.ts';

/** Asks the control interface until it answers. Throws where it refuses. */
export async function control(
  issuer: string,
  path: string,
  body?: object,
  method = body ? 'POST' : 'GET',
): Promise<unknown> {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(`${issuer}/_emta/v1${path}`, {
        method,
        headers: { 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (answer.ok) return await answer.json();
      if (answer.status < 500 || tries > 300) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    } catch (error) {
      // The process died over it.
      if (!isUnanswered(error) || tries > 300) throw error;
    }
    await sleep(100);
  }
}
