import { pino } from 'pino';
import { EmtaError } from './kernel/errors.ts';
import type { Log } from './kernel/ports.ts';
import { settingTable } from './settings.ts';

const levels: readonly string[] = settingTable.logLevel.oneOf;

/** JSON lines on the standard error stream, from this level up. Throws `bad_option` for one that is not known. */
export function stderrLog(level: string): Log {
  if (!levels.includes(level)) {
    throw new EmtaError('bad_option', `expected "logLevel" to be one of ${levels.join(', ')}, got "${level}"`);
  }
  return pino({ level, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
}
