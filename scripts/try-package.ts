import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// Packs the package by `npm run pack`, installs the tarball into an empty project without install scripts, and uses it
// there as a stranger would: the commands, `import`, `require`, the types. The installation needs a package registry:
// where none answers this is left out with a word, except in CI. `-- --node 20.19.0 --node 24` tries those versions of
// Node too.

const root = process.cwd();
const isCi = !['', 'false', undefined].includes(process.env.CI);
const nodes = process.argv.flatMap((word, index, all) => (all[index - 1] === '--node' ? [word] : []));
const project = mkdtempSync(join(tmpdir(), 'emta-mock-stranger-'));
const failures: string[] = [];
let running: ChildProcess | undefined;

const write = (name: string, text: string) => writeFileSync(join(project, name), text);
const npm = (...args: readonly string[]) =>
  spawnSync('npm', [...args], { cwd: project, encoding: 'utf8', shell: process.platform === 'win32' });

async function step(name: string, act: () => void | Promise<void>): Promise<void> {
  try {
    await act();
    process.stdout.write(`ok      ${name}\n`);
  } catch (error) {
    failures.push(name);
    process.stdout.write(`FAILED  ${name}\n${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function use(node: string, ...args: readonly string[]): string {
  return execFileSync(node, [...args], {
    cwd: project,
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function mustContain(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`expected the output to contain "${part}", got\n${text}`);
}

/** Nothing of the workplace, of tests or of tools may be in the tarball. */
function checkContents(tarball: string): void {
  const names = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
  const strange = names.filter((name) => /\.test\.|\/test\/|\.tsbuildinfo|node_modules|\.built$/.test(name));
  if (strange.length > 0) throw new Error(`expected no tests in the tarball, got ${strange.slice(0, 5).join(', ')}`);
  for (const wanted of [
    'scripts/emta.mjs',
    'dist/conformance/cli.js',
    'dist/conformance/emta-mock.d.ts',
    'README.md',
    'LICENSE',
  ]) {
    if (!names.includes(`package/${wanted}`)) throw new Error(`expected ${wanted} in the tarball`);
  }
}

const journey = `
const query = new URLSearchParams({ response_type: 'code', client_id: 'shop', redirect_uri: 'http://127.0.0.1:8080/cb',
  scope: 'openid user:identity:general', state: 'the-state' });
const url = emta.issuer + '/oauth/authorize?' + query;
const back = new URL(await emta.walk(url, { as: emta.persona('married-woman') }));
const refused = new URL(await emta.walk(url, { as: emta.persona('refuser'), consent: 'refuse' }));
console.log(back.searchParams.has('code') ? 'code' : back.href, refused.searchParams.get('error'));
await emta.close();
`;
const start = `await startEmta({ port: 0, clients: [{ client_id: 'shop', client_secret: 'made-up', redirect_uris: ['http://127.0.0.1:8080/cb'] }] })`;

async function serveAndAsk(node: string, cli: string): Promise<void> {
  running = spawn(node, [cli, 'serve', '--port', '0', '--json'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout } = running;
  if (!stdout) throw new Error('expected a child process with an output');
  const [line] = (await once(createInterface(stdout), 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  const { issuer } = JSON.parse(line) as { readonly issuer: string };
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  mustContain(await answer.text(), `"issuer":"${issuer}"`);
  running.kill('SIGTERM');
  const [code] = await once(running, 'exit');
  if (code !== 0) throw new Error(`expected serve to end with 0, got ${String(code)}`);
}

async function tryWith(node: string): Promise<void> {
  const version = use(node, '--version').trim();
  const cli = join(project, 'node_modules', 'emta-mock', 'scripts', 'emta.mjs');
  await step(`${version}: emta --version`, () => mustContain(use(node, cli, '--version'), packageVersion));
  await step(`${version}: emta certify --list`, () => mustContain(use(node, cli, 'certify', '--list'), 'C01'));
  await step(`${version}: emta serve`, () => serveAndAsk(node, cli));
  await step(`${version}: import`, () => mustContain(use(node, 'imported.mjs'), 'code access_denied'));
  await step(`${version}: require`, () => mustContain(use(node, 'required.cjs'), 'code access_denied'));
}

const packageVersion = String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
const packed = execFileSync('npm', ['run', '--silent', 'pack', '--', join(project, 'vendor')], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
const tarball = packed.trim().split('\n').at(-1) ?? '';
write('package.json', '{ "name": "stranger", "private": true }\n');
npm('pkg', 'set', 'type=module');
const installed = npm('install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', tarball);
try {
  if (installed.status !== 0 && !isCi && /E(NOTFOUND|AI_AGAIN|CONNREFUSED|TIMEDOUT)|network/i.test(installed.stderr)) {
    process.stdout.write('skipped: no package registry answers; go online and run `npm run try-package`\n');
  } else {
    await step('installs into an empty project without install scripts', () => {
      if (installed.status !== 0) throw new Error(installed.stderr);
    });
    await step('the tarball holds what it should', () => checkContents(tarball));
    await step('npx emta', () => {
      const { stdout, stderr } = npm('exec', '--', 'emta', '--version');
      mustContain(`${stdout}${stderr}`, packageVersion);
    });
    write('imported.mjs', `import { startEmta } from 'emta-mock';\nconst emta = ${start};\n${journey}`);
    write(
      'required.cjs',
      `const { startEmta } = require('emta-mock');\n(async () => {\nconst emta = ${start};\n${journey}})();\n`,
    );
    await step('types of import and require', checkTypes);
    await tryWith(process.execPath);
    for (const version of nodes) await tryWith(installNode(version));
  }
} finally {
  running?.kill();
  rmSync(project, { recursive: true, force: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;

function checkTypes(): void {
  write(
    'typed.mts',
    `import { startEmta, type Emta } from 'emta-mock';\nimport { certifyRelyingParty } from 'emta-mock/jest';\nexport const emta: Promise<Emta> = startEmta({ port: 0 });\nexport const certify: (file: string) => void = certifyRelyingParty;\n// @ts-expect-error no persona has this id\nexport const nobody = (await emta).persona('no-such-persona');\n`,
  );
  write(
    'typed.cts',
    `import emtaMock = require('emta-mock');\nconst emta: Promise<emtaMock.Emta> = emtaMock.startEmta({ port: 0 });\nexport = emta;\n`,
  );
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: [],
      },
      include: ['*.mts', '*.cts'],
    }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stdout);
}

/** A version of Node from the registry, as the package that holds the program for this machine. */
function installNode(version: string): string {
  const folder = join(project, `node-${version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const name = `node-${process.platform}-${process.arch}`;
  const done = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`],
    { cwd: folder, encoding: 'utf8' },
  );
  if (done.status !== 0) throw new Error(done.stderr);
  return join(folder, 'node_modules', name, 'bin', 'node');
}
