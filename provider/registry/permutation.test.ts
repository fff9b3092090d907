import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { permutation } from './permutation.ts';

const keys = Uint32Array.of(1, 22, 333, 4444, 55555, 666666);

test('is a bijection on every small size', () => {
  for (let size = 1; size <= 300; size += 1) {
    const { forward, backward } = permutation(size, keys);
    const images = new Set(Array.from({ length: size }, (_, value) => forward(value)));
    expect(images.size).toBe(size);
    expect(Math.max(...images)).toBe(size - 1);
    expect(Array.from({ length: size }, (_, value) => backward(forward(value)))).toEqual([...Array(size).keys()]);
  }
});

test('undoes itself both ways on any size and any keys', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 30 }),
      fc.nat(),
      fc.uint32Array({ minLength: 6, maxLength: 6 }),
      (size, seed, drawn) => {
        const { forward, backward } = permutation(size, drawn);
        const value = seed % size;
        expect(forward(value)).toBeLessThan(size);
        expect(backward(forward(value))).toBe(value);
        expect(forward(backward(value))).toBe(value);
      },
    ),
    { numRuns: 1000 },
  );
});

test('other keys shuffle otherwise, and neighbours do not stay neighbours', () => {
  const one = permutation(100_000_000, keys);
  const other = permutation(100_000_000, Uint32Array.of(1, 22, 333, 4444, 55555, 666667));
  const close = Array.from({ length: 1000 }, (_, value) => Math.abs(one.forward(value) - one.forward(value + 1)));
  expect(close.filter((distance) => distance < 100_000).length).toBeLessThan(20);
  const same = Array.from({ length: 1000 }, (_, value) => one.forward(value) === other.forward(value));
  expect(same.filter(Boolean)).toEqual([]);
});

test('refuses what it cannot shuffle', () => {
  expect(() => permutation(0, keys)).toThrow('expected "size" to be 1 to 1073741824, got 0');
  expect(() => permutation(5, Uint32Array.of(1))).toThrow('expected "keys" to hold 6 numbers, got 1');
  expect(() => permutation(5, keys).forward(5)).toThrow('expected "value" to be 0 to 4, got 5');
});
