import { createHash } from 'node:crypto';
import type { Faker, Randomizer } from '@faker-js/faker';
import { faker as persianFaker } from '@faker-js/faker/locale/fa';
import { EmtaError } from '../kernel/errors.ts';
import { sound } from '../kernel/parsed.ts';
import { normaliseText } from '../kernel/text.ts';
import { parseIsoBirthDate } from './birth-date.ts';
import type { Citizen, Line, Mobile, NationalCode } from './citizen.ts';
import { isJalaliDay, toIso } from './jalali.ts';
import { parseNationalCode } from './national-code.ts';
import { assignedNumbers, type NumberSpace, safeNumbers } from './number-space.ts';
import { serialLetters } from './offices.ts';
import { mix, permutation } from './permutation.ts';

export interface PopulationOptions {
  /** The same seed gives the same people everywhere. Default: 4299. */
  readonly seed?: number | string;
  /** How many people. Default: 90,000,000. */
  readonly size?: number;
  /** Uses prefixes that belong to nobody, which strict validators refuse. Default: false. */
  readonly safeNumbers?: boolean;
}

/** A country of made-up people, of whom none is kept: each is computed from the seed when asked for. */
export interface Population {
  readonly size: number;
  /** Person number `index`, 0 <= index < size. */
  at(index: number): Citizen;
  citizen(nationalCode: string): Citizen | undefined;
  line(mobile: Mobile): Line | undefined;
  /** The lines that this person owns: their own first, then those lent to the family. */
  linesOf(nationalCode: string): readonly Line[];
}

const defaultPopulationSize = 90_000_000;

/** Ages are counted from 1405/01/01, whatever the clock shows, so that nobody's birth date moves. */
const referenceYear = 1405;
const ageOfMajority = 18;
/** Families stand side by side: father, mother, two children. */
const familySize = 4;
/** People kept of those asked for last. */
const keptPeople = 1_000;
const linesPerPerson = 3;
/** From this year on the shenasnameh number is the national code. */
const unifiedSince = 1368;

/** What chance is asked for. Each question has its own stream, so that a new one changes no answer of the others. */
const question = {
  fatherAge: 1,
  motherAge: 2,
  childAge: 3,
  gender: 4,
  birthDay: 5,
  givenName: 6,
  familyName: 7,
  fatherName: 8,
  shenasnameh: 9,
  serial: 10,
  hasEmail: 11,
  hasLine: 12,
  isLent: 13,
  isInactive: 14,
} as const;

type Question = keyof typeof question;

