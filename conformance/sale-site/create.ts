import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Router } from '@koa/router';
import Koa from 'koa';
import { addAccountRoutes } from './account/routes.ts';
import { type Accounts, openAccounts } from './accounts.ts';
import { assets } from './assets.ts';
import { systemClock } from './clock.ts';
import { cookieNames } from './cookies.ts';
import { withDefects } from './defects/index.ts';
import { guard } from './guard.ts';
import { createLimit } from './limits.ts';
import { personId } from './login/identity.ts';
import { createLogins } from './login/logins.ts';
import { addLoginRoutes } from './login/routes.ts';
import type { MemberSeed, SaleSiteOptions } from './options.ts';
import { createPages, viewsDir } from './pages.ts';
import { hashPassword } from './password.ts';
import type { Random } from './ports.ts';
import { systemRandom } from './random.ts';
import { emptyDetails } from './registration/form.ts';
import { addRegistrationRoutes } from './registration/routes.ts';
import { createSessions } from './sessions.ts';
import { addSignInRoutes } from './signin/routes.ts';
import type { Site } from './site.ts';
import { gatewayAt } from './sms-gateway.ts';

export interface SaleSite {
  /** Answers one request, for `http.createServer` or any server that takes its listener. */
  readonly callback: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Makes the sale site. It listens nowhere; several live in one process without touching each other. */
export async function createSaleSite(options: SaleSiteOptions): Promise<SaleSite> {
  const site = await assemble(options);
  const router = new Router();
  addSignInRoutes(router, site);
  addLoginRoutes(router, site);
  addRegistrationRoutes(router, site);
  addAccountRoutes(router, site);

  const app = new Koa();
  app.on('error', (error: unknown) => site.log('writing an answer', error));
  app.use(site.policy.around(site));
  app.use(guard(site));
  app.use(assets(join(viewsDir, 'assets')));
  app.use(router.routes());
  const handle = app.callback();
  return { callback: (request, response) => void handle(request, response) };
}

async function assemble(options: SaleSiteOptions): Promise<Site> {
  const { clock = systemClock, random = systemRandom, face, tokenEndpointAuthMethod, otherEmta, smsGateway } = options;
  const baseUrl = new URL(options.baseUrl).origin;
  const isSecure = baseUrl.startsWith('https:');
  const redirectUri = options.redirectUri ?? `${baseUrl}/emta/callback`;
  const policy = withDefects(options.defects ?? []);
  const ports = { clock, random };
  const common = {
    redirectUri,
    ...(face === undefined ? {} : { face }),
    ...(tokenEndpointAuthMethod === undefined ? {} : { tokenEndpointAuthMethod }),
  };
  const { issuer, clientId, clientSecret } = options;
  const accounts = await openAccounts(options.storeFile);
  await seed(accounts, options.members ?? [], random);
  return {
    baseUrl,
    isSecure,
    asksMobile: options.asksMobile ?? false,
    hasDriverHooks: options.driverHooks ?? false,
    policy,
    emta: policy.createEmta({ issuer, clientId, clientSecret, ...common }, ports),
    ...(otherEmta === undefined ? {} : { otherEmta: policy.createEmta({ ...otherEmta, ...common }, ports) }),
    logins: createLogins(ports),
    sessions: createSessions(ports),
    accounts,
    pages: createPages({ isEscaped: policy.isEscaped }),
    cookies: cookieNames(isSecure),
    sendSms: typeof smsGateway === 'function' ? smsGateway : gatewayAt(smsGateway),
    signInTries: createLimit(ports, 10, 15),
    codesSent: createLimit(ports, 20, 60),
    clock,
    random,
    log: options.log ?? (() => undefined),
  };
}

/** Adds those who are customers already, unless the store has them. */
async function seed(accounts: Accounts, members: readonly MemberSeed[], random: Random): Promise<void> {
  for (const { password, ...member } of members) {
    if (accounts.byNationalCode(member.nationalCode) !== undefined) continue;
    const hash = password === undefined ? {} : { passwordHash: await hashPassword(password, random) };
    const id = personId(`member ${member.nationalCode}`);
    await accounts.save({ id, keys: [], details: { ...emptyDetails, ...member }, ...hash });
  }
}
