import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

export type Texts = Readonly<Record<string, string>>;

/** What a program that is no browser got. */
export type Got =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }
  /** The connection ended before an answer. */
  | { readonly kind: 'cut'; readonly code: string }
  /** This side lost patience. */
  | { readonly kind: 'abandoned' };

export interface CallOptions {
  readonly method?: string;
  readonly form?: Texts | URLSearchParams;
  readonly json?: object;
  readonly headers?: Texts;
  readonly ca?: string;
  /** Losing patience: aborting this gives the call up. */
  readonly patience?: AbortSignal;
}

/** One request over a connection of its own; nothing is followed, nothing is retried. */
export function call(url: string, { method, form, json, headers = {}, ca, patience }: CallOptions = {}): Promise<Got> {
  const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
  const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
  const ask = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const outgoing = ask(
      url,
      {
        agent: false,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        ...(ca && { ca }),
        headers: { ...(body !== undefined && { 'content-type': type }), ...headers },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'cut', code: error.code ?? '' }));
        incoming.on('end', () => {
          const { statusCode = 0, headers: received } = incoming;
          resolve({ kind: 'answered', status: statusCode, headers: received, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(patience?.aborted ? { kind: 'abandoned' } : { kind: 'cut', code: error.code ?? '' });
    });
    patience?.addEventListener('abort', () => outgoing.destroy());
    outgoing.end(body);
  });
}
