import { createHash } from 'node:crypto';
import { EmtaError } from '../../kernel/errors.ts';
import type { BirthDate, Citizen } from '../../registry/citizen.ts';
import { ageInYears, todayInTehran } from '../../registry/jalali.ts';
import type { ControlPorts } from './ports.ts';

const DAY = 86_400;
/** Tries in vain, one after the other, until nobody is said to be left; in a small population each has come up by then. */
const inVain = (size: number): number => Math.min(5000, 20 * size);
/** So many tries, and others have their turn. */
const TURNS_AT_ONCE = 200;
/** Drawn at once, at most. */
export const mostDrawn = 1000;

export interface Draw {
  readonly count: number;
  readonly minAge: number;
  /** The same seed draws the same people from the same population, apart from those drawn before. */
  readonly seed?: string;
  /** Gives the people drawn this date of birth, ISO 8601, in a copy above the population. */
  readonly bornOn?: BirthDate;
}

/** People nobody drew before, who can go through a whole journey: alive, known, old enough, with an active line of their own. */
export async function drawCitizens(
  { count, minAge, seed, bornOn }: Draw,
  { registry, store, random, clock }: Pick<ControlPorts, 'registry' | 'store' | 'random' | 'clock'>,
): Promise<readonly Citizen[]> {
  const root = seed ?? random.id();
  const today = todayInTehran(clock);
  const drawn: Citizen[] = [];
  let fruitless = 0;
  for (let turn = 0; drawn.length < count; turn += 1) {
    if (turn % TURNS_AT_ONCE === TURNS_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    fruitless += 1;
    if (fruitless > inVain(registry.size)) {
      throw new EmtaError('no_more_citizens', `expected ${count} people who fit, found ${drawn.length}`);
    }
    const { nationalCode } = registry.at(indexFor(`${root}:${turn}`, registry.size));
    // As they are by now: somebody may have changed them.
    const person = await registry.citizen(nationalCode);
    if (!person) continue;
    const fits =
      !person.deceased && !person.civilRegister && !person.enrolled && ageInYears(person.birthDate, today) >= minAge;
    if (!fits) continue;
    const lines = await registry.linesOf(person.nationalCode);
    const own = lines.find(
      (line) => line.owner === person.nationalCode && line.state === 'active' && !line.ownershipRegister,
    );
    if (!own || own.mobile !== lines[0]?.mobile) continue;
    if (!(await store.add(`drawn:{${person.nationalCode}}`, true, DAY))) continue;
    drawn.push(person);
    fruitless = 0;
  }
  if (bornOn === undefined) return drawn;
  const reborn = drawn.map((person): Citizen => ({ ...person, birthDate: bornOn }));
  await registry.put({ citizens: reborn });
  return reborn;
}

function indexFor(text: string, size: number): number {
  return Number(createHash('sha256').update(text).digest().readBigUInt64BE() % BigInt(size));
}
