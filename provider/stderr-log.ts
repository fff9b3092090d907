import { pino } from 'pino';
import { EmtaError } from './kernel/errors.ts';
import type { Log } from './kernel/ports.ts';
import { settingTable } from './settings.ts';

const levels: readonly string[] = settingTable.logLevel.oneOf;

/**
 * Writes from this level up to the standard error stream, as JSON lines or for people. Throws `bad_option` for a level
 * that is not known.
 */
export function stderrLog(level: string, format: 'json' | 'text' = 'json'): Log {
  if (!levels.includes(level)) {
    throw new EmtaError('bad_option', `expected "logLevel" to be one of ${levels.join(', ')}, got "${level}"`);
  }
  if (format === 'text') return textLog(level);
  return pino({ level, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
}

/** How `logFormat` is meant: `auto` is for people on a terminal, and for programs elsewhere. */
export const formatOf = (asked: string | undefined, isTerminal: boolean): 'json' | 'text' =>
  asked === 'text' || (asked !== 'json' && isTerminal) ? 'text' : 'json';

function textLog(level: string): Log {
  const from = levels.indexOf(level);
  const teller = (own: 'error' | 'warn' | 'info') => (fields: object, message: string) => {
    if (from >= levels.indexOf(own)) process.stderr.write(inText(fields, message));
  };
  return {
    error: teller('error'),
    warn: teller('warn'),
    info: teller('info'),
    isLevelEnabled: () => from >= levels.indexOf('info'),
  };
}

/** A line with the message, and one for each field below it. */
export function inText(fields: object, message: string): string {
  const more = Object.entries(fields).map(([name, value]) => {
    const text = value instanceof Error ? value.message : [value].flat().join('; ');
    return text === '' ? '' : `      ${name.replaceAll('_', ' ').padEnd(12)} ${text}\n`;
  });
  return `emta: ${message}\n${more.join('')}`;
}
