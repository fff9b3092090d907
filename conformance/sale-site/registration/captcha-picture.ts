import type { Random } from '../ports.ts';

/** Each character on a grid of 5 by 7, a row to a number, its highest bit first. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  a: [0, 0, 14, 1, 15, 17, 15],
  b: [16, 16, 30, 17, 17, 17, 30],
  c: [0, 0, 14, 17, 16, 17, 14],
  d: [1, 1, 15, 17, 17, 17, 15],
  e: [0, 0, 14, 17, 31, 16, 14],
  f: [6, 9, 8, 28, 8, 8, 8],
  g: [0, 15, 17, 17, 15, 1, 14],
  h: [16, 16, 30, 17, 17, 17, 17],
  j: [2, 0, 6, 2, 2, 18, 12],
  k: [16, 16, 18, 20, 24, 20, 18],
  m: [0, 0, 26, 21, 21, 21, 21],
  n: [0, 0, 30, 17, 17, 17, 17],
  p: [0, 30, 17, 17, 30, 16, 16],
  q: [0, 15, 17, 17, 15, 1, 1],
  r: [0, 0, 22, 25, 16, 16, 16],
  s: [0, 0, 15, 16, 14, 1, 30],
  t: [8, 8, 28, 8, 8, 9, 6],
  u: [0, 0, 17, 17, 17, 19, 13],
  v: [0, 0, 17, 17, 17, 10, 4],
  w: [0, 0, 17, 17, 21, 21, 10],
  x: [0, 0, 17, 10, 4, 10, 17],
  y: [0, 17, 17, 17, 15, 1, 14],
  z: [0, 0, 31, 2, 4, 8, 31],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [30, 1, 1, 14, 1, 1, 30],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
};

const pictureSize = { width: 240, height: 72 } as const;

/** Draws the security code as dots and lines, with no letter of it anywhere in the file. */
export function captchaPicture(text: string, random: Random): string {
  const { width, height } = pictureSize;
  const between = (from: number, to: number): number => from + ((random.bytes(1)[0] ?? 0) / 255) * (to - from);
  const round = (value: number): string => value.toFixed(1);
  const letters = [...text].map((letter, index) => {
    const turn = `rotate(${round(between(-14, 14))})`;
    const place = `translate(${round(24 + index * 34 + between(-2, 2))} ${round(17 + between(-6, 6))})`;
    return `<path transform="${place} ${turn}" d="${strokesOf(glyphs[letter] ?? [])}"/>`;
  });
  const lines = Array.from({ length: 3 }, () => {
    const middle = `${round(width / 2)} ${round(between(0, height))}`;
    return `<path d="M0 ${round(between(0, height))}Q${middle} ${width} ${round(between(0, height))}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="#f3f5f9"/>`,
    `<g fill="none" stroke="#9aa6c0" stroke-width="1.5">${lines.join('')}</g>`,
    `<g fill="none" stroke="#16264d" stroke-width="4.4" stroke-linecap="round" stroke-linejoin="round">${letters.join('')}</g>`,
    '</svg>',
  ].join('');
}

/** Joins neighbouring dots of a grid by strokes, and leaves a lone dot a dot. */
function strokesOf(rows: readonly number[]): string {
  const step = 5;
  const isOn = (x: number, y: number): boolean => x >= 0 && x < 5 && (((rows[y] ?? 0) >> (4 - x)) & 1) === 1;
  const strokes: string[] = [];
  rows.forEach((_, y) => {
    for (let x = 0; x < 5; x += 1) {
      if (!isOn(x, y)) continue;
      const here = `M${x * step} ${y * step}`;
      const next = neighbours(x, y, isOn).map(([nx, ny]) => `${here}L${nx * step} ${ny * step}`);
      strokes.push(next.length > 0 ? next.join('') : `${here}h.1`);
    }
  });
  return strokes.join('');
}

type Point = readonly [number, number];

/** The dots that a stroke leads to: beside and below, and aslant where no corner is between. */
function neighbours(x: number, y: number, isOn: (x: number, y: number) => boolean): readonly Point[] {
  const found: Point[] = [];
  if (isOn(x + 1, y)) found.push([x + 1, y]);
  if (isOn(x, y + 1)) found.push([x, y + 1]);
  if (isOn(x + 1, y + 1) && !isOn(x + 1, y) && !isOn(x, y + 1)) found.push([x + 1, y + 1]);
  if (isOn(x - 1, y + 1) && !isOn(x - 1, y) && !isOn(x, y + 1)) found.push([x - 1, y + 1]);
  return found;
}
