/** A place on a letter's grid: x grows to the right, y downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Stroke = readonly Point[];

/** Lines of the grid that letters stand on and reach up to. */
export const grid = { top: 0, baseline: 10, bottom: 14 } as const;

/**
 * A pen's way through each character, made for this project. A point is two hexadecimal digits, x and y; ` / ` lifts
 * the pen. Points pull the line as those of a B-spline do; a point written twice is a corner.
 */
const ways = {
  a: '65 44 14 05 09 1a 4a 69 / 64 6a',
  b: '00 0a / 05 24 54 65 69 5a 2a 09',
  c: '65 54 24 04 0a 2a 5a 69',
  d: '60 6a / 65 44 14 05 09 1a 4a 69',
  e: '07 67 67 64 44 24 04 0a 2a 5a 69',
  f: '61 50 30 21 2a / 04 54',
  g: '65 44 14 05 09 1a 4a 69 / 64 6c 5e 1e 0d',
  h: '00 0a / 06 14 54 65 6a',
  j: '44 4c 3e 1e 0d / 41 42',
  k: '00 0a / 64 07 / 26 6a',
  m: '04 0a / 06 14 34 46 4a / 46 54 74 86 8a',
  n: '04 0a / 06 14 54 65 6a',
  p: '04 0e / 05 24 54 65 69 5a 2a 09',
  q: '65 44 14 05 09 1a 4a 69 / 64 6e 6e 8c',
  r: '04 0a / 07 15 44 55',
  s: '65 44 14 04 07 37 67 6a 5a 1a 09',
  t: '21 29 2a 5a 59 / 04 54',
  u: '04 09 1a 4a 69 / 64 6a',
  v: '04 3a 3a 64',
  w: '04 2a 2a 45 45 6a 6a 84',
  x: '04 6a / 64 0a',
  y: '04 3a / 64 1e',
  z: '04 64 64 0a 0a 6a / 17 57',
  2: '02 00 60 64 0a 0a 6a',
  3: '01 10 60 64 25 25 65 6a 1a 09',
  4: '50 07 07 77 / 54 5a',
  5: '60 10 10 04 04 24 64 6a 1a 09',
  6: '50 20 02 0a 2a 6a 66 54 14 07',
  7: '00 60 60 2a',
  8: '35 05 00 30 60 65 35 / 35 06 0a 3a 6a 66 35',
  9: '1a 4a 68 60 40 00 04 15 55 63',
} as const;

function readWay(way: string): readonly Stroke[] {
  return way.split(' / ').map((stroke) =>
    stroke.split(' ').map((point) => ({
      x: Number.parseInt(point.charAt(0), 16),
      y: Number.parseInt(point.charAt(1), 16),
    })),
  );
}

/** The strokes of every character that a captcha may have. */
export const strokeFont: ReadonlyMap<string, readonly Stroke[]> = new Map(
  Object.entries(ways).map(([character, way]) => [character, readWay(way)]),
);
