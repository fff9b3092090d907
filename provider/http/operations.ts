import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { Counter, Histogram, Registry } from 'prom-client';
import type { Journal } from '../journal/journal.ts';
import { mask } from '../journal/mask.ts';
import type { Log, Random } from '../kernel/ports.ts';
import type { Outbox } from '../sms/outbox.ts';

/** What operators measure, in the text format of Prometheus. One set for each Emta, none is global. */
export interface Metrics {
  readonly registry: Registry;
  countRequests: Middleware;
  /** The same journal and outbox, counted. */
  journal(journal: Journal): Journal;
  outbox(outbox: Outbox): Outbox;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'emta_http_requests_total',
    help: 'Requests answered, by route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const latency = new Histogram({
    name: 'emta_http_request_duration_seconds',
    help: 'Time to answer a request, by route.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 5],
    registers,
  });
  const journeys = new Counter({
    name: 'emta_journeys_total',
    help: 'Journeys ended, by outcome and the step at which they ended.',
    labelNames: ['outcome', 'step'],
    registers,
  });
  const messages = new Counter({
    name: 'emta_sms_total',
    help: 'Short messages, by status.',
    labelNames: ['status'],
    registers,
  });
  const faults = new Counter({
    name: 'emta_faults_delivered_total',
    help: 'Faults delivered, by id.',
    labelNames: ['fault'],
    registers,
  });

  return {
    registry,
    async countRequests(ctx, next) {
      const stop = latency.startTimer();
      try {
        await next();
      } finally {
        const route = routeOf(ctx);
        requests.inc({ method: METHODS.has(ctx.method) ? ctx.method : 'other', route, status: ctx.status });
        stop({ route });
      }
    },
    journal: (journal) => ({
      ...journal,
      async exchange(exchange) {
        for (const fault of exchange.delivered) faults.inc({ fault });
        await journal.exchange(exchange);
      },
      async note(entry) {
        const { outcome, step } = entry.data as { readonly outcome?: string; readonly step?: string };
        if (entry.kind === 'step' && outcome) journeys.inc({ outcome, step: step ?? '' });
        await journal.note(entry);
      },
    }),
    outbox: (outbox) => ({
      ...outbox,
      async send(message, after) {
        messages.inc({ status: message.status });
        return outbox.send(message, after);
      },
    }),
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);
const FIXED = /^\/(oauth|service|\.well-known|healthz|metrics)(\/|$)/;

/** A route with few values: what differs from journey to journey is a star. */
function routeOf(ctx: Context): string {
  if (ctx.status === 404) return 'unknown';
  const [, first = '', second = '', third = '', fourth = ''] = ctx.path.split('/');
  if (first === 'journey') return ['/journey/*', third, fourth].filter(Boolean).join('/');
  if (first === 'oauth' && second === 'authorize' && third) return '/oauth/authorize/*';
  if (first === '_emta') return second === 'v1' ? `/_emta/v1/${third}` : '/_emta';
  return FIXED.test(ctx.path) ? ctx.path : `/${first}`;
}

/** One line a request, with an id that also goes back in the answer; personal values are masked. */
export function logRequests({
  log,
  random,
  now,
}: {
  readonly log: Log;
  readonly random: Random;
  readonly now: () => number;
}): Middleware {
  return async (ctx, next) => {
    const id = random.id();
    const from = now();
    ctx.set('X-Request-Id', id);
    await next();
    log.info({ id, method: ctx.method, url: mask(ctx.url), status: ctx.status, ms: now() - from }, 'request');
  };
}

/** Liveness, which tells whether the store can be used, and the metrics. */
export function operationsRouter({
  metrics,
  healthy,
}: {
  readonly metrics: Metrics;
  readonly healthy: () => Promise<boolean>;
}): Router {
  const router = new Router();
  router.get('/healthz', async (ctx) => {
    const isHealthy = await healthy();
    ctx.status = isHealthy ? 200 : 503;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: isHealthy ? 'ok' : 'the store cannot be reached' };
  });
  router.get('/metrics', async (ctx) => {
    ctx.type = metrics.registry.contentType;
    ctx.body = await metrics.registry.metrics();
  });
  return router;
}
