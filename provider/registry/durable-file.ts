import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A text file that is replaced as a whole: whoever reads it, or dies while writing it, finds the old text or the new. */
export interface DurableFile {
  /** Undefined where there is no file. */
  read(): Promise<string | undefined>;
  /** Resolves when the text is on the disk and would survive a power cut. */
  write(text: string): Promise<void>;
}

/** `JSONFile` of lowdb renames too, but does not ask the disk to keep what it wrote. */
export function durableFile(path: string): DurableFile {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.tmp`);
  return {
    read: () => unlessMissing(readFile(path, 'utf8')),
    async write(text) {
      await mkdir(folder, { recursive: true });
      // The file may hold secrets of clients: for its owner alone, unless somebody has decided otherwise.
      const mode = ((await unlessMissing(stat(path)))?.mode ?? 0o600) & 0o777;
      const file = await open(temporary, 'w', mode);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await keepRename(folder);
    },
  };
}

/** A rename is kept when its folder is; Windows keeps it by itself and cannot open folders. */
async function keepRename(folder: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessMissing<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
