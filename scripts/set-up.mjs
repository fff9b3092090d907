// What `npm start` and `npm test` share: everything a fresh clone lacks. Plain JavaScript, because it runs before
// TypeScript is installed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const lowestNode = [20, 19];
const codeFolders = ['provider', 'fixtures', 'conformance', 'scripts'];
const copiedFolders = ['provider', 'fixtures', 'conformance', 'views'];

/** Installs what is missing or stale; ends the process with 2 where that cannot be done. */
export function ensureInstalled() {
  refuseOldNode();
  if (!staleDependencies()) return;
  const leave = takeTurn();
  if (staleDependencies()) install();
  leave();
}

/** Builds when a source is newer than the build; answers the exit code. */
export function ensureBuilt() {
  if (!staleBuild()) return 0;
  return run(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale']);
}

/** No command installs or builds for longer than this, in milliseconds; after it, whoever held the turn is forgotten. */
const LONGEST_TURN = 15 * 60 * 1000;
const LOOK_AGAIN = 200;

/**
 * Waits until no other command installs or builds in this folder, and answers what gives the turn back. A command that
 * died with it is no hindrance.
 */
export function takeTurn(folder = root) {
  mkdirSync(join(folder, '.emta'), { recursive: true });
  const file = join(folder, '.emta', 'set-up.lock');
  let isTold = false;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    if (holder === undefined) rmSync(file, { force: true });
    else {
      if (!isTold) say(`another command sets up this folder (process ${holder}), waiting for it`);
      isTold = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN);
    }
  }
}

/** The process that holds the turn; undefined where it ended without giving it back. */
function holderOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (Date.now() - stat.mtimeMs > LONGEST_TURN) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  // just made, and not written yet
  if (pid === 0) return 'that just began';
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === 'ESRCH' ? undefined : pid;
  }
}

/** Runs a command of this project with its output shown, and answers its exit code. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

/** The program and first arguments of npm, by preference of the one that started this process. */
export function npmCommand() {
  const path = process.env.npm_execpath;
  return path?.endsWith('.js') ? [process.execPath, path] : ['npm'];
}

function npm(...args) {
  const [command, ...first] = npmCommand();
  return run(command, [...first, ...args], { shell: command === 'npm' && process.platform === 'win32' });
}

/** Stops with one line instead of a stack trace. */
export function stop(message) {
  process.stderr.write(`emta: ${message}\n`);
  process.exit(2);
}

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = lowestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  stop(`expected Node.js ${lowestNode.join('.')} or newer, got ${process.versions.node} (see https://nodejs.org)`);
}

/** True when a package the lock file asks for is not installed in that version. */
function staleDependencies(folder = root) {
  const installed = readJson(join(folder, 'node_modules', '.package-lock.json'));
  const wanted = readJson(join(folder, 'package-lock.json'));
  if (installed === undefined || wanted === undefined) return true;
  return Object.entries(wanted.packages).some(([path, entry]) => {
    if (path === '' || entry.optional) return false;
    return installed.packages[path]?.version !== entry.version || !existsSync(join(folder, path));
  });
}

function install() {
  say('installing the packages of package-lock.json (once, about a minute)');
  if (npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error') !== 0) {
    stop('npm ci failed, see above; it needs a package registry, once');
  }
}

/** True when a source is newer than what was built from it, or has gone. */
export function staleBuild(folder = root) {
  const stamp = join(folder, 'dist', '.built');
  if (!existsSync(stamp)) return true;
  const built = readJson(stamp);
  const sources = sourcesOf(folder);
  if (built?.files?.length !== sources.length) return true;
  const time = statSync(stamp).mtimeMs;
  const builders = ['build', 'bundle', 'templates'].map((name) => `scripts/${name}.mjs`);
  const settings = ['tsconfig.json', 'scripts/tsconfig.build.json', 'package-lock.json', ...builders];
  return [...sources, ...settings].some((file) => statSync(join(folder, file)).mtimeMs > time);
}

/** Everything the build reads, as paths relative to the folder. */
export function sourcesOf(folder = root) {
  const code = codeFolders.flatMap((name) => filesBelow(folder, name)).filter(isCode);
  return [...code, ...assetsOf(folder)];
}

/** What is needed beside the compiled code: pages, messages, data. */
function assetsOf(folder = root) {
  return copiedFolders.flatMap((name) => filesBelow(folder, name)).filter((file) => !isScript(file) && !isTest(file));
}

/** Copies assets to the same places under dist, and deletes what no source stands for any more. */
export function copyAssets(folder = root) {
  const dist = join(folder, 'dist');
  const kept = new Set(['.built']);
  for (const file of assetsOf(folder)) {
    cpSync(join(folder, file), join(dist, file));
    kept.add(file);
  }
  for (const file of sourcesOf(folder).filter(isCode)) {
    const stem = file.slice(0, -'.ts'.length);
    kept.add(`${stem}.js`).add(`${stem}.d.ts`);
  }
  for (const file of filesBelow(dist, '.')) if (!kept.has(file)) rmSync(join(dist, file));
}

function isCode(file) {
  return file.endsWith('.ts') && !isTest(file);
}

function isScript(file) {
  return /\.m?[jt]s$/.test(file) && !file.startsWith('views/');
}

function isTest(file) {
  return /\.test\.ts$|store\/suite\.ts$|\/test\/|\/examples\/|\/__snapshots__\//.test(file);
}

function filesBelow(folder, name) {
  const start = join(folder, name);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function readJson(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function say(message) {
  process.stderr.write(`emta: ${message}\n`);
}
