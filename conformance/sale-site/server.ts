import { createServer } from 'node:http';
import { createSaleSite } from './create.ts';
import { parseServerOptions } from './server-options.ts';

/** The sale site as a process of its own, as the certifying harness starts it. */
const { port, site } = parseServerOptions(process.env);
const log = (doing: string, error: unknown) => process.stderr.write(`sale site: ${doing}: ${inWords(error)}\n`);
const { callback } = await createSaleSite({ ...site, log });
const server = createServer(callback).listen(port, '127.0.0.1', () => {
  process.stdout.write(`sale site: ${site.baseUrl}\n`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.closeAllConnections();
    server.close();
  });
}

/** The error and what lies beneath it, a line each. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  ${inWords(error.cause)}`;
}
