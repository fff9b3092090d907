import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const script = join(process.cwd(), 'dist', 'scripts', 'bench.js');
if (!existsSync(script)) throw new Error('expected dist/scripts/bench.js, which `npm run build` makes, got nothing');

const bench = (...flags: readonly string[]) => spawnSync(process.execPath, [script, ...flags], { encoding: 'utf8' });

/** A cell of each row of a table that is a number, by the first cell of its row. */
function figuresOf(text: string, heading: string): ReadonlyMap<string, readonly number[]> {
  const [, section = ''] = text.split(`## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  const rows = body.split('\n').filter((line) => line.startsWith('| '));
  return new Map(
    rows.slice(2).map((row) => {
      const [name = '', ...cells] = row.slice(1, -1).split('|');
      return [name.trim(), cells.map((cell) => Number(cell.replaceAll(',', '').trim()))];
    }),
  );
}

test('the bench measures Emta beside a bare oidc-provider, and tells it in a chart and tables', () => {
  const { stdout, stderr, status } = bench('--tiny', '--only', 'startup,cpu,memory');
  expect({
    status,
    problems: stderr.split('\n').filter((line) => line && !line.startsWith('emta: measuring')),
  }).toEqual({ status: 0, problems: [] });
  expect(stdout).toMatch(/^# What it costs\n\nMeasured by `npm run bench -- --tiny` on \d+ cores/);
  expect(stdout.match(/^(start to first answer|CPU a request|memory after .*?) +█+.* of \d\.\d\d$/gm)).toHaveLength(3);
  const [start] = figuresOf(stdout, 'Start').values();
  expect(start).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
  const memory = figuresOf(stdout, 'Memory');
  expect([...memory.keys()]).toEqual(['heap MB', 'resident MB']);
  for (const figures of memory.values()) expect(figures.every((figure) => figure > 0)).toBe(true);
}, 180_000);
