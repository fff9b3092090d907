import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';

/** What a citizen types is short. */
const MOST = 16 * 1024;

/** Reads the form of a post into `ctx.request.body`; of a field that comes twice the first counts. */
export const readForm: Middleware = async (ctx, next) => {
  if (ctx.method === 'POST' && ctx.get('content-type').toLowerCase().startsWith('application/x-www-form-urlencoded')) {
    if (Number(ctx.get('content-length')) > MOST) return tooLarge(ctx);
    const text = await textOf(ctx.req);
    if (text === undefined) return tooLarge(ctx);
    const fields = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(text)) if (!fields.has(name)) fields.set(name, value);
    Object.assign(ctx.request, { body: Object.fromEntries(fields) });
  }
  return next();
};

/** Nobody waits for the rest. */
function tooLarge(ctx: Parameters<Middleware>[0]): void {
  ctx.set('Connection', 'close');
  ctx.throw(413, `expected a form of at most ${MOST} bytes`);
}

function textOf(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST) {
        request.pause();
        resolve(undefined);
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString()));
    request.once('error', reject);
  });
}
