import Router from '@koa/router';
import type { Context } from 'koa';
import { selfSignedCertificate } from '../faults/certificate.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock, Json } from '../kernel/ports.ts';
import type { Journeys } from '../oidc/journeys.ts';
import type { Keys } from '../oidc/keys.ts';

export interface TrapPorts {
  readonly journal: Journal;
  readonly journeys: Pick<Journeys, 'get'>;
  readonly keys: Keys;
  /** By which the certificate is valid: the machine's own. */
  readonly clock: Clock;
}

const LIMIT = 64 * 1024;
const LINE = 64;

/**
 * An address of the attacker, to which faults send a relying party: `/_emta/trap/{journey}/…`. It takes whatever comes,
 * writes it down as an exchange with the endpoint `trap`, and serves the attacker's keys and certificate.
 */
export function trapRouter(ports: TrapPorts): Router {
  const router = new Router();
  router.all('/_emta/trap{/*rest}', (ctx) => serve(ctx, ports));
  return router;
}

async function serve(ctx: Context, ports: TrapPorts): Promise<void> {
  const [who = '', ...rest] = ctx.path.split('/').slice(3);
  const [form, journey] = await Promise.all([readForm(ctx), ports.journeys.get(who)]);
  const { type, body } = await answerTo(rest.join('/'), ports);
  ctx.status = 200;
  ctx.type = type;
  ctx.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  ctx.body = body;
  await ports.journal.exchange({
    endpoint: 'trap',
    ...(journey && { journey: journey.uid, clientId: journey.clientId }),
    ...(journey?.mobile && { mobile: journey.mobile }),
    request: {
      method: ctx.method,
      url: ctx.originalUrl,
      headers: { ...ctx.headers } as Json,
      query: { ...ctx.query } as Json,
      form,
    },
    response: { status: 200, headers: { ...ctx.response.headers } as Json, body },
    delivered: [],
  });
}

async function answerTo(path: string, { keys, clock }: TrapPorts): Promise<{ type: string; body: string }> {
  switch (path) {
    case 'jwks':
      return { type: 'json', body: JSON.stringify({ keys: [(await keys.named('foreign')).publicJwk] }) };
    case 'certificate.pem': {
      const base64 = await selfSignedCertificate(await keys.named('foreign'), clock.now());
      const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
      const body = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
      return { type: 'application/x-pem-file', body };
    }
    default:
      return { type: 'json', body: '{}' };
  }
}

/** What was posted: the fields of a form, or anything else as the one member `body`. */
async function readForm(ctx: Context): Promise<Json> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of ctx.req) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length <= LIMIT) chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  if (!ctx.is('application/x-www-form-urlencoded')) return { body: text };
  return Object.fromEntries(new URLSearchParams(text));
}
