// `npm run failure`: three processes of Emta behind nginx with Redis, a thousand journeys under way, and everything that
// can break breaking again and again. `npm run failure -- --journeys 5000 --seed 7` makes it longer. Ends with 1 where
// anything was lost.
import { parseArgs } from 'node:util';
import { seededRandom } from '../provider/kernel/random.ts';
import { type Blow, chaos } from './failure/chaos.ts';
import { startFleet } from './failure/fleet.ts';
import { lacking } from './failure/programs.ts';

const { values } = parseArgs({
  options: {
    journeys: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '1000' },
    think: { type: 'string', default: '8000' },
    pause: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(process.hrtime.bigint() % 1_000_000n) },
    blows: {
      type: 'string',
      default: 'crash,crash,half-open,crash,restart-redis,crash,pause-redis,replace,advance-clock',
    },
  },
});
const lack = lacking('redis-server', 'nginx');
if (lack !== undefined) {
  process.stderr.write(`emta: this trial ${lack}\n`);
  process.exit(2);
}
process.stdout.write(`seed ${values.seed}\n`);
const fleet = await startFleet();
const random = seededRandom(values.seed);
const tally = await chaos(fleet, {
  journeys: Number(values.journeys),
  atOnce: Number(values['at-once']),
  think: Number(values.think),
  pause: Number(values.pause),
  blows: values.blows.split(',') as Blow[],
  chance: () => Number(random.text(6, '0123456789')) / 1_000_000,
  say: (line) => process.stdout.write(`${line}\n`),
});
await fleet.stop();
process.stdout.write(`${JSON.stringify(tally, null, 2)}\n`);
const isSound =
  tally.lost.length === 0 &&
  tally.redeemedTwice === 0 &&
  tally.messages.missing === 0 &&
  tally.journal.broken === undefined &&
  tally.exitCodes.every((code) => code === 0);
process.stdout.write(isSound ? 'nothing was lost\n' : 'something was lost, see above\n');
process.exitCode = isSound ? 0 : 1;
