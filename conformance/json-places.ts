/** Where something stands in a file, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a JSON text, and where. */
export interface JsonFault extends Place {
  readonly message: string;
}

export type PlacedJson =
  | {
      readonly kind: 'value';
      readonly value: unknown;
      /** From JSON pointer to the place of the member's name, or of the element. */
      readonly places: ReadonlyMap<string, Place>;
      /** Members that stand twice in one object, of which JSON.parse would silently keep the last. */
      readonly doubled: readonly JsonFault[];
    }
  | { readonly kind: 'fault'; readonly fault: JsonFault };

/** Writes one more member onto a JSON pointer (RFC 6901). */
export const pointerTo = (pointer: string, member: string | number): string =>
  `${pointer}/${String(member).replaceAll('~', '~0').replaceAll('/', '~1')}`;

class Stop extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold control characters (RFC 8259 7)
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const blank = /[ \t\r\n]*/y;
const words = { true: true, false: false, null: null } as const;

/** Turns offsets into places; a report has a hundred thousand of them, so lines are counted once. */
function placesIn(source: string): (index: number) => Place {
  const starts = [0];
  for (let end = source.indexOf('\n'); end >= 0; end = source.indexOf('\n', end + 1)) starts.push(end + 1);
  return (index) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: index - (starts[low] ?? 0) + 1 };
  };
}

/** Parses JSON and remembers where each member stands, which JSON.parse does not tell. */
export function parseJsonWithPlaces(source: string): PlacedJson {
  const places = new Map<string, Place>();
  const doubled: JsonFault[] = [];
  let at = source.startsWith('\uFEFF') ? 1 : 0;

  const placeOf = placesIn(source);
  const skip = () => {
    blank.lastIndex = at;
    at += blank.exec(source)?.[0].length ?? 0;
  };
  const seen = () => (at >= source.length ? 'the end of the file' : `"${source.slice(at, at + 1)}"`);
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const readText = (what: string): string => {
    if (source[at] !== '"') throw new Stop(`expected ${what} in double quotes, got ${seen()}`, at);
    const from = at;
    const found = take(text);
    if (found === undefined)
      throw new Stop('expected the quote to be closed on the same line, with no stray backslash', from);
    return JSON.parse(found);
  };
  const readMembers = (pointer: string): unknown => {
    const members: [string, unknown][] = [];
    const names = new Set<string>();
    at += 1;
    for (skip(); source[at] !== '}'; skip()) {
      if (names.size > 0) {
        if (source[at] !== ',') throw new Stop(`expected "," or "}", got ${seen()}`, at);
        const comma = at;
        at += 1;
        skip();
        if (source[at] === '}')
          throw new Stop('expected a member after ",", got "}"; JSON allows no trailing comma', comma);
      }
      const from = at;
      const name = readText('a member name');
      const inner = pointerTo(pointer, name);
      if (names.has(name)) doubled.push({ ...placeOf(from), message: `member "${name}" stands twice in one object` });
      names.add(name);
      places.set(inner, placeOf(from));
      skip();
      if (source[at] !== ':') throw new Stop(`expected ":" after "${name}", got ${seen()}`, at);
      at += 1;
      members.push([name, readValue(inner)]);
    }
    at += 1;
    return Object.fromEntries(members);
  };
  const readElements = (pointer: string): unknown => {
    const elements: unknown[] = [];
    at += 1;
    for (skip(); source[at] !== ']'; skip()) {
      if (elements.length > 0) {
        if (source[at] !== ',') throw new Stop(`expected "," or "]", got ${seen()}`, at);
        const comma = at;
        at += 1;
        skip();
        if (source[at] === ']')
          throw new Stop('expected a value after ",", got "]"; JSON allows no trailing comma', comma);
      }
      const inner = pointerTo(pointer, elements.length);
      places.set(inner, placeOf(at));
      elements.push(readValue(inner));
    }
    at += 1;
    return elements;
  };
  const readValue = (pointer: string): unknown => {
    skip();
    if (source[at] === '{') return readMembers(pointer);
    if (source[at] === '[') return readElements(pointer);
    if (source[at] === '"') return readText('a value');
    for (const [word, value] of Object.entries(words)) {
      if (source.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    const digits = take(number);
    if (digits !== undefined) return Number(digits);
    if (source.startsWith('//', at) || source.startsWith('/*', at)) throw new Stop('JSON allows no comments', at);
    throw new Stop(`expected a value, got ${seen()}`, at);
  };

  try {
    const value = readValue('');
    skip();
    if (at < source.length) throw new Stop(`expected the end of the file, got ${seen()}`, at);
    return { kind: 'value', value, places, doubled };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { kind: 'fault', fault: { ...placeOf(error.at), message: error.message } };
  }
}
