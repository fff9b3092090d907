import { inflateSync } from 'node:zlib';
import type { Person } from '../driver/person.ts';
import { foundIn, haystackOf, type Needle, needlesOf } from '../observe/needles.ts';

/** How deep a value may be wrapped: base64 within an address within JSON within the comment of a picture. */
const DEEPEST = 3;
/** Shorter runs of such letters are words. */
const SHORTEST_BASE64 = 12;

/** The segments of a JPEG before its dots: comments, camera data, profiles. */
function segmentsOfJpeg(file: Buffer): readonly Buffer[] {
  const segments: Buffer[] = [];
  const startOfDots = 0xda;
  for (let at = 2; at + 4 <= file.length && file[at + 1] !== startOfDots; at += 2 + file.readUInt16BE(at + 2))
    segments.push(file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2)));
  return segments;
}

/** The chunks of a PNG that hold text, written out where they are packed. */
function textChunksOfPng(file: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const kind = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + file.readUInt32BE(at));
    if (kind === 'tEXt' || kind === 'iTXt' || kind === 'eXIf') chunks.push(data);
    if (kind === 'zTXt') chunks.push(inflateSync(data.subarray(data.indexOf(0) + 2)));
  }
  return chunks;
}

/** What a file says to a reader: its text, or what a picture carries beside its dots. */
function textsOf(bytes: Uint8Array): readonly string[] {
  const file = Buffer.from(bytes);
  const isJpeg = file[0] === 0xff && file[1] === 0xd8;
  const isPng = file.subarray(1, 4).toString('latin1') === 'PNG';
  if (!isJpeg && !isPng) return [file.toString('utf8')];
  const parts = isJpeg ? segmentsOfJpeg(file) : textChunksOfPng(file);
  return parts.flatMap((part) => [part.toString('utf8'), part.toString('utf16le')]);
}

const percentDecoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));

/** A text and everything that is wrapped in it. */
function unwrapped(text: string, depth = 0): readonly string[] {
  const plain = percentDecoded(text);
  const runs = depth < DEEPEST ? (plain.match(new RegExp(`[\\w+/-]{${SHORTEST_BASE64},}`, 'g')) ?? []) : [];
  const inner = [...new Set(runs)].flatMap((run) => textsOf(Buffer.from(run, 'base64')));
  // of what is no base64 at all nothing readable comes out
  const readable = inner.filter((one) => !one.includes('\ufffd') || /[\u0600-\u06ff]{3}|\d{6}/.test(one));
  return [text, ...(plain === text ? [] : [plain]), ...readable.flatMap((one) => unwrapped(one, depth + 1))];
}

/** A number with stars in its middle is how a report may name one. */
const isTelling = ({ what }: Needle): boolean => what !== 'masked mobile number';

/** Where in some files a citizen or a secret can be read, in whatever wrapping: `file: what, value`. */
export function leaksIn(
  files: Readonly<Record<string, Uint8Array>>,
  people: readonly Person[],
  secrets: readonly string[],
): readonly string[] {
  const needles = people.flatMap((person) => needlesOf(person).filter(isTelling));
  return Object.entries(files).flatMap(([name, bytes]) => {
    const texts = [...new Set(textsOf(bytes).flatMap((text) => unwrapped(text)))];
    const haystack = haystackOf(texts.join('\n'));
    const told = foundIn(haystack, needles).map(({ what, value }) => `${name}: ${what}, ${value}`);
    const open = secrets.filter((secret) => texts.some((text) => text.includes(secret)));
    return [...new Set(told), ...open.map((secret) => `${name}: secret, ${secret}`)];
  });
}
