import type { CitizenRegistry, CivilAnswer, OwnershipAnswer } from '../kernel/ports.ts';
import { compareKey } from '../kernel/text.ts';
import type { Citizen, Line, Mobile, NationalCode } from './citizen.ts';
import { parseMobile } from './mobile.ts';
import { anyCode, parseNationalCode } from './national-code.ts';
import { type Configured, memoryOverlay, nobodyConfigured, type Overlay, type SharedOverlay } from './overlay.ts';
import type { Population } from './population.ts';

export interface RegistryOptions {
  readonly population: Population;
  /** Personas: above the population, below the overlay. Default: none. */
  readonly people?: readonly Citizen[];
  readonly lines?: readonly Line[];
  /** Those of a configuration file: above the personas, below the overlay. Default: none. */
  readonly configured?: Configured;
  /** What developers add or change. Default: kept in memory. */
  readonly overlay?: Overlay;
  /** The same for every process of one store; stands above all else. */
  readonly shared?: SharedOverlay;
}

/** How many people of the population a search by name looks at; ninety million would take minutes. */
const searchedByName = 5_000;

/** The civil and the ownership register over personas, overlay and population. */
export function createRegistry(options: RegistryOptions): CitizenRegistry {
  const { population, overlay = memoryOverlay(), configured = nobodyConfigured(), shared } = options;
  const people = new Map((options.people ?? []).map((citizen) => [citizen.nationalCode, citizen]));
  const lines = new Map((options.lines ?? []).map((line) => [line.mobile, line]));

  const added = (code: NationalCode): Citizen | undefined =>
    overlay.citizens.get(code) ?? configured.citizens.get(code) ?? people.get(code);
  const citizenOf = async (code: NationalCode): Promise<Citizen | undefined> =>
    (await shared?.citizen(code)) ?? added(code) ?? population.citizen(code);
  const lineOf = async (mobile: Mobile): Promise<Line | undefined> =>
    (await shared?.line(mobile)) ??
    overlay.lines.get(mobile) ??
    configured.lines.get(mobile) ??
    lines.get(mobile) ??
    population.line(mobile);

  async function linesOf(owner: NationalCode): Promise<readonly Line[]> {
    const candidates = [
      ...lines.values(),
      ...configured.lines.values(),
      ...overlay.lines.values(),
      ...population.linesOf(owner),
    ];
    const mobiles = new Set([
      ...candidates.filter((line) => line.owner === owner).map(({ mobile }) => mobile),
      ...((await shared?.mobilesOf(owner)) ?? []),
    ]);
    const found = await Promise.all([...mobiles].map(lineOf));
    return found.flatMap((line) => (line?.owner === owner ? [line] : []));
  }

  async function askCivilRegister(nationalCode: NationalCode, birthDate: string): Promise<CivilAnswer> {
    const citizen = await citizenOf(nationalCode);
    if (citizen === undefined) {
      return { kind: 'unknown_code' };
    }
    if (citizen.civilRegister !== undefined) {
      return { kind: citizen.civilRegister };
    }
    if (citizen.deceased === true) {
      return { kind: 'deceased' };
    }
    return citizen.birthDate === birthDate ? { kind: 'match', citizen } : { kind: 'birth_mismatch' };
  }

  async function askOwnership(mobile: Mobile, nationalCode: NationalCode): Promise<OwnershipAnswer> {
    const line = await lineOf(mobile);
    return line?.ownershipRegister ?? (line?.owner === nationalCode ? 'owner' : 'not_owner');
  }

  async function* everybodyBySearchOrder(): AsyncGenerator<Citizen> {
    const put = new Map((await shared?.all())?.citizens.map((citizen) => [citizen.nationalCode, citizen]));
    for (const code of people.keys()) {
      const citizen = put.get(code) ?? added(code);
      if (citizen !== undefined) {
        yield citizen;
      }
    }
    for (const [code, citizen] of new Map([...configured.citizens, ...overlay.citizens, ...put])) {
      if (!people.has(code)) {
        yield citizen;
      }
    }
    for (let index = 0; index < Math.min(population.size, searchedByName); index += 1) {
      const citizen = population.at(index);
      if (!put.has(citizen.nationalCode) && added(citizen.nationalCode) === undefined) {
        yield citizen;
      }
    }
  }

  return {
    async citizen(nationalCode) {
      const code = parseNationalCode(nationalCode, anyCode);
      return code.ok ? citizenOf(code.value) : undefined;
    },
    line: lineOf,
    linesOf,
    askCivilRegister,
    askOwnership,
    async find(text, limit) {
      const exact = await byNumber(text, citizenOf, lineOf);
      if (exact !== undefined) {
        return exact.slice(0, limit);
      }
      const key = compareKey(text);
      const found: Citizen[] = [];
      for await (const citizen of everybodyBySearchOrder()) {
        if (found.length >= limit) {
          break;
        }
        if (key === '' || searchKey(citizen).includes(key)) {
          found.push(citizen);
        }
      }
      return found;
    },
    at(index) {
      const citizen = population.at(index);
      return added(citizen.nationalCode) ?? citizen;
    },
    size: population.size,
    async put(change) {
      if (options.overlay !== undefined || shared === undefined) {
        await overlay.put(change);
      }
      await shared?.put(change);
    },
  };
}

/** Whom a whole national code or mobile number belongs to; undefined where the text is neither. */
async function byNumber(
  text: string,
  citizenOf: (code: NationalCode) => Promise<Citizen | undefined>,
  lineOf: (mobile: Mobile) => Promise<Line | undefined>,
): Promise<readonly Citizen[] | undefined> {
  const code = parseNationalCode(text, anyCode);
  const mobile = parseMobile(text);
  if (!code.ok && !mobile.ok) {
    return undefined;
  }
  const owner = mobile.ok ? (await lineOf(mobile.value))?.owner : undefined;
  const codes = new Set([code.ok ? code.value : undefined, owner]);
  const found = await Promise.all([...codes].map((one) => (one === undefined ? undefined : citizenOf(one))));
  return found.filter((citizen) => citizen !== undefined);
}

function searchKey({ persona = '', givenName, familyName, nationalCode }: Citizen): string {
  return compareKey(`${persona}\n${givenName}${familyName}\n${nationalCode}`);
}
