import cluster from 'node:cluster';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { systemClock } from './kernel/clock.ts';
import { EmtaError } from './kernel/errors.ts';
import type { Store } from './kernel/ports.ts';
import { type Client, parseClient } from './oidc/clients.ts';
import { parseRelaxations } from './oidc/strictness.ts';
import type { EmtaOptions } from './options.ts';
import { openRegistryFile } from './registry/registry-file.ts';
import { type RunningEmta, startEmta } from './server.ts';
import type { Settings } from './settings.ts';
import type { Carrier } from './steps/rules.ts';
import { createMemoryStore } from './store/memory.ts';
import { openCertificateAuthority } from './tls/certificate-authority.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Starts Emta as the settings say. `given` are the people of the fixtures. Throws `bad_option` for what cannot be. */
export async function serve(
  settings: Settings,
  given: Pick<EmtaOptions, 'citizens' | 'lines' | 'personas'> & { readonly clients?: readonly Client[] } = {},
): Promise<RunningEmta & { readonly caFile?: string }> {
  refuseContradictions(settings);
  const folder = resolve(settings.text('dataFolder') ?? '.emta');
  const store = await openStore(settings);
  const registryFile = settings.text('registryFile');
  const file =
    registryFile && registryFile !== 'off' ? await openRegistryFile(resolve(folder, registryFile)) : undefined;
  const authority = settings.isOn('https')
    ? await openCertificateAuthority({ folder: join(folder, 'tls'), clock: systemClock })
    : undefined;
  const fromFile = settings.data('clients').map((client, index) => parseClient(client, `clients[${index}]`));
  const issuer = settings.text('issuer');
  const controlToken = settings.text('controlToken');
  const log = pino(
    { level: settings.text('logLevel') ?? 'warn', base: { pid: process.pid } },
    pino.destination({ dest: 2, sync: true }),
  );

  const running = await startEmta({
    port: settings.number('port'),
    host: settings.text('host') ?? '127.0.0.1',
    ...(issuer && { issuer }),
    ...(authority && { authority }),
    ...(controlToken && { controlToken }),
    ...(file && { registryFile: file }),
    ...given,
    clients: [...(given.clients ?? []), ...fromFile],
    store,
    log,
    seed: settings.text('seed') ?? 'emta',
    population: settings.number('population'),
    safeNumbers: settings.isOn('safeNumbers'),
    relax: parseRelaxations(settings.list('relax')),
    anyClient: settings.isOn('anyClient'),
    dynamicRegistration: settings.isOn('dynamicRegistration'),
    claimsInIdToken: settings.isOn('claimsInIdToken'),
    rememberLogin: settings.isOn('rememberLogin'),
    rememberConsent: settings.isOn('rememberConsent'),
    helperStrip: settings.isOn('helperStrip'),
    rules: {
      carrier: settings.text('carrier') as Carrier,
      captcha: settings.text('captcha') ?? 'solve',
      captchaTtl: settings.number('captchaTtl'),
      codeLength: settings.number('codeLength'),
      codeTtl: settings.number('codeTtl'),
      resendWait: settings.number('resendWait'),
      codeTries: settings.number('codeTries'),
      codesPerHour: settings.number('codesPerHour'),
      usedUpCodes: settings.number('usedUpCodes'),
      identityTries: settings.number('identityTries'),
      block: settings.number('block'),
      journeyTtl: settings.number('journeyTtl'),
      enrolledShortcut: settings.isOn('enrolledShortcut'),
    },
  });
  return { ...running, ...(authority && { caFile: authority.caFile }) };
}

function refuseContradictions(settings: Settings): void {
  const host = settings.text('host') ?? '127.0.0.1';
  if (!LOOPBACK.has(host) && !settings.text('controlToken')) {
    throw new EmtaError('bad_option', `expected "controlToken" to be set for "host" ${host}, got none`, {
      hint: 'whoever reaches the control interface can read every code; set --control-token, or listen on 127.0.0.1',
    });
  }
  if (settings.number('workers') > 1 && settings.text('store') === 'memory') {
    throw new EmtaError(
      'bad_option',
      `expected "store" to be a Redis address for ${settings.number('workers')} workers, got "memory"`,
    );
  }
}

async function openStore(settings: Settings): Promise<Store> {
  const address = settings.text('store') ?? 'memory';
  if (address === 'memory') return createMemoryStore({ clock: systemClock });
  if (!/^rediss?:\/\//.test(address)) {
    throw new EmtaError('bad_option', `expected "store" to be memory or redis://…, got "${address}"`);
  }
  const { createRedisStore } = await import('./store/redis.ts');
  return createRedisStore(address);
}

/** True in a process that only looks after the workers. */
export function isPrimaryOf(settings: Settings): boolean {
  return cluster.isPrimary && settings.number('workers') > 1;
}

/** Starts the workers and keeps their number; they share the port. */
export function superviseWorkers(settings: Settings): void {
  for (let worker = 0; worker < settings.number('workers'); worker += 1) cluster.fork();
  let isStopping = false;
  cluster.on('exit', (_worker, code) => {
    if (!isStopping && code !== 2) cluster.fork();
    else if (Object.keys(cluster.workers ?? {}).length === 0) process.exitCode = code ?? 0;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isStopping = true;
      for (const worker of Object.values(cluster.workers ?? {})) worker?.kill(signal);
    });
  }
}
