import { join } from 'node:path';
import type * as BodyParser from '@koa/bodyparser';
import Koa from 'koa';
import mount from 'koa-mount';
import { claimsFor } from './claims/index.ts';
import { createArming } from './faults/arming.ts';
import { askedByPost } from './http/asked-by-post.ts';
import { assets } from './http/assets.ts';
import { createFeed } from './http/console/feed.ts';
import { logSlips } from './http/console/log-slips.ts';
import { createConsole } from './http/console/router.ts';
import type { ControlPorts } from './http/control/ports.ts';
import { controlRouter } from './http/control/router.ts';
import { answerRenderer, errorRenderer, lastResort } from './http/error-pages.ts';
import { readForm } from './http/form.ts';
import { pageHeaders } from './http/headers.ts';
import { createHelper } from './http/helper.ts';
import { journeyRouter } from './http/journey.ts';
import { logoutRenderer } from './http/logout.ts';
import { tellMethods } from './http/methods.ts';
import type { Counts } from './http/metrics.ts';
import { createMetrics, logRequests, operationsRouter } from './http/operations.ts';
import { speakAsIssuer } from './http/own-address.ts';
import { createRenderer } from './http/render.ts';
import { resourceRouter } from './http/resources.ts';
import { smsWriter } from './http/sms-text.ts';
import { soundHost } from './http/sound-host.ts';
import { trapRouter } from './http/trap.ts';
import { createJournal } from './journal/journal.ts';
import { sharedClock, systemClock } from './kernel/clock.ts';
import { createCookieSigner } from './kernel/cookie-signer.ts';
import { isEmtaError } from './kernel/errors.ts';
import { folderAbove } from './kernel/folder-above.ts';
import { silentLog } from './kernel/log.ts';
import type { Store } from './kernel/ports.ts';
import { systemRandom } from './kernel/random.ts';
import { whenNeeded } from './kernel/when-needed.ts';
import { accessOf } from './oidc/access.ts';
import { takeAnyClient } from './oidc/any-client.ts';
import { honourArmedMetadata } from './oidc/armed-metadata.ts';
import { checkClient, checkedClients } from './oidc/checked-clients.ts';
import { createClientRegistry } from './oidc/clients.ts';
import { createInteractions, journeyStarter } from './oidc/interactions.ts';
import { createJourneys } from './oidc/journeys.ts';
import { createKeys } from './oidc/keys.ts';
import { createLogins, provenMobile } from './oidc/logins.ts';
import { createOpenIdProvider } from './oidc/openid-provider.ts';
import { createTampering } from './oidc/tampering.ts';
import { createUsedOnce } from './oidc/used-once.ts';
import { watchTheWire } from './oidc/wire.ts';
import type { EmtaOptions } from './options.ts';
import { storeOverlay } from './registry/overlay.ts';
import { createPopulation } from './registry/population.ts';
import { createRegistry } from './registry/registry.ts';
import { createOutbox } from './sms/outbox.ts';
import { defaultRules } from './steps/rules.ts';
import { type FaultPorts, withFaults, withheldScopes } from './steps/with-faults.ts';
import { createMemoryStore } from './store/memory.ts';
import { version } from './version.ts';

const parsers = whenNeeded<typeof BodyParser>('@koa/bodyparser');

export interface Emta {
  readonly issuer: string;
  /** Answers requests; the caller listens. */
  readonly handler: ReturnType<Koa['callback']>;
  /** What this process has counted so far, for metrics. */
  readonly counts: () => Counts;
  /** What the control interface works on, for programs in this process. */
  readonly control: ControlPorts;
  /** Ends what browsers hold open by themselves, so that a server can stop. */
  endStreams(): void;
  close(): Promise<void>;
}

