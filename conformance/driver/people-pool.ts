import { jalaaliMonthLength, toGregorian } from 'jalaali-js';
import { fold } from '../observe/fold.ts';
import { foundIn, needlesOf } from '../observe/needles.ts';
import type { PersonWish, Role } from '../scenarios/scenario.ts';
import type { EmtaControl } from './emta-control.ts';
import type { Person } from './person.ts';

/** Citizens that nobody has met before, each used in one case and in no other. */
export interface PeoplePool {
  take(wishes: Readonly<Record<Role, PersonWish>>): Promise<Readonly<Record<Role, Person>>>;
  /** Pages of the relying party on which nobody is named: citizens whose names stand there tell nothing. */
  avoid(haystack: string): void;
}

const BATCH = 60;

/** The calendar day in Tehran, by Jalali year, month and day. */
function jalaliToday(now: number): readonly [year: number, month: number, day: number] {
  const parts = new Intl.DateTimeFormat('en-u-ca-persian', {
    timeZone: 'Asia/Tehran',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  }).formatToParts(new Date(now));
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? '');
  return [of('year'), of('month'), of('day')];
}

/** `18 today` and `18 tomorrow` by the Jalali calendar; anything else is a date. */
export function birthDateOf(wish: string, now: number): string {
  const which = /^18 (today|tomorrow)$/.exec(wish)?.[1];
  if (which === undefined) return wish;
  const [year, month, day] = jalaliToday(now + (which === 'tomorrow' ? 86_400_000 : 0));
  // who was born on 30 Esfand turns 18 on 1 Farvardin where the year has no such day; never the other way round
  const born = toGregorian(year - 18, month, Math.min(day, jalaaliMonthLength(year - 18, month)));
  return [born.gy, born.gm, born.gd].map((part) => String(part).padStart(2, '0')).join('-');
}

/** All that pages may say of a citizen. */
const saidOf = (person: Person): string => {
  const { givenName, familyName, fatherName, placeOfIssue, birthJalali, birthDate, nationalCode, mobile } = person;
  const values = [givenName, familyName, fatherName, placeOfIssue, birthJalali, birthDate, nationalCode, mobile];
  return fold(values.join('\n'));
};

/** Whether one of two citizens could be taken for the other where only the other is named: `Ali Amini` holds `Amini`. */
const areMistakable = (a: Person, b: Person) =>
  foundIn(saidOf(a), needlesOf(b)).length > 0 || foundIn(saidOf(b), needlesOf(a)).length > 0;

export function createPeoplePool(
  control: Pick<EmtaControl, 'draw' | 'putPeople'>,
  seed: string,
  now: () => number,
  /** What any of several pools was told to avoid. */
  avoided: string[] = [],
): PeoplePool {
  const ready: Person[] = [];
  let batches = 0;
  const isNamedIn = (haystack: string) => (person: Person) => foundIn(haystack, needlesOf(person)).length > 0;

  const drawOne = async (others: readonly Person[], begins = ''): Promise<Person> => {
    for (;;) {
      const index = ready.findIndex(
        (person) => person.nationalCode.startsWith(begins) && !others.some((other) => areMistakable(person, other)),
      );
      const [person] = index < 0 ? [] : ready.splice(index, 1);
      if (person !== undefined) return person;
      batches += 1;
      const drawn = await control.draw(BATCH, { seed: `${seed}.${batches}`, min_age: 20 });
      ready.push(...drawn.filter((person) => !avoided.some((haystack) => isNamedIn(haystack)(person))));
    }
  };

  const drawAged = async (wish: PersonWish, role: Role, others: readonly Person[]): Promise<Person> => {
    for (;;) {
      const [person] = await control.draw(1, {
        seed: `${seed}.${role}.${batches++}`,
        ...(wish.bornOn === undefined ? {} : { born_on: birthDateOf(wish.bornOn, now()) }),
        ...(wish.minAge === undefined ? {} : { min_age: wish.minAge }),
      });
      if (person === undefined) throw new Error(`Emta drew nobody for "${role}"`);
      if (!others.some((other) => areMistakable(person, other))) return person;
    }
  };

  /** One after the other, so that two cases never get the same citizen. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(act);
    turn = mine.catch(() => undefined);
    return mine;
  };

  return {
    avoid(haystack) {
      avoided.push(haystack);
      ready.splice(0, ready.length, ...ready.filter((person) => !isNamedIn(haystack)(person)));
    },
    take: (wishes) =>
      inTurn(async () => {
        const people: Record<Role, Person> = {};
        const changed: Person[] = [];
        for (const [role, wish] of Object.entries(wishes)) {
          const others = Object.values(people);
          const drawn =
            wish.bornOn === undefined && wish.minAge === undefined
              ? await drawOne(others, wish.nationalCodeBegins)
              : await drawAged(wish, role, others);
          const model = wish.sharing === undefined ? undefined : people[wish.sharing.with];
          const shared = Object.fromEntries(
            (wish.sharing?.what ?? []).flatMap((what) => (model?.[what] === undefined ? [] : [[what, model[what]]])),
          );
          const person: Person = {
            ...drawn,
            ...(wish.givenName === undefined ? {} : { givenName: wish.givenName }),
            ...(wish.familyName === undefined ? {} : { familyName: wish.familyName }),
            ...shared,
          };
          if (wish.givenName !== undefined || wish.familyName !== undefined || Object.keys(shared).length > 0)
            changed.push(person);
          people[role] = person;
        }
        if (changed.length > 0) await control.putPeople({ people: changed });
        return people;
      }),
  };
}
