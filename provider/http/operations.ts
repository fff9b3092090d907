import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Journal } from '../journal/journal.ts';
import { mask } from '../journal/mask.ts';
import type { Log, Random } from '../kernel/ports.ts';
import type { Outbox } from '../sms/outbox.ts';
import { type Counts, createMetricSet, type MetricSet } from './metrics.ts';

/** What operators measure. One set for each Emta, none is global. */
export interface Metrics {
  readonly set: MetricSet;
  countRequests: Middleware;
  /** The same journal and outbox, counted. */
  journal(journal: Journal): Journal;
  outbox(outbox: Outbox): Outbox;
}

export function createMetrics(): Metrics {
  const set = createMetricSet();
  const requests = set.counter('emta_http_requests_total', 'Requests answered, by route and status.', [
    'method',
    'route',
    'status',
  ]);
  const latency = set.histogram(
    'emta_http_request_duration_seconds',
    'Time to answer a request, by route.',
    ['route'],
    [0.001, 0.005, 0.02, 0.1, 0.5, 2, 5],
  );
  const journeys = set.counter('emta_journeys_total', 'Journeys ended, by outcome and the step at which they ended.', [
    'outcome',
    'step',
  ]);
  const messages = set.counter('emta_sms_total', 'Short messages, by status.', ['status']);
  const faults = set.counter('emta_faults_delivered_total', 'Faults delivered, by id.', ['fault']);

  return {
    set,
    async countRequests(ctx, next) {
      const begun = performance.now();
      try {
        await next();
      } finally {
        const route = routeOf(ctx);
        requests.add(METHODS.has(ctx.method) ? ctx.method : 'other', route, ctx.status);
        latency.observe((performance.now() - begun) / 1000, route);
      }
    },
    journal: (journal) => ({
      ...journal,
      async exchange(exchange) {
        for (const fault of exchange.delivered) faults.add(fault);
        await journal.exchange(exchange);
      },
      async note(entry) {
        const { outcome, step } = entry.data as { readonly outcome?: string; readonly step?: string };
        if (entry.kind === 'step' && outcome) journeys.add(outcome, step ?? '');
        await journal.note(entry);
      },
    }),
    outbox: (outbox) => ({
      ...outbox,
      async send(message, after) {
        messages.add(message.status);
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
    if (log.isLevelEnabled?.('info') === false) return;
    log.info({ id, method: ctx.method, url: mask(ctx.url), status: ctx.status, ms: now() - from }, 'request');
  };
}

/** Liveness, which tells whether the store can be used, and the metrics. */
export function operationsRouter({
  metrics,
  healthy,
  otherCounts,
}: {
  readonly metrics: Pick<Metrics, 'set'>;
  readonly healthy: () => Promise<boolean>;
  /** What the other processes on this port have counted. */
  readonly otherCounts?: () => Promise<readonly Counts[]>;
}): Router {
  const router = new Router();
  router.get('/healthz', async (ctx) => {
    const isHealthy = await healthy();
    ctx.status = isHealthy ? 200 : 503;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: isHealthy ? 'ok' : 'the store cannot be reached' };
  });
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4; charset=utf-8';
    ctx.body = await metrics.set.text(await otherCounts?.());
  });
  return router;
}
