// Emta as `emta serve` starts it. Captchas and codes are always the same here, so that nobody has to look them up.
import { personas } from '../../fixtures/personas.ts';
import { systemClock } from '../../provider/kernel/clock.ts';
import { systemRandom } from '../../provider/kernel/random.ts';
import { parseClient } from '../../provider/oidc/clients.ts';
import { startEmta } from '../../provider/server.ts';
import { createMemoryStore } from '../../provider/store/memory.ts';
import { beSubject, type SubjectOptions } from './child.ts';
import { relyingParty } from './parties.ts';

const { port, store, population } = JSON.parse(process.argv[2] ?? '{}') as SubjectOptions;
const people = personas(systemClock);
const emta = await startEmta({
  port,
  issuer: `http://127.0.0.1:${port}`,
  clients: [parseClient(relyingParty)],
  citizens: people.flatMap(({ citizen }) => citizen ?? []),
  lines: people.map(({ line }) => line),
  random: { ...systemRandom, text: (length, alphabet) => alphabet.charAt(1).repeat(length) },
  store: store ? await redis(store) : createMemoryStore({ clock: systemClock }),
  rules: { codesPerHour: 1_000_000 },
  ...(population !== undefined && { population }),
});
beSubject(emta.issuer, () => emta.close());

async function redis(address: string) {
  const { createRedisStore } = await import('../../provider/store/redis.ts');
  return createRedisStore(address);
}
