import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ConformanceError } from '../errors.ts';
import { parseJson } from '../json-text.ts';

/** Where `emta serve` answers unless told otherwise. */
export const defaultIssuer = 'http://localhost:4299';

export interface AskOptions {
  readonly issuer: string;
  readonly token?: string | undefined;
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly timeoutMilliseconds?: number;
}

const loopback = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(url: URL, { token, method = 'GET', body, timeoutMilliseconds = 10_000 }: AskOptions): Promise<Answer> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((settle, fail) => {
    const outgoing = ask(
      url,
      {
        method,
        agent: false,
        timeout: timeoutMilliseconds,
        // A local Emta makes its own authority on first use; beyond this machine certificates are checked.
        ...(url.protocol === 'https:' && loopback.test(url.hostname) ? { rejectUnauthorized: false } : {}),
        headers: {
          accept: 'application/json',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (more: string) => {
          text += more;
        });
        incoming.on('end', () => settle({ status: incoming.statusCode ?? 0, text }));
        incoming.on('error', fail);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${timeoutMilliseconds / 1000} s`)));
    outgoing.on('error', fail);
    outgoing.end(payload);
  });
}

function addressOf(issuer: string, path: string): URL {
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    throw new ConformanceError('usage', `expected "--emta" to be an address like ${defaultIssuer}, got "${issuer}"`);
  }
  return new URL(`${issuer.replace(/\/$/, '')}/_emta/v1${path}`);
}

/** Asks a running Emta's control interface; an Emta that is not there is told with how to start one. */
export async function askEmta(path: string, options: AskOptions): Promise<unknown> {
  const url = addressOf(options.issuer, path);
  let answer: Answer;
  try {
    answer = await send(url, options);
  } catch (cause) {
    const why = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : String(cause);
    throw new ConformanceError('emta_unreachable', `expected Emta at ${options.issuer}, got ${why}`, {
      lines: ['start one with `npx emta serve`, or name another with --emta URL'],
      cause,
    });
  }
  const value = parseJson(answer.text);
  if (answer.status === 401) {
    throw new ConformanceError('emta_refused', `${options.issuer} asks for its control token`, {
      lines: ['hand it over in the environment variable EMTA_CONTROL_TOKEN'],
    });
  }
  if (answer.status < 200 || answer.status > 299) {
    const said = isObject(value) && typeof value.message === 'string' ? value.message : answer.text.slice(0, 200);
    throw new ConformanceError(
      'emta_refused',
      `expected ${options.method ?? 'GET'} ${url.pathname} to succeed, got ${answer.status}: ${said}`,
    );
  }
  if (answer.status === 204) return null;
  if (value === undefined) {
    throw new ConformanceError('emta_refused', `expected JSON at ${url.href}, got "${answer.text.slice(0, 80)}"`, {
      lines: ['does something else than Emta listen there?'],
    });
  }
  return value;
}

/** What an Emta there says of itself; undefined, without complaint, when none answers. */
export async function emtaAt(issuer: string, token?: string): Promise<Fields | undefined> {
  try {
    const value = await askEmta('/', { issuer, token, timeoutMilliseconds: 2000 });
    return isObject(value) && typeof value.issuer === 'string' ? value : undefined;
  } catch (error) {
    if (isObject(error) && error.code === 'emta_unreachable') return undefined;
    throw error;
  }
}

export type Fields = { readonly [member: string]: unknown };

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** The objects of a list in an answer. */
export function objectsIn(value: unknown, member: string): readonly Fields[] {
  const list = isObject(value) ? value[member] : undefined;
  if (!Array.isArray(list)) throw new ConformanceError('emta_refused', `expected Emta to answer a list "${member}"`);
  return list.filter(isObject);
}

/** A member as text; empty where it is missing. */
export const textOf = (fields: Fields, member: string): string => {
  const value = fields[member];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};
