import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seededRandom } from '../provider/kernel/random.ts';
import { settingNames, variableOf } from '../provider/settings.ts';
import { blowNames, blowsOn } from './failure/blows.ts';
import { chaos } from './failure/chaos.ts';
import { type Fleet, redirectUri, startFleet, startSingle } from './failure/fleet.ts';
import { answers, lacking } from './failure/programs.ts';
import { lackingDisks, makeSmallDisk } from './failure/small-disk.ts';

const chance = () => {
  const random = seededRandom('the short form');
  return () => Number(random.text(6, '0123456789')) / 1_000_000;
};
const sound = { lost: [], redeemedTwice: 0, messages: expect.objectContaining({ missing: 0 }) };

/** Defines tests where there is what they need; elsewhere says what is lacking, which is a failure in CI. */
function where(lack: string | undefined, name: string, define: () => void): void {
  if (lack === undefined) describe(name, define);
  else if (process.env.CI === 'true') test(name, () => expect(lack).toBeUndefined());
  else test.skip(`${name}, which ${lack}`, () => undefined);
}

where(lacking('redis-server', 'nginx'), 'three processes behind nginx, with Redis', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  }, 60_000);
  afterAll(async () => {
    await fleet.stop();
  }, 60_000);

  test('lose no journey, no message and no code whatever breaks', async () => {
    const { blow, exitCodes } = blowsOn(fleet, chance());
    const names = blowNames.filter((name) => name !== 'full-disk' || fleet.fillDisk !== undefined);
    const blows = names.map(blow);
    const some = { journeys: 20, atOnce: 20, think: 1_000, pause: 400, chance: chance() };
    const tally = await chaos({ issuer: fleet.issuer, ...some, blows });
    expect(tally).toMatchObject(sound);
    expect(tally.journal.broken).toBeUndefined();
    expect(tally.completed + tally.answerLost).toBe(tally.journeys);
    expect(Object.keys(tally.blows).toSorted()).toEqual(names.toSorted());
    expect(new Set(exitCodes)).toEqual(new Set([0]));
  }, 180_000);

  test('nginx keeps the metrics of a single process to itself', async () => {
    expect(await answers(`${fleet.issuer}/metrics`, 404)).toBe(true);
    expect(await answers(`${fleet.direct(0)}/metrics`, 200)).toBe(true);
  });
});

test('many journeys at once in one process each end as they began, with their own identity', async () => {
  const { issuer, stop } = await startSingle();
  const tally = await chaos({ issuer, journeys: 60, atOnce: 60, think: 0, pause: 0, blows: [], chance: chance() });
  expect(await stop()).toBe(0);
  expect(tally).toMatchObject({ ...sound, journeys: 60, completed: 60, retries: 0 });
}, 60_000);

where(lackingDisks(), 'on a full disk', () => {
  test('a change of the registry file is refused, what was there stays, and journeys go on', async () => {
    const disk = await makeSmallDisk(mkdtempSync(join(tmpdir(), 'emta-disk-')), 1);
    const flags = ['--data-folder', disk.folder, '--registry-file', 'registry.json'];
    const { issuer, stop } = await startSingle(flags, disk.inside);
    const add = (id: string) =>
      fetch(`${issuer}/_emta/v1/clients/${id}`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [redirectUri] }),
      });
    expect((await add('before')).ok).toBe(true);
    const kept = disk.read('registry.json');
    disk.fill();
    const refused = await add('meanwhile');
    expect([refused.status, await refused.json()]).toEqual([
      500,
      expect.objectContaining({ error: 'registry_file_unwritable' }),
    ]);
    expect(disk.read('registry.json')).toBe(kept);
    expect((await fetch(`${issuer}/_emta/v1/clients/meanwhile`)).status).toBe(404);
    expect(await answers(`${issuer}/healthz`, 200)).toBe(true);
    disk.clear();
    expect((await add('after')).ok).toBe(true);
    expect(disk.read('registry.json')).toContain('"after"');
    expect(await stop()).toBe(0);
    await disk.close();
  }, 60_000);
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
    // One version of Node.js for image and recipes.
    const recipe = readFileSync(new URL('recipes/gitlab-ci.yml', import.meta.url), 'utf8');
    const [, image] = /image: (\S+)/.exec(recipe) ?? [];
    const from = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, name]) => name);
    expect(from).toEqual([image, image]);
  });

  test('three processes, Redis with its file, and nginx, each with a root that cannot be written', () => {
    const compose = read('compose.yaml');
    expect(compose.match(/^ {2}emta-\d: \*emta$/gm)).toHaveLength(3);
    expect(compose).toContain('--appendonly');
    expect(compose.match(/read_only: true/g)).toHaveLength(2);
    expect(compose).toContain("ports: ['127.0.0.1:4280:8080']");
  });
});
