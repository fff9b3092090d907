// Makes provider/captcha/clips/{en,fa}.clips with espeak-ng, which only this script needs:
//   apt-get install espeak-ng && node scripts/captcha-clips.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'provider', 'captcha', 'clips');
// Half the band of a telephone's would do for vowels; s, f and t need what lies above it.
const rate = 11_025;
const silence = 150;

// How each character is said, in espeak-ng's own phonemes: its Persian dictionary reads some names of letters as words.
const languages = {
  en: {
    voice: 'en-gb',
    phonemes: {
      a: "'eI",
      b: "b'i:",
      c: "s'i:",
      d: "d'i:",
      e: "'i:",
      f: "'Ef",
      g: "dZ'i:",
      h: "'eItS",
      j: "dZ'eI",
      k: "k'eI",
      m: "'Em",
      n: "'En",
      p: "p'i:",
      q: "kj'u:",
      r: "'A@",
      s: "'Es",
      t: "t'i:",
      u: "j'u:",
      v: "v'i:",
      w: "d'Vb@Lj,u:",
      x: "'Eks",
      y: "w'aI",
      z: "z'Ed",
      2: "t'u:",
      3: "Tr'i:",
      4: "f'o@",
      5: "f'aIv",
      6: "s'Iks",
      7: "s'Ev@n",
      8: "'eIt",
      9: "n'aIn",
    },
  },
  fa: {
    voice: 'fa',
    phonemes: {
      a: "'e:j",
      b: "b'i:",
      c: "s'i:",
      d: "d'i:",
      e: "'i:",
      f: "'e:f",
      g: "dZ'i:",
      h: "'e:tS",
      j: "dZ'ej",
      k: "k'ej",
      m: "'e:m",
      n: "'e:n",
      p: "p'i:",
      q: "k'iju",
      r: "'AR",
      s: "'e:s",
      t: "t'i:",
      u: "j'u:",
      v: "v'i:",
      w: "dAb'elju",
      x: "'iks",
      y: "v'Aj",
      z: "z'ed",
      2: "d'o",
      3: "s'e:",
      4: "tS'AhAR",
      5: "p'andZ",
      6: "S'eS",
      7: "h'aft",
      8: "h'aSt",
      9: "n'oh",
    },
  },
};

mkdirSync(folder, { recursive: true });
for (const [language, { voice, phonemes }] of Object.entries(languages)) {
  const clips = Object.entries(phonemes).map(([character, sound]) => [character, clip(voice, sound)]);
  const lengths = Object.fromEntries(clips.map(([character, samples]) => [character, samples.length]));
  const head = Buffer.from(`${JSON.stringify({ rate, lengths })}\n`);
  const file = join(folder, `${language}.clips`);
  writeFileSync(file, Buffer.concat([head, ...clips.map(([, samples]) => samples)]));
  process.stdout.write(`emta: ${language}.clips has ${clips.length} clips, ${samplesIn(lengths)} samples\n`);
}

function samplesIn(lengths) {
  return Object.values(lengths).reduce((sum, length) => sum + length, 0);
}

/** One spoken character: unsigned samples of 8 bits around 128, trimmed, equally loud. */
function clip(voice, sound) {
  const trimmed = evenOut(trim(resample(...brighten(...speak(voice, sound)))));
  const loudest = Math.max(...trimmed.map(Math.abs));
  const fade = 40;
  return Buffer.from(
    trimmed.map((sample, index) => {
      const edge = Math.min(1, (index + 1) / fade, (trimmed.length - index) / fade);
      return Math.round(128 + (sample / loudest) * 112 * edge);
    }),
  );
}

function speak(voice, sound) {
  const done = spawnSync('espeak-ng', ['-v', voice, '-s', '155', '-g', '0', '--stdout', `[[${sound}]]`]);
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`expected espeak-ng to speak "${sound}", got ${done.stderr}`);
  const wav = done.stdout;
  const data = wav.indexOf('data') + 8;
  const samples = new Int16Array((wav.length - data) >> 1).map((_, index) => wav.readInt16LE(data + 2 * index));
  return [[...samples], wav.readUInt32LE(24)];
}

/** Raises high tones against low ones, in which consonants differ. */
function brighten(samples, from) {
  return [samples.map((sample, index) => sample - 0.8 * (samples[index - 1] ?? 0)), from];
}

/** Lifts what is soft, such as a consonant, nearer to what is loud, such as the vowel after it. */
function evenOut(samples) {
  const reach = Math.round(rate * 0.01);
  const loudness = samples.map((_, index) => {
    const around = samples.slice(Math.max(0, index - reach), index + reach);
    return Math.sqrt(around.reduce((sum, sample) => sum + sample ** 2, 0) / around.length);
  });
  const loudest = Math.max(...loudness);
  return samples.map((sample, index) => sample * Math.min(8, (loudest / loudness[index]) ** 0.6));
}

/** To our rate, with a windowed sinc that takes away what would alias. */
function resample(samples, from) {
  const cutoff = (0.95 * rate) / from;
  const reach = Math.ceil(16 / cutoff);
  return Array.from({ length: Math.floor((samples.length * rate) / from) }, (_, index) => {
    const middle = (index * from) / rate;
    let sum = 0;
    for (let at = Math.ceil(middle - reach); at <= middle + reach; at += 1) {
      const distance = at - middle;
      const angle = Math.PI * distance * cutoff;
      const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
      sum += (samples[at] ?? 0) * sinc * cutoff * (0.5 + 0.5 * Math.cos((Math.PI * distance) / reach));
    }
    return sum;
  });
}

function trim(samples) {
  const first = samples.findIndex((sample) => Math.abs(sample) > silence);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > silence);
  return samples.slice(Math.max(0, first - 80), last + 160);
}
