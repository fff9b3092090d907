import Router from '@koa/router';
import type { Context } from 'koa';
import { type EmtaScope, resourceFor } from '../claims/index.ts';
import type { WireAnswer } from '../faults/tamper.ts';
import type { Journal } from '../journal/journal.ts';
import type { CitizenRegistry, Json } from '../kernel/ports.ts';
import type { Access } from '../oidc/access.ts';
import { type Logins, provenMobile } from '../oidc/logins.ts';
import type { Tampering } from '../oidc/tampering.ts';
import { bearerOf, cutIfTold, nothingSent, send } from '../oidc/wire.ts';

export interface ResourcePorts {
  readonly issuer: string;
  readonly registry: Pick<CitizenRegistry, 'citizen'>;
  readonly accessOf: (token: string) => Promise<Access | undefined>;
  readonly logins: Logins;
  readonly tampering: Tampering;
  readonly journal: Journal;
}

interface Resource {
  readonly path: string;
  readonly scope: EmtaScope;
  readonly endpoint: 'identity' | 'mobile' | 'email' | 'status';
  readonly act?: 'resource_identity' | 'resource_mobile';
}

/** Emta's own face: one REST resource per scope (domain: section 2). */
const RESOURCES: readonly Resource[] = [
  {
    path: '/service/v1/user/identity/general',
    scope: 'user:identity:general',
    endpoint: 'identity',
    act: 'resource_identity',
  },
  {
    path: '/service/v1/user/primaryMobileNumber',
    scope: 'user:primaryMobileNumber',
    endpoint: 'mobile',
    act: 'resource_mobile',
  },
  { path: '/service/v1/user/primaryEmail', scope: 'user:primaryEmail', endpoint: 'email' },
  { path: '/service/v1/user/status', scope: 'user:status', endpoint: 'status' },
];

export function resourceRouter(ports: ResourcePorts): Router {
  const router = new Router();
  for (const resource of RESOURCES) router.get(resource.path, (ctx) => serve(ctx, resource, ports));
  return router;
}

async function serve(ctx: Context, { scope, endpoint, act }: Resource, ports: ResourcePorts): Promise<void> {
  const token = bearerOf(ctx);
  const access = token ? await ports.accessOf(token) : undefined;
  const login = access?.login ?? (token ? await ports.logins.byCredential(token) : undefined);
  const parties = login ? { clientId: login.clientId, mobile: login.mobile, journey: login.journey } : {};
  const sound = access ? await answer(access, scope, ports) : refusal(ports.issuer, errorWithoutAccess(ctx, token));
  const delivered: string[] = [];
  const sent = act ? await ports.tampering.apply(act, sound, parties, delivered) : sound;
  const transport = await send(ctx, sent);
  await ports.journal.exchange({
    endpoint,
    ...parties,
    request: {
      method: ctx.method,
      url: ctx.url,
      headers: { ...ctx.headers } as Json,
      query: { ...ctx.query } as Json,
      form: {},
    },
    response: transport ? nothingSent : { status: sent.status, headers: sent.headers, body: sent.body },
    delivered,
  });
  cutIfTold(ctx, transport);
}

async function answer(access: Access, scope: EmtaScope, ports: ResourcePorts): Promise<WireAnswer> {
  if (!access.scopes.has(scope)) return refusal(ports.issuer, 'insufficient_scope', scope);
  const citizen = await ports.registry.citizen(access.login.nationalCode);
  if (!citizen) return refusal(ports.issuer, 'invalid_token');
  return json(200, resourceFor(citizen, provenMobile(access.login), scope) as Json);
}

type Refusal = keyof typeof REFUSALS;

/** RFC 6750 3.1: the status and the words of each code. */
const REFUSALS = {
  invalid_request: { status: 400, words: 'expected "Authorization: Bearer" and one token, got something else' },
  invalid_token: { status: 401, words: 'the token is unknown, expired or revoked' },
  insufficient_scope: { status: 403, words: 'the token does not have the scope of this resource' },
} as const;

function errorWithoutAccess(ctx: Context, token: string | undefined): Refusal | undefined {
  if (token) return 'invalid_token';
  return /^bearer\b/i.test(ctx.get('authorization')) ? 'invalid_request' : undefined;
}

/** RFC 6750 3.1: who brings no token at all is told of no error in the header. */
function refusal(realm: string, error?: Refusal, scope?: string): WireAnswer {
  const details = [`realm="${realm}"`, ...(error ? [`error="${error}"`] : []), ...(scope ? [`scope="${scope}"`] : [])];
  const { status, words } = error
    ? REFUSALS[error]
    : { status: 401, words: 'expected a bearer token in the Authorization header, got none' };
  const wire = json(status, { error: error ?? 'invalid_token', error_description: words });
  return { ...wire, headers: { ...wire.headers, 'www-authenticate': `Bearer ${details.join(', ')}` } };
}

function json(status: number, body: Json): WireAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}
