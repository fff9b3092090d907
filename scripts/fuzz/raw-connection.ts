import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export type Ending = RawAnswer | 'closed' | 'silent';

/** A connection over which bytes go as they are, right or wrong. */
export interface RawConnection {
  /** Sends bytes and waits for one answer; `silent` where none came in time. */
  ask(bytes: Buffer, isHead?: boolean): Promise<Ending>;
  isOpen(): boolean;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LONG = 1_000_000;

export async function openRaw(port: number, patience: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setNoDelay(true);
  let isOpen = true;
  let chunks: Buffer[] = [];
  let wake: (() => void) | undefined;
  const stir = () => wake?.();
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    stir();
  });
  // A peer that has answered may cut a connection whose request was wrong; what came before counts.
  socket.on('error', stir);
  socket.on('close', () => {
    isOpen = false;
    stir();
  });

  return {
    async ask(bytes, isHead = false) {
      chunks = [];
      let wanted = 0;
      let isLastLook = false;
      socket.write(bytes);
      const deadline = performance.now() + patience;
      for (;;) {
        const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        if (length >= wanted || !isOpen || isLastLook) {
          const received = Buffer.concat(chunks);
          const answer = answerIn(received, isHead, !isOpen);
          if (answer) {
            if (mustClose(answer)) close(socket);
            return answer;
          }
          // Long answers come in many pieces, and are looked at again once there is much more, or all that was promised.
          wanted = promisedIn(received) ?? (length > LONG ? length * 1.5 : 0);
        }
        if (!isOpen) return 'closed';
        if (isLastLook) {
          close(socket);
          return 'silent';
        }
        const left = deadline - performance.now();
        if (left <= 0) {
          // This process may have had no turn all the while: what lies in the socket by now counts.
          await new Promise((resolve) => setImmediate(resolve));
          await new Promise((resolve) => setImmediate(resolve));
          isLastLook = true;
          continue;
        }
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    isOpen: () => isOpen,
    close: () => close(socket),
  };

  function close(which: Socket): void {
    isOpen = false;
    which.destroy();
  }
}

/** How many bytes there will be, where the head says so. */
function promisedIn(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(HEAD_END);
  const length =
    end === -1 ? undefined : /\r\ncontent-length: *(\d+)/i.exec(bytes.subarray(0, end).toString('latin1'))?.[1];
  return length === undefined ? undefined : end + HEAD_END.length + Number(length);
}

function mustClose({ headers }: RawAnswer): boolean {
  return headers.some(([name, value]) => name === 'connection' && value.toLowerCase() === 'close');
}

/** The first whole answer in these bytes (RFC 9112 6.3); undefined while some are missing. */
export function answerIn(bytes: Buffer, isHead: boolean, isOver: boolean): RawAnswer | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const rest = bytes.subarray(end + HEAD_END.length);
  if (status >= 100 && status < 200) return answerIn(rest, isHead, isOver);
  const body = bodyIn(rest, status, headers, { isHead, isOver });
  return body && { status, headers, body };
}

function bodyIn(
  rest: Buffer,
  status: number,
  headers: RawAnswer['headers'],
  { isHead, isOver }: { readonly isHead: boolean; readonly isOver: boolean },
): Buffer | undefined {
  if (isHead || status === 204 || status === 304) return Buffer.alloc(0);
  const value = (name: string) => headers.find(([known]) => known === name)?.[1];
  if (value('transfer-encoding')?.toLowerCase() === 'chunked') return chunksIn(rest);
  const length = value('content-length');
  if (length === undefined) return isOver ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

function chunksIn(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(rest.subarray(at, line).toString('latin1'), 16);
    const next = line + 2 + size + 2;
    if (Number.isNaN(size) || rest.length < next) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(line + 2, line + 2 + size));
    at = next;
  }
}
