// Emta as `emta serve` starts it. Captchas and codes are always the same here, so that nobody has to look them up.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { personas } from '../../fixtures/personas.ts';
import { systemClock } from '../../provider/kernel/clock.ts';
import { systemRandom } from '../../provider/kernel/random.ts';
import { parseClient } from '../../provider/oidc/clients.ts';
import { startEmta } from '../../provider/server.ts';
import { createMemoryStore } from '../../provider/store/memory.ts';
import { beSubject, type SubjectOptions, type Usage, usageOfThisProcess } from './child.ts';
import { relyingParty } from './parties.ts';

const { port, store, population, workers = 1 } = JSON.parse(process.argv[2] ?? '{}') as SubjectOptions;
const issuer = `http://127.0.0.1:${port}`;

if (workers > 1 && cluster.isPrimary) {
  const all = Array.from({ length: workers }, () => cluster.fork());
  await Promise.all(all.map((worker) => once(worker, 'listening')));
  beSubject(
    issuer,
    async () => all.forEach((worker) => void worker.process.kill()),
    async () => {
      const each = await Promise.all(
        all.map(async (worker) => {
          worker.send('usage');
          const [usage] = (await once(worker, 'message')) as [Usage];
          return usage;
        }),
      );
      const sum = (member: keyof Usage) => each.reduce((total, usage) => total + usage[member], 0);
      return { cpu: sum('cpu'), heap: sum('heap'), rss: sum('rss') };
    },
  );
} else {
  const people = personas(systemClock);
  const emta = await startEmta({
    port,
    issuer,
    clients: [parseClient(relyingParty)],
    citizens: people.flatMap(({ citizen }) => citizen ?? []),
    lines: people.map(({ line }) => line),
    random: { ...systemRandom, text: (length, alphabet) => alphabet.charAt(1).repeat(length) },
    store: store ? await redis(store) : createMemoryStore({ clock: systemClock }),
    rules: { codesPerHour: 1_000_000 },
    ...(population !== undefined && { population }),
  });
  if (cluster.isWorker) process.on('message', () => process.send?.(usageOfThisProcess()));
  else beSubject(emta.issuer, () => emta.close());
}

async function redis(address: string) {
  const { createRedisStore } = await import('../../provider/store/redis.ts');
  return createRedisStore(address);
}
