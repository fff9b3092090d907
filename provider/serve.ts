import { join, resolve } from 'node:path';
import type { ArmingOrder } from './faults/arming.ts';
import type { Counts } from './http/metrics.ts';
import { systemClock } from './kernel/clock.ts';
import { EmtaError } from './kernel/errors.ts';
import type { Store } from './kernel/ports.ts';
import { type Client, parseClient } from './oidc/clients.ts';
import { parseRelaxations } from './oidc/strictness.ts';
import type { EmtaOptions } from './options.ts';
import type { Line } from './registry/citizen.ts';
import { type JsonRead, readCitizen, readLine } from './registry/citizen-json.ts';
import { parseMobile } from './registry/mobile.ts';
import { type Configured, nobodyConfigured } from './registry/overlay.ts';
import { openRegistryFile } from './registry/registry-file.ts';
import { type RunningEmta, startEmta } from './server.ts';
import type { Settings } from './settings.ts';
import { formatOf, stderrLog } from './stderr-log.ts';
import type { Carrier } from './steps/rules.ts';
import { createMemoryStore } from './store/memory.ts';
import { openCertificateAuthority } from './tls/certificate-authority.ts';
import { countsOfOthers, leaveCluster, speaksForAll } from './workers.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Starts Emta as the settings say. `given` are the people of the fixtures. Throws `bad_option` for what cannot be. */
export async function serve(
  settings: Settings,
  given: Pick<EmtaOptions, 'citizens' | 'lines' | 'personas' | 'magicBlocks'> & {
    readonly clients?: readonly Client[];
  } = {},
): Promise<RunningEmta & { readonly caFile?: string; readonly configured: Configured }> {
  refuseContradictions(settings);
  const folder = resolve(settings.text('dataFolder') ?? '.emta');
  const store = await openStore(settings);
  const registryFile = settings.text('registryFile');
  const file =
    registryFile && registryFile !== 'off' ? await openRegistryFile(resolve(folder, registryFile)) : undefined;
  const authority = settings.isOn('https')
    ? await openCertificateAuthority({ folder: join(folder, 'tls'), clock: systemClock })
    : undefined;
  const data = dataOf(settings);
  const configured = nobodyConfigured();
  configured.replace(data);
  const issuer = settings.text('issuer');
  const controlToken = settings.text('controlToken');
  const log = stderrLog(
    settings.text('logLevel') ?? 'warn',
    formatOf(settings.text('logFormat'), process.stderr.isTTY === true),
  );

  let counted: () => Counts = () => [];
  const otherCounts = countsOfOthers(() => counted());
  const running = await startEmta({
    ...(otherCounts && { otherCounts }),
    port: settings.number('port'),
    host: settings.text('host') ?? '127.0.0.1',
    ...(issuer && { issuer }),
    ...(authority && { authority }),
    ...(controlToken && { controlToken }),
    ...(file && { registryFile: file }),
    ...given,
    configured,
    clients: [...(given.clients ?? []), ...data.clients],
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
      repeatedDigits: settings.isOn('repeatedDigits'),
      zeroMiddle: settings.isOn('zeroMiddle'),
      unknownPrefixes: settings.isOn('unknownPrefixes'),
    },
  });
  try {
    if (speaksForAll()) for (const order of data.faults) await running.control.arming.arm(order);
  } catch (error) {
    await running.close();
    throw error;
  }
  counted = running.counts;
  return {
    ...running,
    configured,
    ...(authority && { caFile: authority.caFile }),
    async close() {
      await running.close();
      leaveCluster();
    },
  };
}

/** What stands as data in the configuration file, checked. Throws with every problem of the first list that has one. */
export function dataOf(settings: Settings) {
  const clients = settings.data('clients').map((client, index) => parseClient(client, `clients[${index}]`));
  const people = settings.data('citizens').map((person, index) => read(readCitizen(person), `citizens[${index}]`));
  const citizens = people.map(({ citizen }) => citizen);
  const ownLines = people.flatMap(({ citizen, mobile }): Line[] =>
    mobile === undefined ? [] : [{ mobile, owner: citizen.nationalCode, state: 'active' }],
  );
  const given = settings.data('lines').map((line, index) => read(readLine(line), `lines[${index}]`));
  const lines = [...ownLines, ...given];
  const faults = settings.data('faults').map((order, index) => readFault(order, `faults[${index}]`));
  return { clients, citizens, lines, faults };
}

function read<Value>(result: JsonRead<Value>, where: string): Value {
  if (result.ok) return result.value;
  const problems = result.problems.map(({ path, message }) => `${[where, ...path].join('.')}: ${message}`);
  throw new EmtaError('bad_option', problems.join('\n'));
}

/** `{fault, mobile | client_id | issuer: true, uses?, parameters?}`, as in the control interface. */
function readFault(order: unknown, where: string): ArmingOrder {
  const given = (typeof order === 'object' && order !== null ? order : {}) as Readonly<Record<string, unknown>>;
  const known = ['fault', 'mobile', 'client_id', 'issuer', 'uses', 'parameters'];
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new EmtaError('bad_option', `${where}: unknown member "${unknown}", known are: ${known.join(', ')}`);
  const { fault, mobile, client_id: clientId, issuer, uses, parameters } = given;
  if (typeof fault !== 'string')
    throw new EmtaError(
      'bad_option',
      `${where}: expected "fault" to be the id of a fault, got ${JSON.stringify(fault)}`,
    );
  const number = typeof mobile === 'string' ? parseMobile(mobile) : undefined;
  if (number && !number.ok)
    throw new EmtaError('bad_option', `${where}: expected "mobile" to be an Iranian mobile number, got "${mobile}"`);
  return {
    fault,
    scope: number?.ok
      ? { mobile: number.value }
      : typeof clientId === 'string'
        ? { clientId }
        : ({ issuer: issuer === true } as { issuer: true }),
    ...(typeof uses === 'number' && { uses }),
    ...(typeof parameters === 'object' &&
      parameters !== null && { parameters: parameters as NonNullable<ArmingOrder['parameters']> }),
  };
}

/** Throws `bad_option` where two settings cannot go together. */
export function refuseContradictions(settings: Settings): void {
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
  const registryFile = settings.text('registryFile') ?? 'off';
  if (settings.number('workers') > 1 && registryFile !== 'off') {
    throw new EmtaError(
      'bad_option',
      `expected "registryFile" to be off for ${settings.number('workers')} workers, got "${registryFile}"`,
      { hint: 'one process writes the file; with Redis, what is added is kept there, for all of them' },
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
