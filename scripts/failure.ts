// `npm run failure`: a thousand journeys at once in one process, then a thousand through three processes behind nginx with
// Redis, while everything that can break breaks again and again. Ends with 1 where anything was lost.
import { seededRandom } from '../provider/kernel/random.ts';
import { asked, countOf, namesOf, refuse } from './asked.ts';
import { blowNames, blowsOn } from './failure/blows.ts';
import { chaos, isSound } from './failure/chaos.ts';
import { startFleet, startSingle } from './failure/fleet.ts';
import { lacking } from './failure/programs.ts';
import { lackingDisks } from './failure/small-disk.ts';

const help = `Lets a thousand citizens walk at once while everything that can break breaks. Needs redis-server and nginx.

  npm run failure -- [options]

  --journeys 1000   journeys, all at once, in each of the two trials
  --think 8000      milliseconds that a citizen takes for a page, at most
  --pause 3000      milliseconds between two blows
  --seed SEED       the same chance again
  --blows NAMES     some of ${blowNames.join(', ')}, as often and in the order given
`;

const { values } = asked(help, {
  options: {
    journeys: { type: 'string', default: '1000' },
    think: { type: 'string', default: '8000' },
    pause: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(process.hrtime.bigint() % 1_000_000n) },
    blows: {
      type: 'string',
      default: 'crash,crash,half-open,crash,restart-redis,crash,pause-redis,replace,full-disk,advance-clock',
    },
  },
});
const blows = namesOf('--blows', values.blows, blowNames);
const journeys = countOf('--journeys', values.journeys);
const lack = lacking('redis-server', 'nginx');
if (lack !== undefined) refuse(`this trial ${lack}`);
const noDisk = lackingDisks();
const names = blows.filter((name) => name !== 'full-disk' || noDisk === undefined);
const random = seededRandom(values.seed);
const options = {
  journeys,
  atOnce: journeys,
  think: countOf('--think', values.think),
  pause: countOf('--pause', values.pause),
  chance: () => Number(random.text(6, '0123456789')) / 1_000_000,
  say: (line: string) => process.stdout.write(`${line}\n`),
};
process.stdout.write(`seed ${values.seed}\n`);
if (noDisk !== undefined) process.stdout.write(`no disk is filled, which ${noDisk}\n`);

process.stdout.write('\none process that keeps everything in memory\n');
const single = await startSingle();
const alone = await chaos({ ...options, issuer: single.issuer, blows: [] });
await single.stop();
process.stdout.write(`${JSON.stringify(alone, null, 2)}\n`);

process.stdout.write('\nthree processes behind nginx, with Redis\n');
const fleet = await startFleet();
const { blow, exitCodes } = blowsOn(fleet, options.chance);
const together = await chaos({ ...options, issuer: fleet.issuer, blows: names.map(blow) });
await fleet.stop();
process.stdout.write(`${JSON.stringify({ ...together, exitCodes }, null, 2)}\n`);

const isWell = isSound(alone) && isSound(together) && exitCodes.every((code) => code === 0);
process.stdout.write(isWell ? '\nnothing was lost\n' : '\nsomething was lost, see above\n');
process.exitCode = isWell ? 0 : 1;
