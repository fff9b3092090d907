import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameOf } from '../conformance/defects/index.ts';
import { asked, countOf, refuse } from './asked.ts';
import { documentOf, entries, entryOf, type Line, lineOf, linesIn, renewed } from './matrix/table.ts';
import { type Trial, tryDefect } from './matrix/try-defect.ts';

// `npm run matrix`: every defect of the sale site against every row. Fails when a defect survives, and when it turns
// rows red outside its lists; the result is kept in scripts/docs/matrix.md, defect by defect, so that a run can be
// broken off and gone on with.

const file = join('scripts', 'docs', 'matrix.md');
const help = `Runs every defect of the sale site against every row, and keeps the result in ${file}.

  npm run matrix -- [options] [DEFECTS]

  --jobs N       so many at a time (default: one for each core)
  --missing      only defects that have no result yet
  --rows IDS     some rows anew, in the results that are kept
  --seed SEED    of the order and the citizens (default: matrix)
  --skip-waits   without the waits of more than a minute
`;

const { values, positionals } = asked(help, {
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string', default: 'matrix' },
    rows: { type: 'string', default: '' },
    missing: { type: 'boolean', default: false },
    'skip-waits': { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
  },
});
const rows = values.rows.split(',').filter((id) => id !== '');
const options = { seed: values.seed, skipWaits: values['skip-waits'], ...(rows.length === 0 ? {} : { rows }) };

if (values.child) process.stdout.write(JSON.stringify(await tryDefect(positionals[0] ?? '', options)));
else await runAll();

async function runAll(): Promise<void> {
  const unknown = positionals.filter((name) => entryOf(name) === undefined);
  if (unknown.length > 0) refuse(`expected names of defects, got ${unknown.join(', ')}`);
  const lines = new Map((existsSync(file) ? linesIn(readFileSync(file, 'utf8')) : []).map((line) => [line.name, line]));
  const wanted = positionals.length > 0 ? positionals : entries.map(nameOf);
  const queue = wanted.filter((name) => !values.missing || !lines.has(name));
  const bare = queue.filter((name) => !lines.has(name));
  if (rows.length > 0 && bare.length > 0)
    refuse(`expected a kept line of every defect for --rows, got none of ${bare.join(', ')}`);
  const broken: string[] = [];
  let done = 0;
  const total = queue.length;
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const { trial, said } = await inProcess(name);
      done += 1;
      if (trial === undefined || trial.defects.length > 0) {
        broken.push(name);
        process.stdout.write(`${done}/${total} ${name}: no result\n${trial?.defects.join('\n') ?? said}\n`);
        continue;
      }
      const kept = lines.get(name);
      const line = rows.length > 0 && kept !== undefined ? renewed(kept, trial, rows) : lineOf(trial);
      lines.set(name, line);
      keep([...lines.values()]);
      process.stdout.write(`${done}/${total} ${told(line, trial)}\n`);
    }
  };
  await Promise.all(Array.from({ length: countOf('--jobs', values.jobs) }, worker));
  keep([...lines.values()]);
  const bad = [...lines.values()].filter(({ survived, unexpected }) => survived.length + unexpected.length > 0);
  const missing = entries.map(nameOf).filter((name) => !lines.has(name));
  process.stdout.write(
    `${lines.size} kept, ${bad.length} of them wrong, ${missing.length} missing, ${broken.length} without a result\n`,
  );
  if (bad.length + missing.length + broken.length > 0) process.exitCode = 1;
}

function keep(lines: readonly Line[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, documentOf(lines));
}

/** A process to each trial, so that one cannot harm the next. */
async function inProcess(name: string): Promise<{ readonly trial: Trial | undefined; readonly said: string }> {
  const rest = ['--child', '--seed', options.seed, '--rows', values.rows];
  if (options.skipWaits) rest.push('--skip-waits');
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name, ...rest], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const [code] = await once(child, 'close');
  return { trial: code === 0 ? (JSON.parse(out) as Trial) : undefined, said };
}

function told({ name, killed, neighbours, unexpected, survived, inDoubt }: Line, { because }: Trial): string {
  const counts = `${killed.length} killed, ${neighbours.length} neighbours, ${inDoubt} in doubt`;
  const more = (what: string, ids: readonly string[]) =>
    ids.map((id) => `\n    ${what} ${id}: ${because[id] ?? 'green'}`).join('');
  return `${name}: ${counts}${more('survived', survived)}${more('unexpected', unexpected)}`;
}
