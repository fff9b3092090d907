import { LoginEnded, reasonOf } from './reason.ts';

/**
 * Names what went wrong between the site and Emta. Decides by code, name and status: under a test runner the classes
 * of two realms are not each other's.
 */
export function asLoginEnded(error: unknown): Error {
  const ended = reasonOf(error) ?? reasonOf(property(error, 'cause'));
  if (ended !== undefined) return new LoginEnded(ended, error);
  const status = statusOf(error);
  if (status !== undefined) return new LoginEnded(status >= 500 ? 'unavailable' : 'bad_answer', error);
  const code = textOf(error, 'code');
  if (code === 'OAUTH_TIMEOUT' || isUnreachable(error)) return new LoginEnded('unavailable', error);
  if (code?.startsWith('OAUTH_')) return new LoginEnded('bad_answer', error);
  return error instanceof Error ? error : new Error('something that is no error was thrown', { cause: error });
}

/** The status Emta answered with, on the error or on the response it carries. */
export function statusOf(error: unknown): number | undefined {
  for (const carrier of [error, property(error, 'cause')]) {
    const status = property(carrier, 'status');
    if (typeof status === 'number') return status;
  }
  return undefined;
}

/** `fetch` rejects with a TypeError when no answer came, which openid-client passes on or wraps once. */
function isUnreachable(error: unknown): boolean {
  return [error, property(error, 'cause')].some((it) => {
    const name = textOf(it, 'name');
    return (name === 'TypeError' && textOf(it, 'message') === 'fetch failed') || name === 'TimeoutError';
  });
}

function textOf(of: unknown, name: string): string | undefined {
  const value = property(of, name);
  return typeof value === 'string' ? value : undefined;
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}
