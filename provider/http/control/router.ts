import Router from '@koa/router';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Context, Middleware } from 'koa';
import { EmtaError, isEmtaError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/ports.ts';
import { openApiOf } from './openapi.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { operations } from './operations.ts';
import type { ControlPorts } from './ports.ts';

export interface ControlGuard {
  /** Needed in `Authorization: Bearer …` where the server listens beyond loopback. */
  readonly token?: string;
  /** Host names under which this server is asked for, without port. */
  readonly hosts: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The control interface: JSON, for programs on this machine. */
export function controlRouter(ports: ControlPorts, guard: ControlGuard): Router {
  const router = new Router({ prefix: '/_emta/v1' });
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  router.use(errorsAsJson, onlyFriends(guard));
  router.get('/openapi.json', (ctx) => {
    ctx.body = openApiOf(operations, ports.issuer, ports.version);
  });
  for (const operation of operations) {
    const isValid = operation.body ? ajv.compile(operation.body) : undefined;
    router[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (ctx: Context) => {
      const call = callOf(ctx, operation);
      if (isValid && !isValid(call.body)) {
        const problems = (isValid.errors ?? []).map(
          ({ instancePath, message, params }) =>
            `"${instancePath || '/'}" ${message}${'additionalProperty' in params ? ` "${params.additionalProperty}"` : ''}`,
        );
        throw new EmtaError('bad_control_request', problems.join('; '));
      }
      send(ctx, await operation.handle(call, ports));
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

/** Refuses web pages of other origins, names that only DNS rebinding leads here by, and strangers without the token. */
function onlyFriends({ token, hosts }: ControlGuard): Middleware {
  return async (ctx, next) => {
    const host = ctx.host.replace(/:\d+$/, '');
    const origin = ctx.get('origin');
    const isOwnOrigin = origin === '' || (URL.canParse(origin) && new URL(origin).host === ctx.host);
    const site = ctx.get('sec-fetch-site');
    if (![...LOOPBACK, ...hosts].includes(host))
      return refuse(ctx, 403, 'foreign_host', `"${host}" is not a name of this server`);
    if (!isOwnOrigin || site === 'cross-site' || site === 'same-site') {
      return refuse(ctx, 403, 'foreign_origin', 'a page of another origin may not use the control interface');
    }
    if (token !== undefined && ctx.get('authorization') !== `Bearer ${token}`) {
      ctx.set('WWW-Authenticate', 'Bearer realm="emta control"');
      return refuse(ctx, 401, 'token_needed', 'expected the control token in the Authorization header');
    }
    await next();
  };
}

function refuse(ctx: Context, status: number, error: string, message: string): void {
  ctx.status = status;
  ctx.body = { error, message };
}
