import { captchaCharacters } from './alphabet.ts';
import { readClips, type SpokenLanguage } from './clips.ts';
import { numbersFrom } from './numbers.ts';

const middle = 128;
/** Loudest noise, of 127. */
const noise = 2;
const pauseSeconds = { least: 0.35, most: 0.6 } as const;

/** A captcha read out, character by character, over a little noise: audio/wav. The same text sounds the same. */
export function speakCaptcha(text: string, language: SpokenLanguage): Buffer {
  const clips = readClips(language);
  const characters = captchaCharacters(text);
  const numbers = numbersFrom(`${language}:${characters.join('')}`);
  const pause = () =>
    new Uint8Array(Math.round(clips.rate * numbers.between(pauseSeconds.least, pauseSeconds.most))).fill(middle);
  const speech = Buffer.concat([
    pause(),
    ...characters.flatMap((character) => [clips.of.get(character) ?? new Uint8Array(), pause()]),
  ]);
  // A chunk of a WAV file has an even length.
  const samples = speech
    .subarray(0, speech.length - (speech.length % 2))
    .map((sample) => Math.min(255, Math.max(0, sample + Math.round(numbers.between(-noise, noise)))));
  return Buffer.concat([waveHeader(samples.length, clips.rate), samples]);
}

/** The 44 bytes before the samples of a WAV file: PCM, one channel, 8 bits. */
function waveHeader(length: number, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(length, 40);
  return header;
}
