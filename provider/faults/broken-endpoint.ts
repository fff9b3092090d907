import { defineFault } from './define-fault.ts';
import { withBody } from './edit.ts';
import type { Fault, TamperContext, Tampers, WireAnswer } from './tamper.ts';

type Endpoint = 'token_response' | 'userinfo' | 'resource_identity' | 'resource_mobile' | 'discovery' | 'jwks';

type Break =
  | 'error'
  | 'server_error'
  | 'hang'
  | 'reset'
  | 'slow'
  | 'wrong_content_type'
  | 'invalid_json'
  | 'html'
  | 'redirect';

const htmlAnswer = (status: number): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html lang="en"><head><title>Error</title></head><body><h1>Internal error</h1></body></html>',
});

function answerOf(endpoint: Endpoint, change: (answer: WireAnswer, context: TamperContext) => WireAnswer): Tampers {
  return { [endpoint]: change };
}

/** The ways in which any endpoint can break, named `{prefix}.{way}`; only those that some row needs. */
export function brokenEndpoint(
  endpoint: Endpoint,
  {
    prefix,
    name,
    rows,
    refusal,
  }: {
    readonly prefix: string;
    /** In words, for the summaries. */
    readonly name: string;
    /** The rows that need each way; a way left out is not in the catalogue. */
    readonly rows: Readonly<Partial<Record<Break, readonly string[]>>>;
    /** What `error` sends unless told otherwise. */
    readonly refusal: { readonly status: number; readonly error: string };
  },
): readonly Fault[] {
  const make = {
    error: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.error`,
        breaks: endpoint === 'token_response' ? 'RFC 6749 §5.2' : 'RFC 6750 §3.1',
        summary: `${name} refuses with an error code`,
        rows: forRows,
        parameters: {
          status: { type: 'number', default: refusal.status, meaning: 'HTTP status' },
          error: { type: 'string', default: refusal.error, meaning: 'error code' },
          error_description: { type: 'string', meaning: 'text for developers, left out unless given' },
        },
        tampers: (read) =>
          answerOf(endpoint, (_answer, context) => {
            const { status, error, error_description } = read(context);
            const body = JSON.stringify({ error, ...(error_description === undefined ? {} : { error_description }) });
            const scheme = endpoint === 'token_response' ? 'Basic realm="emta"' : `Bearer error="${error}"`;
            const challenge: Record<string, string> = [401, 403].includes(status) ? { 'www-authenticate': scheme } : {};
            return {
              status,
              headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...challenge },
              body,
            };
          }),
      }),
    server_error: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.server_error`,
        breaks: 'RFC 9110 §15.6.1',
        summary: `${name} answers 500 with an HTML page`,
        rows: forRows,
        parameters: {},
        tampers: () => answerOf(endpoint, () => htmlAnswer(500)),
      }),
    hang: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.hang`,
        breaks: 'practice: a peer may never answer',
        summary: `${name} takes the request and never answers`,
        rows: forRows,
        parameters: {},
        tampers: () => answerOf(endpoint, (answer) => ({ ...answer, transport: 'hang' })),
      }),
    reset: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.reset`,
        breaks: 'practice: a peer may drop the connection',
        summary: `${name} cuts the connection before it answers`,
        rows: forRows,
        parameters: {},
        tampers: () => answerOf(endpoint, (answer) => ({ ...answer, transport: 'reset' })),
      }),
    slow: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.slow`,
        breaks: 'practice: a peer may be slow',
        summary: `${name} answers correctly, but late`,
        rows: forRows,
        parameters: {
          milliseconds: { type: 'number', default: 4000, meaning: 'wait before the answer' },
        },
        tampers: (read) =>
          answerOf(endpoint, (answer, context) => ({
            ...answer,
            delayMs: (answer.delayMs ?? 0) + read(context).milliseconds,
          })),
      }),
    wrong_content_type: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.wrong_content_type`,
        breaks: endpoint === 'token_response' ? 'RFC 6749 §5.1' : 'OIDC Core §5.3.2',
        summary: `${name} labels its JSON as HTML`,
        rows: forRows,
        parameters: {},
        tampers: () =>
          answerOf(endpoint, (answer) => withBody(answer, answer.body, { 'content-type': 'text/html; charset=utf-8' })),
      }),
    invalid_json: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.invalid_json`,
        breaks: 'RFC 8259 §2',
        summary: `${name} answers with JSON that ends in the middle`,
        rows: forRows,
        parameters: {},
        tampers: () => answerOf(endpoint, (answer) => withBody(answer, answer.body.slice(0, -1))),
      }),
    html: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.html`,
        breaks: 'OIDC Core §5.3.2',
        summary: `${name} answers 200 with an HTML page`,
        rows: forRows,
        parameters: {},
        tampers: () => answerOf(endpoint, () => htmlAnswer(200)),
      }),
    redirect: (forRows: readonly string[]) =>
      defineFault({
        id: `${prefix}.redirect`,
        breaks: 'RFC 9700 §4.12',
        summary: `${name} redirects to an address of the attacker`,
        rows: forRows,
        parameters: {
          status: { type: 'number', default: 307, meaning: 'HTTP status, 302 or 307' },
          trap_url: { type: 'string', meaning: "the attacker's address; Emta's own trap unless given" },
        },
        tampers: (read) =>
          answerOf(endpoint, (_answer, context) => {
            const { status, trap_url } = read(context);
            return { status, headers: { location: trap_url ?? context.trapUrl }, body: '' };
          }),
      }),
  } as const satisfies Record<Break, (forRows: readonly string[]) => Fault>;

  const ways: readonly Break[] = [
    'error',
    'server_error',
    'hang',
    'reset',
    'slow',
    'wrong_content_type',
    'invalid_json',
    'html',
    'redirect',
  ];
  return ways.flatMap((way) => {
    const forRows = rows[way];
    return forRows === undefined ? [] : [make[way](forRows)];
  });
}
