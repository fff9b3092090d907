import type { Random } from '../kernel/ports.ts';
import { captchaAlphabet, captchaCharacters } from './alphabet.ts';
import { type Numbers, numbersFrom } from './numbers.ts';
import { grid, type Point, type Stroke, strokeFont } from './stroke-font.ts';

const size = { width: 220, height: 72, margin: 12 } as const;
const pixelsPerUnit = 3.4;
const noiseLines = 5;

/**
 * A picture (image/svg+xml) of a captcha. Every character is a few pen strokes, bent, turned and moved a little and
 * written among faint lines in no order, so that the answer stands nowhere in the markup; the same chance draws the
 * same picture.
 */
export function drawCaptcha(text: string, random: Random): string {
  const characters = captchaCharacters(text);
  const numbers = numbersFrom(random.text(16, captchaAlphabet));
  const slot = (size.width - 2 * size.margin) / Math.max(characters.length, 1);
  const ink = characters.flatMap((character, index) =>
    writeCharacter(character, size.margin + slot * (index + 0.5), numbers),
  );
  const paths = numbers.shuffled([...ink, ...Array.from({ length: noiseLines }, () => faintLine(numbers))]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"`,
    ` viewBox="0 0 ${size.width} ${size.height}">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    '<g fill="none" stroke-linecap="round" stroke-linejoin="round">',
    ...paths,
    '</g></svg>',
  ].join('');
}

function writeCharacter(character: string, middle: number, numbers: Numbers): readonly string[] {
  const strokes = strokeFont.get(character) ?? [];
  const place = placing(strokes, middle, numbers);
  const shade = `#${numbers.shuffled(['113', '131', '311', '222', '213'])[0]}`;
  const pen = numbers.between(2.6, 3.4).toFixed(1);
  return strokes.map(
    (stroke) => `<path stroke="${shade}" stroke-width="${pen}" d="${pathThrough(bent(stroke, numbers).map(place))}"/>`,
  );
}

/** Where points of the grid come to lie in the picture: one turn, slant, size and height for a whole character. */
function placing(strokes: readonly Stroke[], middle: number, numbers: Numbers): (point: Point) => Point {
  const width = Math.max(0, ...strokes.flat().map(({ x }) => x));
  const turn = (numbers.between(-13, 13) * Math.PI) / 180;
  const slant = numbers.between(-0.18, 0.18);
  const unit = pixelsPerUnit * numbers.between(0.92, 1.1);
  const centre = { x: middle + numbers.between(-2, 2), y: size.height / 2 + numbers.between(-4, 3) };
  const middleOfLetter = (grid.top + grid.bottom) / 2;
  return (point) => {
    const y = (point.y - middleOfLetter) * unit;
    const x = (point.x - width / 2) * unit - y * slant;
    return {
      x: centre.x + x * Math.cos(turn) - y * Math.sin(turn),
      y: centre.y + x * Math.sin(turn) + y * Math.cos(turn),
    };
  };
}

/** Moves each point a little; a corner's two points stay together. */
function bent(stroke: Stroke, numbers: Numbers): Stroke {
  const moved: Point[] = [];
  stroke.forEach((point, index) => {
    const before = stroke[index - 1];
    const movedBefore = moved[index - 1];
    const isCorner = before !== undefined && before.x === point.x && before.y === point.y;
    moved.push(
      isCorner && movedBefore !== undefined
        ? movedBefore
        : { x: point.x + numbers.between(-0.35, 0.35), y: point.y + numbers.between(-0.35, 0.35) },
    );
  });
  return moved;
}

function faintLine(numbers: Numbers): string {
  const height = () => numbers.between(4, size.height - 4);
  const points = [0, 0.3, 0.6, 1].map((share) => ({ x: share * size.width, y: height() }));
  return `<path stroke="#bbc" stroke-width="1" d="${pathThrough(points)}"/>`;
}

/** A line that begins and ends in the outer points and bends towards those between them. */
function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    return `Q${write(point)} ${write({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  });
  return `M${write(first)}${bends.join('')}L${write(last)}`;
}

/** One decimal, so that no long row of digits stands in the markup. */
function write({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}
