import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seededRandom } from '../provider/kernel/random.ts';
import { settingNames, variableOf } from '../provider/settings.ts';
import { type Blow, chaos } from './failure/chaos.ts';
import { type Fleet, startFleet } from './failure/fleet.ts';
import { answers, lacking } from './failure/programs.ts';

const lack = lacking('redis-server', 'nginx');
const onFleet = lack === undefined ? describe : describe.skip;

test(`three processes behind nginx${lack === undefined ? '' : ` are not tried here, which ${lack}`}`, () => {
  if (process.env.CI === 'true') expect(lack).toBeUndefined();
});

onFleet('three processes behind nginx, with Redis', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  }, 120_000);
  afterAll(async () => {
    await fleet.stop();
  }, 60_000);

  /** The short form of `npm run failure`. */
  const trial = (seed: string, journeys: number, ...blows: readonly Blow[]) => {
    const random = seededRandom(seed);
    return chaos(fleet, {
      journeys,
      atOnce: journeys,
      think: 2_500,
      pause: 1_200,
      blows,
      chance: () => Number(random.text(6, '0123456789')) / 1_000_000,
    });
  };
  const sound = { lost: [], redeemedTwice: 0, messages: expect.objectContaining({ missing: 0 }) };

  test.each<readonly [string, readonly Blow[]]>([
    ['a process is killed', ['crash']],
    ['Redis is killed and comes back with its file', ['restart-redis']],
    ['Redis falls silent', ['pause-redis']],
    ['the clock is put forward', ['advance-clock']],
    ['fifty clients send half a request', ['half-open']],
  ])(
    'lose no journey, no message and no code while %s',
    async (_what, blows) => {
      const tally = await trial(blows.join(), 15, ...blows);
      expect(tally).toMatchObject(sound);
      expect(tally.completed + tally.answerLost).toBe(15);
      expect(tally.journal.broken).toBeUndefined();
      expect(Object.values(tally.blows).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    },
    300_000,
  );

  test('lose nothing while one after another is asked to stop, and each ends with 0', async () => {
    const tally = await trial('replace', 15, 'replace');
    expect(tally).toMatchObject({ ...sound, answerLost: 0 });
    expect(new Set(tally.exitCodes)).toEqual(new Set([0]));
  }, 300_000);

  test('nginx keeps the metrics of a single process to itself', async () => {
    expect(await answers(`${fleet.issuer}/metrics`, 404)).toBe(true);
    expect(await answers(`${fleet.direct(0)}/metrics`, 200)).toBe(true);
  });
});

describe('the deployment files', () => {
  const read = (name: string) => readFileSync(new URL(`deploy/${name}`, import.meta.url), 'utf8');

  test.each(['Dockerfile', 'compose.yaml'])('%s names no setting that does not exist', (name) => {
    const named = [...read(name).matchAll(/\b(EMTA_[A-Z_]+)\b/g)].map(([variable]) => variable);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((variable) => !settingNames.map(variableOf).includes(variable))).toEqual([]);
  });

  test('the image runs as somebody without rights, and says how it is', () => {
    const steps = read('Dockerfile').split('\n');
    expect(steps.indexOf('USER node')).toBeGreaterThan(steps.findLastIndex((step) => step.startsWith('FROM')));
    expect(read('Dockerfile')).toContain('\nHEALTHCHECK ');
  });

  test('three processes, Redis with its file, and nginx, each with a root that cannot be written', () => {
    const compose = read('compose.yaml');
    expect(compose.match(/^ {2}emta-\d: \*emta$/gm)).toHaveLength(3);
    expect(compose).toContain('--appendonly');
    expect(compose.match(/read_only: true/g)).toHaveLength(2);
    expect(compose).toContain("ports: ['127.0.0.1:8080:8080']");
  });
});
