import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { ConformanceError } from '../errors.ts';
import { fillPlaceholders, type RelyingParty, withPort } from '../rp-file.ts';
import { endsWithUs, signalGroup } from './groups.ts';
import { emptyJar } from './jar.ts';
import type { UserAgent } from './user-agent.ts';

/** What `${issuer}` and the others stand for. */
export interface LaunchValues {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly ca_file: string;
}

/** A relying party that the harness started. */
export interface Launched {
  /** With every `${port}` filled in. */
  readonly rp: RelyingParty;
  isRunning(): boolean;
  stop(): Promise<void>;
}

/** A port of loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

const KEPT_OUTPUT = 4000;
/** Milliseconds between two looks at whether it is ready, or gone. */
const LOOK_AGAIN = 25;

/** The certificate authority that this process trusts beside the usual ones, for the relying party to trust too. */
export const caFile = (): string => process.env.NODE_EXTRA_CA_CERTS ?? '';

/** The environment of this process, for whoever starts another. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;

/** Starts the relying party by its own command and waits until `ready_url` answers. */
export async function launch(
  declared: RelyingParty,
  values: LaunchValues,
  tools: {
    readonly agent: UserAgent;
    readonly wait: (milliseconds: number) => Promise<void>;
    readonly env?: Readonly<Record<string, string>>;
    readonly port?: number;
  },
): Promise<Launched> {
  const rp = declared.usesPort ? withPort(declared, tools.port ?? (await freePort())) : declared;
  const plan = rp.launch;
  if (plan === undefined) throw new ConformanceError('harness_defect', 'the relying party has no "launch"');
  const placeholders = { ...values };
  const [command = '', ...args] = fillPlaceholders(plan.command, placeholders);
  const env = {
    ...process.env,
    ...fillPlaceholders(plan.env, placeholders),
    ...fillPlaceholders(tools.env ?? {}, placeholders),
  };
  let said = '';
  let ended: string | undefined;
  const child: ChildProcess = spawn(command, args, {
    cwd: plan.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_OUTPUT);
    });
  }
  child.on('error', (error) => {
    ended = error.message;
  });
  const forget = child.pid === undefined ? () => undefined : endsWithUs(child.pid);
  child.on('exit', (code, signal) => {
    ended ??= `it ended with ${signal ?? code}`;
    forget();
  });
  const stop = async () => {
    if (ended !== undefined || child.pid === undefined) return;
    // its own process group: a shell or a package runner may stand between us and the site
    signalGroup(child.pid, 'SIGTERM');
    for (let waited = 0; ended === undefined && waited < 3000; waited += LOOK_AGAIN) await tools.wait(LOOK_AGAIN);
    if (ended === undefined) signalGroup(child.pid, 'SIGKILL');
  };
  const lines = () => (said.trim() === '' ? [] : ['it said last:', ...said.trim().split('\n').slice(-30)]);
  let last = 'nothing yet';
  for (let waited = 0; waited < plan.timeoutSeconds * 1000; waited += LOOK_AGAIN) {
    if (ended !== undefined)
      throw new ConformanceError('rp_unreachable', `expected "${command}" to keep running, got: ${ended}`, {
        lines: lines(),
      });
    const trace = await tools.agent.visit(emptyJar(), { method: 'GET', url: plan.readyUrl }, { milliseconds: 2000 });
    if (trace.ending.kind === 'page' && (trace.page?.status ?? 500) < 500)
      return { rp, isRunning: () => ended === undefined, stop };
    last = trace.ending.kind === 'broken' ? trace.ending.code : `${trace.ending.kind} ${trace.page?.status ?? ''}`;
    await tools.wait(LOOK_AGAIN);
  }
  await stop();
  throw new ConformanceError(
    'rp_unreachable',
    `expected ${plan.readyUrl} to answer within ${plan.timeoutSeconds} s of the launch, got ${last}`,
    { lines: lines() },
  );
}
