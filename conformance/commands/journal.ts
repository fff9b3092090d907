import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { counted } from '../counted.ts';
import { ConformanceError } from '../errors.ts';
import { parseJson } from '../json-text.ts';
import { askEmta, type Fields, isObject, objectsIn, textOf } from './ask-emta.ts';
import type { ExitCode, Io } from './io.ts';

export interface JournalOptions {
  readonly emta: string;
  readonly journey: string | undefined;
  readonly follow: boolean;
  /** Writes the entries here, one JSON object a line, instead of printing them. */
  readonly export: string | undefined;
  /** Checks the chain: of a file, or with `true` of the running Emta's journal. */
  readonly verify: string | true | undefined;
  readonly json: boolean;
}

const askAgainAfter = 500;

/** Prints, follows, exports or checks the journal of a running Emta. */
export async function journal(options: JournalOptions, io: Io): Promise<ExitCode> {
  if (options.verify !== undefined) return check(options.verify, options, io);
  if (options.export !== undefined) return exportTo(options.export, options, io);
  let last = await print(0, options, io);
  if (!options.follow) return 0;
  const stop = io.stopped.then(() => 'stop' as const);
  while ((await Promise.race([stop, io.pause(askAgainAfter)])) !== 'stop') last = await print(last, options, io);
  return 0;
}

async function entriesAfter(position: number, options: JournalOptions, io: Io): Promise<readonly Fields[]> {
  const query = new URLSearchParams({
    after: String(position),
    ...(options.journey === undefined ? {} : { journey: options.journey }),
  });
  return objectsIn(await askEmta(`/journal?${query}`, { issuer: options.emta, token: io.controlToken }), 'entries');
}

async function print(position: number, options: JournalOptions, io: Io): Promise<number> {
  const entries = await entriesAfter(position, options, io);
  for (const entry of entries) io.out(options.json ? `${JSON.stringify(entry)}\n` : `${lineOf(entry)}\n`);
  const last = entries.at(-1)?.position;
  return typeof last === 'number' ? last : position;
}

function lineOf(entry: Fields): string {
  const who = [textOf(entry, 'journey'), textOf(entry, 'clientId')].filter((text) => text !== '').join(' ');
  return [textOf(entry, 'at'), textOf(entry, 'kind').padEnd(8), who, JSON.stringify(entry.data)]
    .filter((text) => text !== '')
    .join('  ');
}

async function exportTo(file: string, options: JournalOptions, io: Io): Promise<ExitCode> {
  const entries = await entriesAfter(0, { ...options, journey: undefined }, io);
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    throw new ConformanceError('usage', `expected "${file}" to be a new file that can be written`, { cause });
  }
  io.err(
    counted`emta: ${entries.length} entr(y|ies) written to ${file}; \`emta journal --verify ${file}\` checks them\n`,
  );
  for (const line of extents(entries)) io.err(`      ${line}\n`);
  return 0;
}

async function check(what: string | true, options: JournalOptions, io: Io): Promise<ExitCode> {
  const entries = what === true ? await entriesAfter(0, { ...options, journey: undefined }, io) : readEntries(what);
  const fault = firstFault(entries);
  if (fault !== undefined) {
    io.out(`broken: ${fault}\n`);
    return 1;
  }
  const ends = extents(entries);
  io.out(counted`intact: ${entries.length} entr(y|ies) in ${ends.length} chain(s)\n`);
  for (const line of ends) io.out(`${line}\n`);
  return 0;
}

/**
 * From where to where each chain goes, and the hash it ends with: nothing inside a file can tell that its last lines were
 * cut off, so whoever keeps one notes its ends.
 */
function extents(entries: readonly Fields[]): readonly string[] {
  const chains = [...new Set(entries.map((entry) => textOf(entry, 'chain')))];
  return chains.map((chain) => {
    const own = entries.filter((entry) => textOf(entry, 'chain') === chain);
    const [first = {}, last = {}] = [own[0], own.at(-1)];
    return `chain ${chain}: entries ${textOf(first, 'seq')} to ${textOf(last, 'seq')}, ends with ${textOf(last, 'hash')}`;
  });
}

function readEntries(file: string): readonly Fields[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConformanceError('usage', `expected an exported journal at "${file}"`, { cause });
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const value = parseJson(line);
      if (!isObject(value)) throw new ConformanceError('usage', `${file}:${index + 1}: expected a JSON object`);
      return value;
    });
}

/** SHA-256 over the members of an entry in this order, as Emta chains them. */
function hashOf(entry: Fields): string {
  const { chain, seq, at, kind, journey = null, clientId = null, data, previous } = entry;
  return createHash('sha256')
    .update(JSON.stringify([chain, seq, at, kind, journey, clientId, data, previous]))
    .digest('hex');
}

const members = ['chain', 'seq', 'at', 'kind', 'journey', 'clientId', 'data', 'previous', 'hash', 'position'];
const nothingBefore = '0'.repeat(64);

/** The first entry that was changed, or does not follow the one before it in its chain. */
export function firstFault(entries: readonly Fields[]): string | undefined {
  const ends = new Map<string, Fields>();
  let position = 0;
  for (const entry of entries) {
    const chain = textOf(entry, 'chain');
    const name = `entry ${textOf(entry, 'seq')} of chain ${chain}`;
    const before = ends.get(chain);
    const foreign = Object.keys(entry).find((member) => !members.includes(member));
    if (foreign !== undefined) return `${name} has a member "${foreign}", which Emta does not write`;
    if (entry.hash !== hashOf(entry)) return `${name} was changed after it was written`;
    if (entry.seq === 1 && entry.previous !== nothingBefore) return `${name} names one before it, and is the first`;
    if (Number(entry.position) <= position) return `${name} stands after one that was written later`;
    position = Number(entry.position);
    if (before !== undefined && (entry.previous !== before.hash || Number(entry.seq) !== Number(before.seq) + 1)) {
      return `${name} does not follow entry ${textOf(before, 'seq')}: one was taken out, put in or moved`;
    }
    ends.set(chain, entry);
  }
  return undefined;
}