/** Builds an Emta and gives it back; nothing listens, nothing is read from the environment. */
export async function createEmta(options: EmtaOptions): Promise<Emta> {
  const { issuer, relax = [] } = options;
  const address = new URL(issuer);
  const basePath = address.pathname.replace(/\/$/, '');
  const rules = { ...defaultRules, ...options.rules };
  const random = options.random ?? systemRandom;
  const ownClock = options.clock ?? systemClock;
  const store = options.store ?? createMemoryStore({ clock: ownClock });
  const clock = sharedClock(ownClock, store);
  const log = options.log ?? silentLog;
  const keys = createKeys(store);
  // Making the key takes longest, and goes on beside all that is built meanwhile.
  const opening = Promise.all([sharedSecret(), keys.named('active')]);
  const hasHelperStrip = options.helperStrip ?? true;

  const overlay = storeOverlay(store);
  const registry = createRegistry({
    population: createPopulation({
      seed: options.seed ?? 'emta',
      ...(options.population !== undefined && { size: options.population }),
      ...(options.safeNumbers !== undefined && { safeNumbers: options.safeNumbers }),
    }),
    people: options.citizens ?? [],
    lines: options.lines ?? [],
    ...(options.configured && { configured: options.configured }),
    ...(options.registryFile && { overlay: options.registryFile }),
    shared: overlay,
  });
  const registered = createClientRegistry(store, options.clients ?? [], options.registryFile);
  const clients = options.anyClient ? takeAnyClient(registered) : registered;
  const metrics = createMetrics();
  const feed = createFeed({ store, clock });
  const render = createRenderer({ viewsDir: join(folderAbove('views'), 'views'), assetsPath: `${basePath}/assets` });
  const written = feed.journal(metrics.journal(createJournal({ store, clock, random })));
  const journal = logSlips(written, { log, render, clients, clock });
  const outbox = feed.outbox(metrics.outbox(createOutbox({ store, clock, random })));
  const arming = createArming({ store, clock, random });
  const journeys = feed.journeys(createJourneys(store, rules.journeyTtl));
  const logins = createLogins({ store, secret: options.seed ?? 'emta' });
  const [secret, key] = await opening;
  const cookieSigner = createCookieSigner(secret);
  const tampering = createTampering({
    issuer,
    arming,
    clients,
    registry,
    keys,
    activeKey: async () => key,
    logins,
    store,
    random,
  });

  const usedOnce = createUsedOnce({ store, random });
  const provider = createOpenIdProvider({
    issuer,
    store,
    clients,
    logins,
    usedOnce,
    key,
    cookieSigner,
    relaxed: relax,
    claimsInIdToken: options.claimsInIdToken ?? false,
    dynamicRegistration: options.dynamicRegistration ?? false,
    rememberLogin: options.rememberLogin ?? false,
    rememberConsent: options.rememberConsent ?? false,
    startJourney: journeyStarter({ journeys, clients, logins, clock, random, basePath }),
    async claimsOf(login, scopes) {
      const citizen = await registry.citizen(login.nationalCode);
      return citizen ? claimsFor(citizen, provenMobile(login), scopes) : {};
    },
    renderLogout: logoutRenderer({ render }),
    renderError: errorRenderer({
      render,
      tellsDevelopers: hasHelperStrip,
      endedJourney: async (uid) => ((await journeys.get(uid))?.outcome ? `${basePath}/journey/${uid}` : undefined),
    }),
  });
  const checked = checkedClients(clients, provider);
  for (const client of options.clients ?? []) await checkClient(client, provider);
  provider.on('authorization.error', (ctx, error) =>
    log.info({ error: error.message, path: ctx.path }, 'authorization error'),
  );
  provider.on('server_error', (ctx, error) => {
    if (isEmtaError(error)) tellWhenToRetry(ctx, error.status);
    log.error({ err: error, path: ctx.path }, 'oidc-provider failed');
  });
  honourArmedMetadata(provider, { issuer, arming });
  watchTheWire(provider, {
    issuer,
    store,
    clients,
    journeys,
    logins,
    journal,
    tampering,
    usedOnce,
    key,
    rules,
    relaxed: relax,
    renderAnswer: answerRenderer({ render, clients }),
  });

  const smsText = smsWriter({ render, host: address.hostname, minutes: Math.ceil(rules.codeTtl / 60) });
  const faultPorts: FaultPorts = { arming, store, journal, reword: smsText };
  const stepPorts = {
    registry,
    outbox,
    store,
    clock,
    random,
    rules,
    smsText: (code: string) => smsText('origin_bound', code),
  };
  const control: ControlPorts = {
    issuer,
    version,
    startedAt: new Date(clock.now()).toISOString(),
    seed: options.seed ?? 'emta',
    relaxed: relax,
    rules,
    registry,
    overlay,
    clients: checked,
    journeys,
    logins,
    outbox,
    arming,
    journal,
    clock,
    random,
    store,
    personas: options.personas ?? [],
    magicBlocks: options.magicBlocks ?? [],
  };
  await journal.note({ kind: 'start', data: { version, issuer, relaxed: [...relax], carrier: rules.carrier } });

  const guard = {
    hosts: [address.hostname],
    ...(options.controlToken !== undefined && { token: options.controlToken }),
  };
  const developersConsole = createConsole({
    control,
    feed,
    render,
    guard,
    secret,
    random,
    publishedKeys: async () => [{ kid: key.kid, alg: key.alg, use: 'sig' }],
  });

  const operations = {
    metrics,
    healthy: healthOf(store),
    ...(options.otherCounts && { otherCounts: options.otherCounts }),
  };
  const pages = new Koa();
  pages.use(metrics.countRequests);
  pages.use(logRequests({ log, random, now: () => clock.now() }));
  pages.use(lastResort({ render, log, random }));
  pages.use(soundHost());
  pages.use(tellMethods);
  pages.use(below(/^\/(healthz|metrics)$/, operationsRouter(operations).routes()));
  pages.use(below(/^\/assets\//, assets(join(folderAbove('views'), 'views', 'assets'))));
  pages.use(async (_ctx, next) => {
    await clock.catchUp();
    await next();
  });
  const journeyPages = journeyRouter({
    steps: stepPorts,
    stepsFor: (journey) => withFaults(stepPorts, faultPorts, journey),
    journeys,
    interactions: createInteractions({
      provider,
      logins,
      clock,
      store,
      cookieSigner,
      rememberLogin: options.rememberLogin ?? false,
      rememberConsent: options.rememberConsent ?? false,
      withheld: (journey) => withheldScopes(journey, faultPorts),
    }),
    clients,
    journal,
    render,
    basePath,
    ...(hasHelperStrip && {
      helper: createHelper({ personas: options.personas ?? [], arming, outbox, basePath }),
    }),
  });
  pages.use(below(/^\/journey(\/|$)/, readForm, pageHeaders, journeyPages.routes()));
  pages.use(
    below(
      /^\/_emta(\/|$)/,
      trapRouter({ journal, journeys, keys, clock: systemClock }).routes(),
      parseBody(),
      pageHeaders,
      developersConsole.router.routes(),
      controlRouter(control, guard).routes(),
    ),
  );
  const resources = resourceRouter({
    issuer,
    registry,
    accessOf: (token) => accessOf(token, provider, logins),
    logins,
    tampering,
    journal,
  });
  pages.use(below(/^\/service\/v1\/user\//, resources.routes()));
  pages.use(below(/^\/oauth\//, askedByPost(basePath, parseBody()).routes()));
  pages.use(mount(provider));

  // The outermost application is the one whose keys cookies are signed with.
  const app = basePath ? new Koa() : pages;
  if (app !== pages) app.use(mount(basePath, pages));
  app.keys = cookieSigner;
  speakAsIssuer(app, issuer);
  app.silent = true;

  return {
    issuer,
    handler: app.callback(),
    control,
    counts: metrics.set.counts,
    endStreams: () => developersConsole.close(),
    async close() {
      developersConsole.close();
      await store.close();
    },
  };

  /** The same for every process of one store: what signs cookies. */
  async function sharedSecret(): Promise<string> {
    const made = random.id() + random.id();
    if (await store.add('secret', made, Number.POSITIVE_INFINITY)) return made;
    return String(await store.get('secret'));
  }
}

function parseBody(): Koa.Middleware {
  let parser: Koa.Middleware | undefined;
  return (ctx, next) => {
    if (ctx.method === 'GET' || ctx.method === 'HEAD') return next();
    parser ??= parsers().bodyParser({ enableTypes: ['form', 'json'], formLimit: '1mb', jsonLimit: '1mb' });
    return parser(ctx, next);
  };
}

function tellWhenToRetry(ctx: Pick<Koa.Context, 'set' | 'status'>, status: number): void {
  ctx.status = status;
  if (status === 503) ctx.set('Retry-After', '1');
}

/** A store that cannot lose its connection is always healthy. */
function healthOf(store: Store & { readonly healthy?: () => Promise<boolean> }): () => Promise<boolean> {
  return async () => (store.healthy ? store.healthy() : true);
}

/** What requests below a path pass through; all others go by without a look at it. */
function below<Ctx extends { readonly path: string }>(
  path: RegExp,
  ...chain: readonly ((ctx: Ctx, next: Koa.Next) => unknown)[]
): (ctx: Ctx, next: Koa.Next) => unknown {
  return (ctx, next) => {
    const from = (index: number): unknown => {
      const middleware = chain[index];
      return middleware ? middleware(ctx, async () => from(index + 1)) : next();
    };
    return path.test(ctx.path) ? from(0) : next();
  };
}
