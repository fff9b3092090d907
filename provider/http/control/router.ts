import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { EmtaError, isEmtaError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/ports.ts';
import { type Guard, onlyFriends } from '../friends.ts';
import { openApiOf } from './openapi.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { operations } from './operations.ts';
import type { ControlPorts } from './ports.ts';
import { operationRunner } from './run-operation.ts';

/** The control interface: JSON, for programs on this machine. */
export function controlRouter(ports: ControlPorts, guard: Guard): Router {
  const router = new Router({ prefix: '/_emta/v1' });
  const run = operationRunner(ports);
  router.use(errorsAsJson, onlyFriends(guard));
  router.get('/openapi.json', (ctx) => {
    ctx.body = openApiOf(operations, ports.issuer, ports.version);
  });
  for (const operation of operations) {
    router[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (ctx: Context) => {
      send(ctx, await run(operation, callOf(ctx, operation)));
    });
  }
  return router;
}

function callOf(ctx: Context, operation: Operation): Call {
  const query = Object.fromEntries(Object.entries(ctx.query).map(([name, value]) => [name, String(value)]));
  const unknown = Object.keys(query).find((name) => !Object.hasOwn(operation.query ?? {}, name));
  if (unknown !== undefined) {
    const known = Object.keys(operation.query ?? {});
    throw new EmtaError(
      'bad_control_request',
      `unknown parameter "${unknown}", known are: ${known.join(', ') || 'none'}`,
    );
  }
  const { body } = ctx.request as { readonly body?: Json };
  return { path: ctx.params as Record<string, string>, query, body: body ?? {} };
}

function send(ctx: Context, { status, body }: Answer): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  if (status !== 204) ctx.body = body ?? {};
}

const errorsAsJson: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!isEmtaError(error)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.code, message: error.message, ...(error.hint && { hint: error.hint }) };
  }
};
