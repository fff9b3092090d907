import { statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { captchaAlphabet } from './alphabet.ts';
import { speakCaptcha } from './audio.ts';
import { readClips, spokenLanguages } from './clips.ts';

/** The first place after `from` where `clip` is heard in `samples`, each sample at most `noise` off; -1 for none. */
function heardAt(samples: Uint8Array, clip: Uint8Array, from: number, noise = 2): number {
  for (let start = from; start + clip.length <= samples.length; start += 1) {
    if (clip.every((sample, index) => Math.abs(sample - (samples[start + index] ?? 0)) <= noise)) return start;
  }
  return -1;
}

describe.each(spokenLanguages)('in %s', (language) => {
  const clips = readClips(language);

  test('every character of the alphabet has a clip of its own, between a fifth of a second and a second', () => {
    expect([...clips.of.keys()].sort().join('')).toBe([...captchaAlphabet].sort().join(''));
    const lengths = [...clips.of.values()].map((clip) => clip.length / clips.rate);
    expect(Math.min(...lengths)).toBeGreaterThan(0.2);
    expect(Math.max(...lengths)).toBeLessThan(1);
    expect(new Set([...clips.of.values()].map((clip) => Buffer.from(clip).toString('base64'))).size).toBe(31);
  });

  test.each(['c29e2t', 'abdfgh', 'jkmnpq', 'rsuvwx', 'yz3456', '78mn9e'])('all of %s is heard, in order', (text) => {
    const samples = speakCaptcha(text, language).subarray(44);
    let from = 0;
    for (const character of text) {
      const clip = clips.of.get(character) ?? new Uint8Array();
      const start = heardAt(samples, clip, from);
      expect([character, start]).toEqual([character, expect.any(Number)]);
      expect(start).toBeGreaterThan(from);
      from = start + clip.length;
    }
  });

  test('is a WAV file: PCM, mono, 8 bits, 11025 samples a second, as long as it says', () => {
    const wave = speakCaptcha('c29e2t', language);
    expect([wave.toString('latin1', 0, 4), wave.toString('latin1', 8, 16)]).toEqual(['RIFF', 'WAVEfmt ']);
    expect(wave.length % 2).toBe(0);
    expect([wave.readUInt32LE(4), wave.readUInt32LE(40)]).toEqual([wave.length - 8, wave.length - 44]);
    const [format, channels, bits] = [wave.readUInt16LE(20), wave.readUInt16LE(22), wave.readUInt16LE(34)];
    expect({ format, channels, bits, rate: wave.readUInt32LE(24) }).toEqual({
      format: 1,
      channels: 1,
      bits: 8,
      rate: 11025,
    });
  });

  test('takes between four and ten seconds for six characters', () => {
    const seconds = (speakCaptcha('wwwwww', language).length - 44) / 11025;
    expect(seconds).toBeGreaterThan(4);
    expect(seconds).toBeLessThan(10);
  });
});

test('the same text sounds the same, in any case; another text or language does not', () => {
  const spoken = speakCaptcha('c29e2t', 'en');
  expect(speakCaptcha('C29E2T', 'en').equals(spoken)).toBe(true);
  expect(speakCaptcha('c29e2u', 'en').equals(spoken)).toBe(false);
  expect(speakCaptcha('c29e2t', 'fa').equals(spoken)).toBe(false);
});

test('the clips are small enough to carry along', () => {
  const sizes = spokenLanguages.map((language) => statSync(new URL(`./clips/${language}.clips`, import.meta.url)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
});

test('refuses a character that a captcha never has', () => {
  expect(() => speakCaptcha('c29e21', 'fa')).toThrow(
    `expected "text" to have characters of "${captchaAlphabet}", got "1"`,
  );
});
