import { once } from 'node:events';
import { connect } from 'node:net';

/** All that came back over one connection. */
export interface RawAnswer {
  readonly text: string;
  /** Status of every answer on the connection, in order. */
  readonly statuses: readonly number[];
}

/** Sends bytes as they are, as no client library would, and gives back all that comes until the other side closes. */
export async function sendRaw(issuer: string, bytes: string, { patience = 1_500 } = {}): Promise<RawAnswer> {
  const socket = connect(Number(new URL(issuer).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // A connection that is reset has been answered too.
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  const over = setTimeout(() => socket.destroy(), patience);
  await once(socket, 'close');
  clearTimeout(over);
  const text = Buffer.concat(chunks).toString('latin1');
  return { text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)) };
}