/** Makes a population; costs the same for ten people as for ninety million. */
export function createPopulation(options: PopulationOptions = {}): Population {
  const size = options.size ?? defaultPopulationSize;
  const space: NumberSpace = options.safeNumbers === true ? safeNumbers : assignedNumbers;
  const most = Math.min(space.nationalCodes, Math.floor(space.mobiles / linesPerPerson));
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw new EmtaError('bad_option', `expected "population" to be 1 to ${most}, got ${size}`);
  }

  const seed = String(options.seed ?? 4299);
  const codes = permutation(space.nationalCodes, keysFrom(seed, 'national code'));
  const mobiles = permutation(space.mobiles, keysFrom(seed, 'mobile'));
  const [firstKey = 0, secondKey = 0] = keysFrom(seed, 'people');
  const names = seededNames();

  /** A number of 32 bits, drawn evenly, that belongs to this question about this person. */
  const draw = (about: Question, index: number): number =>
    mix(mix(index, firstKey) ^ Math.imul(question[about], 0x9e3779b1), secondKey);
  const share = (about: Question, index: number): number => draw(about, index) / 2 ** 32;
  const below = (bound: number, about: Question, index: number): number => Math.floor(share(about, index) * bound);

  const codeOf = (index: number): NationalCode => space.nationalCodeAt(codes.forward(index));
  const mobileOf = (index: number, slot: number): Mobile =>
    space.mobileAt(mobiles.forward(index * linesPerPerson + slot));

  const indexOf = (nationalCode: string): number | undefined => {
    const code = parseNationalCode(nationalCode, { mode: 'machine' });
    const position = code.ok ? space.positionOfNationalCode(code.value) : undefined;
    const index = position === undefined ? undefined : codes.backward(position);
    return index === undefined || index >= size ? undefined : index;
  };

  const fatherOf = (index: number): number => index - (index % familySize);
  const isChild = (index: number): boolean => index % familySize > 1;

  const genderOf = (index: number): Citizen['gender'] => {
    switch (index % familySize) {
      case 0:
        return 'male';
      case 1:
        return 'female';
      default:
        return share('gender', index) < 0.5 ? 'female' : 'male';
    }
  };

  /** 0 to 100, at the reference date; parents are old enough for their children. */
  const ageOf = (index: number): number => {
    const father = fatherOf(index);
    const fatherAge = 25 + Math.floor(75 * share('fatherAge', father) ** 1.6);
    if (index === father) {
      return fatherAge;
    }
    const motherAge = Math.min(100, Math.max(20, fatherAge + 3 - below(12, 'motherAge', father)));
    return isChild(index)
      ? motherAge - ageOfMajority - below(Math.min(25, motherAge - ageOfMajority + 1), 'childAge', index)
      : motherAge;
  };

  const birthOf = (index: number): { readonly year: number; readonly month: number; readonly day: number } => {
    const year = referenceYear - 1 - ageOf(index);
    const days = isJalaliDay({ year, month: 12, day: 30 }) ? 366 : 365;
    const dayOfYear = below(days, 'birthDay', index);
    return dayOfYear < 186
      ? { year, month: 1 + Math.floor(dayOfYear / 31), day: 1 + (dayOfYear % 31) }
      : { year, month: 7 + Math.floor((dayOfYear - 186) / 30), day: 1 + ((dayOfYear - 186) % 30) };
  };

  /** Not the father's, and not that of the older brother or sister. */
  const givenNameOf = (index: number): string => {
    const father = fatherOf(index);
    const taken = isChild(index) ? [givenNameOf(father), ...(index - father > 2 ? [givenNameOf(index - 1)] : [])] : [];
    return names.given(genderOf(index), draw('givenName', index), taken);
  };
  const familyNameOf = (index: number): string =>
    names.family(draw('familyName', isChild(index) ? fatherOf(index) : index));
  const fatherNameOf = (index: number): string =>
    isChild(index)
      ? givenNameOf(fatherOf(index))
      : names.given('male', draw('fatherName', index), [givenNameOf(index)]);

  const at = (index: number): Citizen => {
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw new RangeError(`expected "index" to be 0 to ${size - 1}, got ${index}`);
    }
    const nationalCode = codeOf(index);
    const birth = birthOf(index);
    const iso = toIso(birth);
    const serial = draw('serial', index);
    return {
      nationalCode,
      givenName: givenNameOf(index),
      familyName: familyNameOf(index),
      fatherName: fatherNameOf(index),
      birthDate: sound(parseIsoBirthDate(iso), iso),
      gender: genderOf(index),
      shenasnamehNumber: birth.year >= unifiedSince ? nationalCode : String(1 + below(9999, 'shenasnameh', index)),
      shenasnamehSerial: serialOf(serial),
      placeOfIssue: space.placeOfIssue(nationalCode),
      ...(share('hasEmail', index) < 0.6 ? { email: `citizen-${index.toString(36)}@example.com` } : {}),
    };
  };

  /** Everybody has one active line; an adult may have two more; a minor's is in the father's name. */
  const lineAt = (index: number, slot: number): (Line & { readonly ownerIndex: number }) | undefined => {
    const isMinor = ageOf(index) < ageOfMajority;
    const position = index * linesPerPerson + slot;
    if (slot > 0 && (isMinor || share('hasLine', position) >= (slot === 1 ? 0.45 : 0.15))) {
      return undefined;
    }
    const isLent = isMinor || (slot === 1 && share('isLent', position) < 0.2);
    const isInactive = slot > 0 && share('isInactive', position) < (slot === 1 ? 0.25 : 0.5);
    const ownerIndex = isLent ? fatherOf(index) : index;
    return {
      mobile: mobileOf(index, slot),
      owner: codeOf(ownerIndex),
      state: isInactive ? 'inactive' : 'active',
      ownerIndex,
    };
  };

  // One journey asks for one person several times. They are always the same, so the last thousand are kept.
  const recent = new Map<number, Citizen>();
  const rememberedAt = (index: number): Citizen => {
    const known = recent.get(index);
    if (known) return known;
    const citizen = at(index);
    recent.set(index, citizen);
    const [oldest] = recent.keys();
    if (recent.size > keptPeople && oldest !== undefined) recent.delete(oldest);
    return citizen;
  };

  const withoutIndex = ({ mobile, owner, state }: Line): Line => ({ mobile, owner, state });

  return {
    size,
    at,
    citizen(nationalCode) {
      const index = indexOf(nationalCode);
      return index === undefined ? undefined : rememberedAt(index);
    },
    line(mobile) {
      const position = space.positionOfMobile(mobile);
      const number = position === undefined ? undefined : mobiles.backward(position);
      if (number === undefined || number >= size * linesPerPerson) {
        return undefined;
      }
      const line = lineAt(Math.floor(number / linesPerPerson), number % linesPerPerson);
      return line === undefined ? undefined : withoutIndex(line);
    },
    linesOf(nationalCode) {
      const owner = indexOf(nationalCode);
      if (owner === undefined) {
        return [];
      }
      const father = fatherOf(owner);
      const others = owner === father ? [owner + 1, owner + 2, owner + 3].filter((index) => index < size) : [];
      return [owner, ...others].flatMap((index) =>
        Array.from({ length: linesPerPerson }, (_, slot) => lineAt(index, slot)).flatMap((line) =>
          line?.ownerIndex === owner ? [withoutIndex(line)] : [],
        ),
      );
    },
  };
}

