import { LoginEnded, type Members } from './identity.ts';
import { backChannelSeconds } from './relying-party.ts';

/** Asks for a JSON object: no redirects, in bounded time, nothing but 200, and no error beside the answer. */
export async function fetchMembers(url: string, init: RequestInit = {}): Promise<Members> {
  const signal = AbortSignal.timeout(backChannelSeconds * 1000);
  const answer = await fetch(url, { ...init, redirect: 'manual', signal });
  const isJson = /^application\/([\w.-]+\+)?json\b/.test(answer.headers.get('content-type') ?? '');
  if (answer.status !== 200 || !isJson) {
    await answer.body?.cancel();
    throw new LoginEnded('bad-answer');
  }
  const members: unknown = await answer.json();
  if (!isMembers(members) || 'error' in members) throw new LoginEnded('bad-answer');
  return members;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
