import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './programs.ts';

/** A disk of a few megabytes, which can be full. It lies in memory, and only programs started `inside` see it. */
export interface SmallDisk {
  /** Where it is for programs inside. */
  readonly folder: string;
  /** The words before a command that is to run inside. */
  readonly inside: readonly string[];
  /** What a file on it holds. */
  read(name: string): string;
  /** Leaves nothing free. */
  fill(): void;
  /** Gives back what `fill` has taken. */
  clear(): void;
  close(): Promise<void>;
}

/** Why no such disk can be made here; undefined where it can. */
export function lackingDisks(): string | undefined {
  const { status } = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return status === 0 ? undefined : 'needs Linux that lets anybody mount in a namespace of their own (unshare -rm)';
}

export async function makeSmallDisk(folder: string, megabytes: number): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true });
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && echo mounted && exec sleep infinity`;
  const keeper = await start('unshare', ['-rm', 'sh', '-c', script, folder], async (output) => output === 'mounted\n');
  // As the keeper sees it; for everybody else the folder is empty.
  const within = (name: string) => join(`/proc/${keeper.pid}/root`, folder, name);
  return {
    folder,
    inside: ['nsenter', `--target=${keeper.pid}`, '--user', '--mount', '--preserve-credentials'],
    read: (name) => readFileSync(within(name), 'utf8'),
    fill() {
      const { stderr } = spawnSync('dd', ['if=/dev/zero', `of=${within('filler')}`, 'bs=1M'], { encoding: 'utf8' });
      if (!stderr.includes('No space left')) throw new Error(`expected the disk to be filled, got:\n${stderr}`);
    },
    clear: () => rmSync(within('filler')),
    async close() {
      keeper.kill('SIGKILL');
      await keeper.ended;
      rmSync(folder, { recursive: true });
    },
  };
}
