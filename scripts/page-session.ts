import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../conformance/driver/launch.ts';

/** What a reader of a page has before them: a folder like a clone, with the package installed, and a shell. */
export interface PageSession {
  readonly folder: string;
  /** The issuer that stands for http://localhost:4299. */
  readonly issuer: string;
  /** Puts this session's ports in the place of the documented ones. */
  readonly moved: (text: string) => string;
  readonly write: (file: string, text: string) => void;
  /** Runs a command line as it is documented; throws with its output when it ends otherwise than it should. */
  readonly run: (command: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Proven by `scripts/try-package.ts`, or by the very run that this is part of. */
const provenElsewhere = /^(npm test|npm ci|npm install|npm run pack)\b/;
const staysUp = /^(npm start|npx emta serve(?!.*--print-config)|(\w+=\S+ )*node shop\.mjs|nginx )/;
const isReady = /ready|Stop with Ctrl-C|start worker process/;
/** Enough to see that a documented command does what it says; certifying all of it is a line of `npm test`. */
const fewRows = 'C01,D01';
const patience = 120_000;
/** What npx finds. In a clone it first makes a package of the folder, each time, which is longer than most commands take. */
const found = (command: string): string =>
  command.replaceAll(/\bnpx (--no -- )?emta\b/g, join('node_modules', '.bin', 'emta'));

export async function openPageSession(root: string): Promise<PageSession> {
  const folder = mkdtempSync(join(tmpdir(), 'emta-page-'));
  const link = (from: string, to: string) => symlinkSync(join(root, from), join(folder, to));
  const own = ['.git', '.emta', 'node_modules', 'coverage'];
  for (const name of readdirSync(root).filter((one) => !own.includes(one))) link(name, name);
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')).filter((one) => !one.startsWith('.')))
    link(join('node_modules', name), join('node_modules', name));
  link('.', join('node_modules', 'emta-mock'));
  link(join('scripts', 'emta.mjs'), join('node_modules', '.bin', 'emta'));
  mkdirSync(join(folder, 'home'));

  const ports = new Map<string, number>();
  for (const documented of ['4299', '4300', '8080', '8443', '8444']) ports.set(documented, await freePort());
  const moved = (text: string) => text.replace(/\b(4299|4300|8080|844[34])\b/g, (port) => String(ports.get(port)));
  const issuer = moved('http://localhost:4299');
  const { NODE_ENV: _mode, JEST_WORKER_ID: _worker, ...inherited } = process.env;
  const env = {
    ...inherited,
    EMTA_URL: issuer,
    EMTA_PORT: moved('4299'),
    HOME: join(folder, 'home'),
    NO_COLOR: '1',
    npm_config_update_notifier: 'false',
  };
  const up = new Map<string, ChildProcess>();

  const write = (file: string, text: string) => writeFileSync(join(folder, file), moved(text));
  // What the reader has written for a site of their own.
  const theirs = JSON.parse(readFileSync(join(root, 'conformance', 'sale-site', 'emta-rp.json'), 'utf8'));
  const { $schema: _schema, ...file } = theirs;
  write('emta-rp.json', JSON.stringify({ ...file, launch: { ...file.launch, cwd: '.' } }));

  async function stop(name: string): Promise<void> {
    const child = up.get(name);
    up.delete(name);
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGTERM');
    await ended;
  }

  async function startUp(command: string): Promise<string> {
    const name = /^(npm|npx)/.test(command) ? 'emta' : command;
    await stop(name);
    const child = spawn('bash', ['-c', found(command)], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    up.set(name, child);
    let said = '';
    return new Promise((settle, fail) => {
      const take = (chunk: Buffer) => {
        said += chunk.toString();
        if (isReady.test(said)) settle(said);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) =>
        fail(new Error(`expected "${command}" to stay up, it ended with ${code}:\n${said}`)),
      );
    });
  }

  async function run(documented: string): Promise<string> {
    if (provenElsewhere.test(documented)) return '';
    const command = moved(documented).replace(/^npm start$/, moved('npm start -- --emta-port 4299 --site-port 4300'));
    if (staysUp.test(command)) return startUp(command);
    const isCertifying = /^(\S+=\S+ )?npx (--no -- )?emta certify (?!.*--(list|explain))/.test(command);
    const line = isCertifying && !command.includes('--only') ? `${command} --only ${fewRows}` : command;
    // A run of chosen rows certifies nothing, which is exit code 3.
    const wanted = isCertifying ? 3 : 0;
    const cwd = command.startsWith('npm run') ? root : folder;
    return new Promise((settle, fail) => {
      execFile(
        'bash',
        ['-c', found(line)],
        { cwd, env, timeout: patience, maxBuffer: 2 ** 26 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : error.code;
          if (code === wanted) settle(stdout + stderr);
          else fail(new Error(`expected "${line}" to end with ${wanted}, got ${String(code)}:\n${stdout}${stderr}`));
        },
      );
    });
  }

  return {
    folder,
    issuer,
    moved,
    write,
    run,
    async close() {
      for (const name of [...up.keys()]) await stop(name);
      rmSync(folder, { recursive: true });
    },
  };
}
