import { expect, test } from '@jest/globals';
import { seededRandom } from '../kernel/random.ts';
import { captchaAlphabet } from './alphabet.ts';
import { drawCaptcha } from './image.ts';
import { strokeFont } from './stroke-font.ts';

const texts = Array.from({ length: 200 }, (_, seed) => seededRandom(seed).text(6, captchaAlphabet));

function draw(text: string, seed: string | number = 'picture'): string {
  return drawCaptcha(text, seededRandom(seed));
}

function paths(svg: string): readonly string[] {
  return [...svg.matchAll(/ d="([^"]*)"/g)].map(([, d]) => d ?? '');
}

test('draws every character of the alphabet and no other', () => {
  expect([...strokeFont.keys()].sort().join('')).toBe([...captchaAlphabet].sort().join(''));
  const shapes = new Set([...strokeFont.values()].map((strokes) => JSON.stringify(strokes)));
  expect(shapes.size).toBe(captchaAlphabet.length);
});

test('the markup holds no run of six characters of the alphabet, so the answer cannot stand in it', () => {
  const runOfSix = new RegExp(`[${captchaAlphabet}]{6}`, 'i');
  expect(texts.map((text) => draw(text)).filter((svg) => runOfSix.test(svg))).toEqual([]);
});

test('the picture is paths alone: no text, script, style or reference to elsewhere', () => {
  const elements = new Set([...draw('c29e2t').matchAll(/<(\w+)/g)].map(([, name]) => name));
  expect([...elements].sort()).toEqual(['g', 'path', 'rect', 'svg']);
  expect(draw('c29e2t')).not.toMatch(/href|url\(|style=|on\w+=/);
});

test('the same chance draws the same picture, other chance another', () => {
  expect(draw('c29e2t', 1)).toBe(draw('c29e2t', 1));
  expect(draw('c29e2t', 1)).not.toBe(draw('c29e2t', 2));
});

test('upper case is drawn as lower case', () => {
  expect(draw('C29E2T')).toBe(draw('c29e2t'));
});

test('strokes stand in no order: the leftmost is not always the first', () => {
  const firstIsLeftmost = texts.filter((text) => {
    const starts = paths(draw(text, text)).map((path) => Number(/^M(-?[\d.]+)/.exec(path)?.[1]));
    return starts[0] === Math.min(...starts);
  });
  expect(firstIsLeftmost.length).toBeLessThan(texts.length / 2);
});

test('every point lies inside the picture', () => {
  const outside = texts.flatMap((text) =>
    paths(draw(text, text)).flatMap((path) =>
      [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].filter(([, x, y]) => {
        return !(Number(x) >= 0 && Number(x) <= 220 && Number(y) >= 0 && Number(y) <= 72);
      }),
    ),
  );
  expect(outside).toEqual([]);
});

test('refuses a character that a captcha never has', () => {
  expect(() => draw('c29e2o')).toThrow(`expected "text" to have characters of "${captchaAlphabet}", got "o"`);
});
