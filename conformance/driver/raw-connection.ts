import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { counted } from '../counted.ts';
import type { RawAnswers } from '../observe/seen.ts';
import type { Jar } from './jar.ts';
import type { PlannedRequest } from './user-agent.ts';

type Parsed = RawAnswers['responses'][number] & { readonly end: number };

/** Reads one response off the wire by the rules of RFC 9112 section 6.3; undefined while bytes are missing. */
function responseAt(bytes: Buffer, start: number, isOver: boolean): Parsed | { readonly problem: string } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n', start);
  if (headEnd < 0) {
    return isOver && bytes.length > start
      ? {
          problem: counted`${bytes.length - start} byte(s) of no response: ${JSON.stringify(bytes.subarray(start, start + 60).toString('latin1'))}`,
        }
      : undefined;
  }
  const [statusLine = '', ...lines] = bytes.subarray(start, headEnd).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0);
  if (status === 0) return { problem: `expected a status line, got ${JSON.stringify(statusLine.slice(0, 80))}` };
  const header = (name: string) =>
    lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());
  const body = headEnd + 4;
  if (status < 200 || status === 204 || status === 304) return { status, declared: 0, received: 0, end: body };
  if (header('transfer-encoding').some((value) => /chunked/i.test(value))) {
    let at = body;
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at);
      if (lineEnd < 0) return undefined;
      const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
      if (Number.isNaN(size)) return { problem: 'expected the size of a chunk' };
      at = lineEnd + 2 + size + 2;
      if (at > bytes.length) return undefined;
      if (size === 0) return { status, declared: 'chunked', received: at - body, end: at };
    }
  }
  const lengths = new Set(header('content-length'));
  if (lengths.size > 1) return { problem: `two Content-Length fields that differ: ${[...lengths].join(', ')}` };
  const [length] = lengths;
  if (length === undefined)
    return isOver ? { status, declared: 'close', received: bytes.length - body, end: bytes.length } : undefined;
  const end = body + Number(length);
  return end <= bytes.length
    ? { status, declared: Number(length), received: Number(length), end }
    : isOver
      ? { problem: counted`Content-Length ${length}, but ${bytes.length - body} byte(s) came` }
      : undefined;
}

/** Sends a callback over one connection that stays open, one more request behind it, and counts what comes back. */
export async function askRaw(callback: PlannedRequest, jar: Jar, behind: string, now: number): Promise<RawAnswers> {
  const url = new URL(callback.url);
  const second = new URL(behind);
  const { header } = await jar.headerFor(callback.url, { sameSite: false, method: 'GET', now });
  const cookie = header === '' ? '' : `Cookie: ${header}\r\n`;
  const request = (target: URL, last: boolean) =>
    `GET ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/html\r\nUser-Agent: Mozilla/5.0\r\n${cookie}Connection: ${last ? 'close' : 'keep-alive'}\r\n\r\n`;
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const socket =
    url.protocol === 'https:'
      ? connectTls({ host: url.hostname, port, servername: url.hostname, rejectUnauthorized: false })
      : connectTcp({ host: url.hostname, port });
  return new Promise((settle) => {
    let bytes: Buffer = Buffer.alloc(0);
    let isAsked = false;
    const read = (isOver: boolean): RawAnswers => {
      const responses: Parsed[] = [];
      let at = 0;
      for (;;) {
        const next = responseAt(bytes, at, isOver);
        if (next === undefined) break;
        if ('problem' in next) return { responses, surplus: bytes.length - at, problem: next.problem };
        responses.push(next);
        at = next.end;
      }
      const final = responses.filter(({ status }) => status >= 200);
      return { responses: final, surplus: bytes.length - at };
    };
    const finish = (problem?: string) => {
      clearTimeout(deadline);
      socket.destroy();
      const answers = read(true);
      settle(problem === undefined || answers.problem !== undefined ? answers : { ...answers, problem });
    };
    const deadline = setTimeout(() => finish('no answer within 5 s'), 5000);
    socket.on('connect', () => socket.write(request(url, false)));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!isAsked && read(false).responses.length >= 1) {
        isAsked = true;
        socket.write(request(second, true));
      }
    });
    socket.on('end', () => finish());
    socket.on('close', () => finish());
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(isAsked && read(false).responses.length >= 1 ? undefined : `${error.code ?? 'error'}: ${error.message}`),
    );
  });
}
