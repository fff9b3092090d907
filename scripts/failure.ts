// `npm run failure`: a thousand journeys at once in one process, then a thousand through three processes behind nginx with
// Redis, while everything that can break breaks again and again. `npm run failure -- --journeys 5000 --seed 7` makes it
// longer. Ends with 1 where anything was lost.
import { parseArgs } from 'node:util';
import { seededRandom } from '../provider/kernel/random.ts';
import { type BlowName, blowNames, blowsOn } from './failure/blows.ts';
import { chaos, isSound } from './failure/chaos.ts';
import { startFleet, startSingle } from './failure/fleet.ts';
import { lacking } from './failure/programs.ts';
import { lackingDisks } from './failure/small-disk.ts';

const { values } = parseArgs({
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
const unknown = values.blows.split(',').find((name) => !(blowNames as readonly string[]).includes(name));
const lack = unknown === undefined ? lacking('redis-server', 'nginx') : `expected blows of ${blowNames.join(', ')}`;
if (lack !== undefined) {
  process.stderr.write(`emta: this trial ${lack}\n`);
  process.exit(2);
}
const noDisk = lackingDisks();
const names = (values.blows.split(',') as BlowName[]).filter((name) => name !== 'full-disk' || noDisk === undefined);
const random = seededRandom(values.seed);
const options = {
  journeys: Number(values.journeys),
  atOnce: Number(values.journeys),
  think: Number(values.think),
  pause: Number(values.pause),
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
