import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const folder = join(process.cwd(), 'dist', 'scripts');
if (!existsSync(folder)) throw new Error('expected dist/scripts, which `npm run build` makes, got nothing');

const call = (name: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, `${name}.js`), ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
};

test.each(['bench', 'failure', 'fuzz', 'matrix', 'screenshots', 'start'])(
  '%s tells its options when asked, and refuses those it does not have',
  (name) => {
    const { stdout: help, ...helped } = call(name, '--help');
    expect(helped).toEqual({ status: 0, stderr: '' });
    expect(help).toMatch(/^[A-Z].*\.(?: .*\.)?\n\n {2}\S/);
    const refused = call(name, '--no-such-option');
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^emta: Unknown option '--no-such-option'/);
    expect(refused.stderr.endsWith(`\n\n${help}`)).toBe(true);
  },
);

test.each([
  ['bench', '--only', 'cpus', 'to be some of startup, cpu,'],
  ['failure', '--journeys', 'many', 'to be a whole number above 0'],
  ['fuzz', '--requests', '0', 'to be a whole number above 0'],
  ['start', '--site-port', '70000', 'to be a port from 1 to 65535'],
])('%s names the option that has a wrong value, what it expected and what came', (name, option, value, expected) => {
  const { status, stdout, stderr } = call(name, option, value);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`emta: expected "${option}" ${expected}`);
  expect(stderr.trimEnd()).toMatch(new RegExp(`got "${value}"$`));
});
