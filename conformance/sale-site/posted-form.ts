import type { Context } from 'koa';

const limit = 64 * 1024;

/** The fields of a posted form, read once. Anything else, or too much of it, is an empty form. */
export function postedForm(ctx: Context): Promise<URLSearchParams> {
  ctx.state.form ??= read(ctx);
  return ctx.state.form;
}

async function read({ req: request }: Context): Promise<URLSearchParams> {
  const type = request.headers['content-type'] ?? '';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(type) && size <= limit;
  return new URLSearchParams(isForm ? Buffer.concat(chunks).toString('utf8') : '');
}