function serialOf(drawn: number): string {
  const letter = serialLetters[drawn % serialLetters.length];
  const series = 1 + (Math.floor(drawn / 4) % 99);
  const serial = Math.floor(drawn / 400) % 1_000_000;
  return `${letter} ${String(series).padStart(2, '0')} ${String(serial).padStart(6, '0')}`;
}

function keysFrom(seed: string, purpose: string): Uint32Array {
  const digest = createHash('sha256').update(`emta population\n${purpose}\n${seed}`).digest();
  return Uint32Array.from({ length: 8 }, (_, position) => digest.readUInt32LE(position * 4));
}

/** Faker's Persian names, each drawn by a number of ours. `firstName(sex)` draws from names of either sex too. */
function seededNames(): {
  /** A name that is not one of `taken`. */
  given(gender: Citizen['gender'], drawn: number, taken: readonly string[]): string;
  family(drawn: number): string;
} {
  let state = 0;
  // Faker's own twister takes 20 µs to seed, more than all else that a person costs.
  const randomizer: Randomizer = {
    next() {
      state = (state + 0x9e3779b9) | 0;
      return mix(state, 0x2545f491) / 2 ** 32;
    },
    seed(value) {
      state = typeof value === 'number' ? value | 0 : mix(value[0] ?? 0, value[1] ?? 0);
    },
  };
  // An instance of our own, since the package's is shared with whoever else uses it in this process. The class itself
  // is exported beside every locale of the world, which would cost each start 60 ms.
  const own: Faker = Reflect.construct(persianFaker.constructor, [{ locale: persianFaker.rawDefinitions, randomizer }]);
  return {
    given(gender, drawn, taken) {
      own.seed(drawn);
      for (;;) {
        const name = tidy(own.helpers.arrayElement(own.definitions.person.first_name[gender] ?? []));
        if (!taken.includes(name)) return name;
      }
    },
    family(drawn) {
      own.seed(drawn);
      return tidy(own.person.lastName());
    },
  };
}

/** Some of Faker's names end in a joiner or hold Arabic letters. */
function tidy(name: string): string {
  return normaliseText(name)
    .replace(/^[\s\u200c]+|[\s\u200c]+$/g, '')
    .replace(/\s+/g, ' ');
}
